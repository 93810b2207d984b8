"""How the grader asks a kernel for the exam: a socket beside Jupyter's own, one connection a test cell.

    asks = ExamSocket()
    kernel = sandbox.start(prepare=LISTEN, fds=[asks.kernels_end])
    asks.close_kernels_end()      the kernel has it
    connection = asks.connect()   the examiner's end of a new conversation with the agent
    asks.finished(seconds)        whether the agent has let go of it

A message of Jupyter's takes four milliseconds of both sides, and there are as many test cells as others.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time

from autograder.exam.wire.frames import FREE

LISTEN = "autograder.exam.student.listen:listen"


class ExamSocket:
    """The grader's side."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._word = b""

    @property
    def kernels_end(self) -> int:
        """The file for the kernel."""
        return self._theirs.fileno()

    def close_kernels_end(self) -> None:
        """Close this process's copy of the kernel's end."""
        self._theirs.close()

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()

    def connect(self) -> socket.socket | None:
        """A connection to the agent, which answers once the kernel is idle. None if nobody listens."""
        with contextlib.suppress(OSError):
            for _ in range(100):  # what was said out of turn; who floods it harms himself
                self._ours.recv(4096)
        examiners, agents = socket.socketpair()
        with agents:
            try:
                socket.send_fds(self._ours, [FREE], [agents.fileno()])
            except OSError:
                examiners.close()
                return None
        return examiners

    def finished(self, seconds: float) -> bool:
        """Wait until the kernel is done with the exam, for so long at most."""
        until = time.monotonic() + seconds
        if not select.select([self._ours], [], [], max(0.0, seconds))[0]:
            return False
        with contextlib.suppress(OSError):
            self._word = self._ours.recv(1)
            if self._word:
                return True
        time.sleep(max(0.0, until - time.monotonic()))  # nobody is there any more
        return False

    def free(self, seconds: float) -> bool:
        """Whether the kernel comes at once, and from no cell: it waits for the next one."""
        connection = self.connect()
        if connection is None:
            return False
        connection.close()
        return self.finished(seconds) and self._word == FREE
