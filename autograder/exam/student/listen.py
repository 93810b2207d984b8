"""The kernel's end of the exam's socket: answers each examiner that the grader sends, between two cells."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograder.exam.student.agent import answer
from autograder.exam.wire.frames import BUSY, FREE

if TYPE_CHECKING:
    from autograder.sandbox.parent.child import Child


def listen(child: Child) -> None:
    """The `prepare` of a kernel: from now on, its event loop listens to `child.fds[0]` as well."""
    from IPython import get_ipython
    from tornado.ioloop import IOLoop

    exam_socket = socket.socket(fileno=child.fds[0])
    exam_socket.set_inheritable(False)
    shell, loop = get_ipython(), IOLoop.current()

    def examine(*_: Any) -> None:
        try:
            word, fds = socket.recv_fds(exam_socket, 1, 1)[:2]
        except OSError:
            word, fds = b"", []
        if not word:
            loop.remove_handler(exam_socket)
            return
        try:
            for fd in fds:  # one; none in a process that has as many open files as it may
                os.set_inheritable(fd, False)
                with socket.socket(fileno=fd) as connection, interruptible(), as_in_a_cell(shell):
                    shell.kernel.context.run(answer, connection, shell.user_ns)
        except KeyboardInterrupt:
            pass  # the grader has waited long enough
        finally:
            with contextlib.suppress(OSError):
                exam_socket.send(BUSY if shell.kernel._main_asyncio_lock.locked() else FREE)  # noqa: SLF001

    loop.add_handler(exam_socket, examine, IOLoop.READ)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT end what runs; at other times, a kernel does not heed it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def as_in_a_cell(shell: Any) -> Iterator[None]:
    """`display` is there, nobody is asked for input, plots are closed, and `exit()` does nothing.

    IPython's own `exit` returns, and ends the kernel a little later: what would be lost is the next
    exercise.
    """
    exiting = shell.ask_exit
    shell.ask_exit = lambda: None
    shell.kernel._forward_input(allow_stdin=False)  # noqa: SLF001
    try:
        with shell.builtin_trap:
            try:
                yield
            finally:
                shell.events.trigger("post_execute")
    finally:
        shell.kernel._restore_input()  # noqa: SLF001
        shell.ask_exit = exiting
