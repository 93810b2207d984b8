"""A room for exams: a real kernel forked from a warm parent, and an examiner beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder import sandbox
from autograder.exam.driver import Examiner
from autograder.exam.outcome import Outcome


@dataclass
class Home:
    """What a test cell gave in the student's own kernel."""

    stdout: str = ""
    result: str | None = None
    error: str | None = None
    traceback: list[str] = field(default_factory=list)


class Room:
    """One student's kernel and the examiner."""

    def __init__(self, kernel: sandbox.Kernel, examiner: Examiner) -> None:
        self.kernel = kernel
        self.examiner = examiner
        self.cells: list[str] = []

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
        self.examiner.folder = type(self.examiner.folder)(self.kernel.run_dir)
        return self.examiner.run(
            textwrap.dedent(code),
            lambda request: self.kernel.client.execute(
                request, silent=True, store_history=False, allow_stdin=False
            ),
            seconds=seconds,
            alive=lambda: self.kernel.alive,
        )

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
def examiner(
    parent: sandbox.WarmParent, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examiner]:
    with Examiner.start(tmp_path_factory.mktemp("exam"), parent=parent) as started:
        yield started


@pytest.fixture
def room(parent: sandbox.WarmParent, examiner: Examiner) -> Iterator[Room]:
    kernel = sandbox.start(parent=parent, isolate=parent.isolate)
    try:
        yield Room(kernel, examiner)
    finally:
        kernel.close()


@pytest.fixture(scope="module")
def shared_room(parent: sandbox.WarmParent, examiner: Examiner) -> Iterator[Room]:
    """One kernel for a whole module, for tests that leave no traces."""
    kernel = sandbox.start(parent=parent, isolate=parent.isolate)
    try:
        yield Room(kernel, examiner)
    finally:
        kernel.close()
