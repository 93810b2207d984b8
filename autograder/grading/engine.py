"""The seam between grading and whatever runs cells: the `Engine` protocol and what it gives back.

An engine is opened for one notebook. It runs the student's cells in one place and the test cells
wherever it holds best (the stock engine: the same kernel), and says for each what came out and how
it ended. It knows nothing of points, gradebooks or other students.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol

from autograder.errors import UserError
from autograder.model import Limits

ENGINES = ("auto", "exam", "stock")
Output = dict[str, Any]  # one nbformat 4 output


class End(StrEnum):
    """How the run of a cell ended."""

    DONE = "done"  # it ran to its end, or to an exception of its own
    TIMEOUT = "timeout"  # it was stopped; the kernel goes on
    DIED = "died"  # it took the kernel with it


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: outputs in nbformat's form, how it ended, and why if not of itself.

    judged   a test cell came to its end and its outputs hold, whatever became of the kernel
    broken   why a test cell's failure is not the student's fault; empty if it may be
    remarks  what the instructor should know of it
    """

    outputs: tuple[Output, ...] = ()
    end: End = End.DONE
    detail: str = ""
    judged: bool = False
    broken: str = ""
    remarks: tuple[str, ...] = ()


class EngineError(Exception):
    """The engine itself failed (no kernel could be started, say): nobody's submission is to blame."""


class Engine(Protocol):
    """Runs the cells of one notebook, in order. Seconds are wall clock."""

    def run(self, source: str, seconds: float) -> CellRun:
        """Run one of the student's cells, or one of the instructor's ungraded ones."""

    def test(self, grade_id: str, source: str, seconds: float) -> CellRun:
        """Run a test cell against what the student's cells have defined so far."""

    def restart(self) -> None:
        """After a death: a fresh start with nothing defined."""


def choose_engine(wanted: str) -> str:
    """The engine's own name for what was asked: "auto" is the exam where this machine can isolate.

    Raises UserError for a name that is none, and for an exam that cannot be held here.
    """
    if wanted not in ENGINES:
        raise UserError(f"There is no engine {wanted!r}.", f"Use one of: {', '.join(ENGINES)}.")
    if wanted == "stock":
        return wanted
    from autograder.sandbox import capabilities

    lacking = [c for c in capabilities() if not c.ok and "seccomp" not in c.name]
    if not lacking:
        return "exam"
    if wanted == "auto":
        return "stock"
    raise UserError(
        f"This machine cannot isolate student code: {lacking[0].name}.",
        f"{lacking[0].mend} Or, for students whom you trust, `--engine stock`.",
    )


def open_engine(name: str, limits: Limits) -> AbstractContextManager[Engine]:
    """An engine by name, for one notebook: `with open_engine("stock", limits) as engine: …`."""
    if choose_quietly(name) == "exam":
        from autograder.grading.isolated import ExamEngine

        return ExamEngine(limits)
    from autograder.grading.stock import StockEngine

    return StockEngine(limits)


@cache
def choose_quietly(name: str) -> str:
    """`choose_engine`, once for each process; a name that is already a choice needs no look."""
    return name if name in ("stock", "exam") else choose_engine(name)
