"""A room for exams: a real kernel forked from a warm parent, and an examiner beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder import sandbox
from autograder.exam.client.exam_socket import LISTEN, ExamSocket
from autograder.exam.client.examiner_process import Examiner
from autograder.exam.examiner.outcome import Outcome


@dataclass
class Home:
    """What a test cell gave in the student's own kernel."""

    stdout: str = ""
    result: str | None = None
    error: str | None = None
    traceback: list[str] = field(default_factory=list)


class Room:
    """One student's kernel and the examiner."""

    def __init__(self, parent: sandbox.WarmParent, examiner: Examiner) -> None:
        self.exam_socket = ExamSocket()
        self.kernel = sandbox.start(
            parent=parent,
            isolate=parent.isolate,
            prepare=LISTEN,
            fds=[self.exam_socket.kernels_end],
        )
        self.exam_socket.close_kernels_end()
        self.examiner = examiner
        self.cells: list[str] = []
        self.back = True  # whether the kernel came back from the last exam

    def close(self) -> None:
        self.kernel.close()
        self.exam_socket.close()

    def home(self, code: str) -> Home:
        """Run a cell in the kernel itself."""
        home = Home()

        def output(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                home.stdout += content["text"] if content["name"] == "stdout" else ""
            elif message["msg_type"] == "execute_result":
                home.result = content["data"]["text/plain"]
            elif message["msg_type"] == "error":
                home.error = content["ename"]
                home.traceback = content["traceback"]

        self.kernel.client.execute_interactive(
            textwrap.dedent(code), output_hook=output, timeout=60, allow_stdin=False
        )
        return home

    def student(self, code: str) -> Room:
        self.cells.append(code)
        home = self.home(code)
        assert home.error is None, "\n".join(home.traceback)
        return self

    def exam(self, code: str, seconds: float = 20.0) -> Outcome:
        connection = self.exam_socket.connect()
        assert connection is not None, "the kernel has hung up"
        outcome = self.examiner.run(textwrap.dedent(code), connection, seconds=seconds)
        self.back = self.exam_socket.finished(1.0)
        return outcome

    def passes(self, code: str) -> Outcome:
        """The cell runs to its end in the exam."""
        outcome = self.exam(code)
        assert outcome.error is None, f"{outcome.error}\n{outcome.instructor}"
        assert not outcome.broken, outcome.instructor
        assert outcome.kernel == "ready"
        return outcome

    def same(self, code: str) -> Outcome:
        """The cell runs to its end in the exam, and then at home, and says the same in both."""
        outcome = self.passes(code)
        for cell in self.cells:
            self.home(cell)
        home = self.home(code)
        assert home.error is None, "\n".join(home.traceback)
        assert outcome.stdout == home.stdout
        assert home.result == (None if outcome.result is None else repr(outcome.result))
        return outcome


@pytest.fixture(scope="session")
def parent() -> Iterator[sandbox.WarmParent]:
    try:
        warm = sandbox.WarmParent().start()
    except sandbox.SandboxError:  # a machine that denies isolation
        warm = sandbox.WarmParent(isolate=False).start()
    with warm:
        yield warm


@pytest.fixture(scope="session")
def examiner(parent: sandbox.WarmParent) -> Iterator[Examiner]:
    with Examiner.start(parent) as started:
        yield started


@pytest.fixture
def room(parent: sandbox.WarmParent, examiner: Examiner) -> Iterator[Room]:
    opened = Room(parent, examiner)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def shared_room(parent: sandbox.WarmParent, examiner: Examiner) -> Iterator[Room]:
    """One kernel for a whole module, for tests that leave no traces."""
    opened = Room(parent, examiner)
    try:
        yield opened
    finally:
        opened.close()
