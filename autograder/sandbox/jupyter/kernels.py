"""A kernel for the grading engine: forked, isolated, ready in a tenth of a second, gone at once."""

from __future__ import annotations

import contextlib
import signal
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from autograder.model import Limits
from autograder.sandbox.jupyter.connection import connection_info
from autograder.sandbox.parent.client import WarmParent
from autograder.sandbox.parent.process import Process, SandboxError
from autograder.sandbox.parent.shared import shared_parent

if TYPE_CHECKING:
    from jupyter_client import KernelClient
    from jupyter_client.blocking import BlockingKernelClient

    Client = TypeVar("Client", bound=KernelClient)

TARGET = "autograder.sandbox.jupyter.kernel:serve"


class Kernel:
    """A running kernel. `process` is its child of the warm parent."""

    def __init__(self, process: Process, connection: dict[str, Any]) -> None:
        self.process = process
        self.connection = connection
        self._client: BlockingKernelClient | None = None

    @property
    def run_dir(self) -> str:
        """The folder of the kernel's sockets, at the same path for both sides; it can add none to it
        once cells run."""
        return self.process.run_dir

    @property
    def client(self) -> BlockingKernelClient:
        """A blocking client with its channels open."""
        if self._client is None:
            from jupyter_client.blocking import BlockingKernelClient

            self._client = self.connect(BlockingKernelClient)
        return self._client

    def connect(self, kind: type[Client]) -> Client:
        """A new client of class `kind` (BlockingKernelClient, AsyncKernelClient), channels open."""
        client = kind()
        client.load_connection_info(self.connection)  # type: ignore[arg-type]
        client.start_channels(hb=False)
        return client

    def interrupt(self) -> None:
        """As Ctrl-C: KeyboardInterrupt in the running cell."""
        self.process.send_signal(signal.SIGINT)

    @property
    def alive(self) -> bool:
        return not self.process.poll()

    def cause(self) -> str | None:
        """Why it ended, by name; None while it runs. See `process.Process.cause`."""
        return self.process.cause

    def close(self) -> None:
        """End it at once, with all that it started."""
        if self._client is not None:
            self._client.stop_channels()
            self._client.context.destroy(linger=0)
            self._client = None
        self.process.kill()


def start(
    *,
    limits: Limits | None = None,
    isolate: bool = True,
    parent: WarmParent | None = None,
    fds: Sequence[int] = (),
    prepare: str | None = None,
    terse: bool = False,
    threads: int | None = None,
    cwd: str | None = None,
    name: str = "",
    key: str = "",
) -> Kernel:
    """Start a kernel and wait until it can be spoken to. Raises SandboxError.

    `parent`: without one, this process's shared warm parent. `fds`: the caller's open files for the
    kernel's process, passed to `prepare` ("module:function"), which is called there with the
    `child.Child` before any cell runs. `terse`: the kernel's only client wants each cell's outputs, reply
    and end, and nothing else. `name` and `key` are those of a kernel whose place this one
    takes: its clients stay connected.
    """
    key = key or uuid.uuid4().hex
    options = {
        "limits": limits,
        "fds": fds,
        "isolate": isolate,
        "threads": threads,
        "cwd": cwd,
        "name": name,
    }
    payload = {"key": key, "prepare": prepare, "terse": terse}
    used = parent or shared_parent(isolate)
    try:
        return _start(used, payload, options)
    except SandboxError:
        if parent is not None or used.alive:
            raise
        return _start(shared_parent(isolate), payload, options)  # the shared one had died


def _start(parent: WarmParent, payload: dict[str, Any], options: dict[str, Any]) -> Kernel:
    process = parent.spawn(TARGET, payload, **options)
    try:
        process.wait_ready()
    except SandboxError:
        process.kill()
        raise
    return Kernel(process, connection_info(process.run_dir, payload["key"]))


@contextlib.contextmanager
def kernel(**options: Any) -> Iterator[Kernel]:
    """`start`, and `close` at the end."""
    started = start(**options)
    try:
        yield started
    finally:
        started.close()
