"""The grader's handle on an examiner: start one, and hand it test cells.

    with Examiner.start(parent) as examiner:
        outcome = examiner.run(source, connection, seconds=60)

`connection` leads to the agent in the student's kernel: `ExamSocket.connect()`.
"""

from __future__ import annotations

import socket
from types import TracebackType
from typing import TYPE_CHECKING

from autograder.exam.examiner import reference_code as references
from autograder.exam.examiner.cell_code import packed
from autograder.exam.examiner.outcome import Outcome, failed
from autograder.hidden_lines import hidden_lines
from autograder.model import Limits
from autograder.sandbox.parent import protocol

if TYPE_CHECKING:
    from autograder.sandbox import Process, WarmParent

ENDING_SECONDS = 1.0  # that a process which has hung up has to end
GRACE = 8.0  # seconds beyond a cell's own, after which the whole examiner is given up
SERVICE = "autograder.exam.examiner.service"
LIMITS = Limits(memory=3072, cpu_seconds=3600.0)


class Examiner:
    """One examiner's process, forked from a warm parent; another one should it end."""

    def __init__(self, parent: WarmParent, limits: Limits) -> None:
        self.parent = parent
        self.limits = limits
        self.control: socket.socket | None = None
        self.process: Process | None = None

    @classmethod
    def start(cls, parent: WarmParent, limits: Limits = LIMITS) -> Examiner:
        """Raises SandboxError."""
        examiner = cls(parent, limits)
        examiner._launch()
        return examiner

    def _launch(self) -> socket.socket:
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = self.parent.spawn(
                f"{SERVICE}:main",
                {"modules": references.gather()},
                fds=[theirs.fileno()],
                limits=self.limits,
                supervised=False,
            )
        return self.control

    def close(self) -> None:
        """End the examiner's process."""
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.process is not None:
            self.process.kill()
            self.process = None

    def __enter__(self) -> Examiner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, source: str, connection: socket.socket, *, seconds: float = 60.0) -> Outcome:
        """Run one test cell against the agent at the other end of `connection`, which is closed."""
        with connection:
            return self._exchange(source, connection, seconds)

    def _exchange(self, source: str, connection: socket.socket, seconds: float) -> Outcome:
        control = self.control or self._launch()
        control.settimeout(seconds + GRACE)
        try:
            request = {
                "source": source,
                "code": packed(source),
                "hidden": sorted(hidden_lines(source)),
                "seconds": seconds,
            }
            protocol.send(control, request, [connection.fileno()])
            connection.close()
            plain, _ = protocol.receive(control)
            return Outcome.from_plain(plain)
        except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
            ended = self._ended()
            self.close()
            how = f"it ended: {ended}" if ended else f"{type(error).__name__}: {error}"
            return failed(f"the examiner does not answer: {how}")

    def _ended(self) -> str:
        """Why the examiner's process has ended, if it has."""
        if self.process is not None and self.process.wait(ENDING_SECONDS):
            return self.process.why()
        return ""
