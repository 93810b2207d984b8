"""Turns a warm fork into a real ipykernel: the target that every sandboxed kernel runs."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from multiprocessing import process
from typing import Any, ClassVar
from unittest import mock

import zmq
from ipykernel import ipkernel, kernelapp, kernelbase, subshell_manager
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.utils import _async_in_context
from IPython.core import shellapp
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from autograder.sandbox.jupyter import shell
from autograder.sandbox.jupyter.connection import connection_info
from autograder.sandbox.linux.mounts import HOME
from autograder.sandbox.parent.child import Child, find

FORK_LINGERS = 3000  # milliseconds that a fork of the kernel waits until what it printed is sent


class Alone:
    """Stands where ipykernel keeps the thread that hands messages on to subshells: there is none, and
    one shell runs each cell in the thread that made it. Whoever asks `if thread` hears no; who asks for
    the shell's own thread, as each cell with a top-level `await` does, is told."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()

    def __bool__(self) -> bool:
        return False


class WarmKernel(IPythonKernel):
    """A kernel that knows in which context its cells run, where NumPy and `decimal` keep what a cell
    has set: the student's functions are called in the same one when a test asks for them."""

    def start(self) -> None:
        self.context = contextvars.copy_context()
        in_context = functools.partial(_async_in_context, context=self.context)
        with (
            mock.patch.object(kernelbase, "_async_in_context", in_context),
            mock.patch.object(subshell_manager, "_async_in_context", in_context),
        ):
            super().start()


class Terse(WarmKernel):
    """A kernel with the grader as its only client: it does not tell what nobody there reads, which is
    that a cell begins, and what is in it; and it has no subshells, which nobody there opens."""

    _supports_kernel_subshells = False

    def _publish_execute_input(self, *_: Any) -> None:
        pass

    def _publish_status(self, status: str, *details: Any, **more: Any) -> None:
        if status != "busy":
            super()._publish_status(status, *details, **more)


class FromForks(IOPubThread):
    """The thread that sends outputs, which hears of what a fork of the kernel prints by a socket in the
    kernel's folder: ipykernel's own goes by the network, and a sandbox has none."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        self._address = address
        super().__init__(*args, **kwargs)

    def _setup_pipe_in(self) -> None:
        self._pipe_uuid = os.urandom(16)
        pipe = self.socket.context.socket(zmq.PULL)
        pipe.linger = 0
        pipe.bind(self._address)
        self._pipe_in = ZMQStream(pipe, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def _setup_pipe_out(self) -> tuple[zmq.Context[Any], zmq.Socket[Any]]:
        context = zmq.Context()  # a fork needs its own
        pipe = context.socket(zmq.PUSH)
        pipe.linger = FORK_LINGERS
        pipe.connect(self._address)
        return context, pipe


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

    def init_iopub(self, context: Any) -> None:
        """As usual, with a pipe of this kernel's folder."""
        made = functools.partial(FromForks, address=f"ipc://{self.ip}-pipe")
        with mock.patch.object(kernelapp, "IOPubThread", made):
            super().init_iopub(context)

    def init_poller(self) -> None:
        """The supervisor looks after a dead parent."""

    def init_control(self, context: Any) -> None:
        """For the grader, no thread that hands the shell's messages on: it costs each of them."""
        super().init_control(context)
        if self.kernel_class is Terse:
            self.shell_channel_thread = Alone()

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
    sys.path[:] = with_own_folder(sys.path)
    # where a process that a cell spawns looks for what lies beside the notebook
    process.ORIGINAL_DIR = os.getcwd()  # type: ignore[attr-defined]
    gc.disable()
    app = application()
    app.kernel_class = Terse if child.payload["terse"] else WarmKernel
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
    del app.shell._sys_modules_keys  # an empty list: `%reset aggressive` would forget every module  # noqa: SLF001
    if child.payload.get("prepare"):
        find(child.payload["prepare"])(child)
    gc.freeze()  # the kernel's own objects: nothing that the collector need look through
    gc.enable()
    child.ready()
    app.start()
    return 0


def with_own_folder(path: list[str]) -> list[str]:
    """`sys.path` with the notebook's own folder where IPython has it: before what is installed.

    IPython leaves it out where Python was started with -P, as the warm parent was.
    """
    places = [place for place in path if place]
    installed = (place.endswith(("site-packages", "dist-packages")) for place in places)
    first = next((number for number, here in enumerate(installed) if here), 0)
    return [*places[:first], "", *places[first:]]


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
    config.HistoryManager.hist_file = ":memory:"  # one process's history is nobody else's
    config.IPKernelApp.parent_handle = 0
    config.IPKernelApp.outstream_class = f"{__name__}.Stream"
    return WarmKernelApp.instance(config=config)
