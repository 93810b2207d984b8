"""Turns a warm fork into a real ipykernel: the target that every sandboxed kernel runs."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

from ipykernel import ipkernel
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core import shellapp
from traitlets.config import Config

from autograder.sandbox import shell
from autograder.sandbox.child import Child, find
from autograder.sandbox.connection import connection_info
from autograder.sandbox.view import HOME


class Terse(IPythonKernel):
    """A kernel with the grader as its only client: it does not tell what nobody there reads, which is
    that a cell begins, and what is in it."""

    def _publish_execute_input(self, *_: Any) -> None:
        pass

    def _publish_status(self, status: str, *details: Any, **more: Any) -> None:
        if status != "busy":
            super()._publish_status(status, *details, **more)


class WarmKernelApp(IPKernelApp):
    """ipykernel's application without a connection file: what would be in it is its payload."""

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """There is none, and to build a parser for it takes a fifth of the start."""

    def init_connection_file(self) -> None:
        """The connection is known; there is no file to read or to name."""

    def write_connection_file(self, **_: Any) -> None:
        """Nobody on this side reads one."""

    def cleanup_connection_file(self) -> None:
        """The folder of the sockets is the parent's to remove."""

    def log_connection_info(self) -> None:
        self._ports = {
            name: getattr(self, f"{name}_port")
            for name in ("shell", "iopub", "stdin", "hb", "control")
        }

    def init_heartbeat(self) -> None:
        """Two threads and a context of their own, for clients that ask how it is."""
        if self.kernel_class is not Terse:
            super().init_heartbeat()

    def init_poller(self) -> None:
        """The supervisor looks after a dead parent."""

    def init_control(self, context: Any) -> None:
        """No thread that hands the shell's messages on: it is for subshells, and nobody opens one."""
        super().init_control(context)
        self.shell_channel_thread = None

    def _configure_logging(self) -> None:
        """Nobody reads what it logs; to set that up as usual is to visit every library's logger."""
        logging.getLogger(type(self).__name__).addHandler(logging.NullHandler())


def serve(child: Child) -> int:
    """Run a kernel until it is shut down.

    Payload: `key`, which signs messages; `prepare`, None or a `module:function` called with the
    Child once the kernel exists, before its folder is sealed and before any cell runs; and whether it
    is to be `terse`, which is to say no more than the grader reads.
    """
    connection = connection_info(child.run_dir, child.payload["key"])
    own = HOME if child.isolated else child.run_dir  # another kernel would run start-up files in it
    os.environ["IPYTHONDIR"] = f"{own}/.ipython"
    os.environ.pop("MPLBACKEND", None)
    sys.argv = ["ipykernel_launcher"]
    if "" not in sys.path:
        sys.path.insert(0, "")
    gc.disable()
    app = application()
    if child.payload["terse"]:
        app.kernel_class = Terse
    app.session.key = connection["key"].encode()
    for name in ("shell", "iopub", "stdin", "hb", "control"):
        setattr(app, f"{name}_port", int(connection[f"{name}_port"]))
    app.transport = connection["transport"]
    app.ip = connection["ip"]
    shell.take()
    with _few_modules():
        app.initialize([])
    shell.settle(app)
    assert app.shell is not None
    del app.shell._sys_modules_keys  # an empty list: `%reset aggressive` would forget every module
    if child.payload.get("prepare"):
        find(child.payload["prepare"])(child)
    gc.freeze()  # the kernel's own objects: nothing that the collector need look through
    gc.enable()
    child.ready()
    app.start()
    return 0


class Stream(OutStream):
    """Standard output, whose flush wakes the sending thread only if there is something to send.

    Each cell's end asks for four flushes, which take a third of the time of a cell that prints nothing.
    """

    def flush(self) -> None:
        if self._buffers or self._flush_pending or not self._is_master_process():
            super().flush()


class _Sys:
    """`sys`, but with no modules."""

    modules: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


@contextlib.contextmanager
def _few_modules() -> Iterator[None]:
    """Spares the kernel from listing all modules: their files, for a debugger that is not there, and
    their names, for `%reset`.

    To touch each module is to copy 16 MiB of the warm parent's memory: a quarter of the start's time.
    """
    listing = ipkernel, shellapp
    for module in listing:
        module.sys = _Sys()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in listing:
            module.sys = sys  # type: ignore[attr-defined]


def prepare() -> None:
    """In the warm parent: make what each kernel would take time for."""
    shell.make(application().config)


def application() -> WarmKernelApp:
    """The process's one application."""
    config = Config()
    config.HistoryManager.enabled = False  # one process's history is nobody's
    config.IPKernelApp.parent_handle = 0
    config.IPKernelApp.outstream_class = f"{__name__}.Stream"
    return WarmKernelApp.instance(config=config)
