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
from autograder.model import Limits, Part

ENGINES = ("auto", "exam", "stock")  # what may be asked for
SANDBOXES = ("auto", "namespaces", "process")
CHOSEN = ("exam", "exam-process", "stock")  # what runs; such a name travels to the workers
WARNINGS = {
    "exam-process": "NOT ISOLATED: student code runs as you. Hidden tests run in a process of their "
    "own, but students' code can read your files, the gradebook and other submissions, use the "
    "network, and find the tests if it looks for them. Only its memory, time, processes and file "
    "sizes are limited. `autograder doctor` says how to isolate it.",
    "stock": "NOT ISOLATED: student code runs as you, in one process with the hidden tests, with a "
    "limit on time and output alone. It can read the tests, your files and the gradebook.",
}
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
    broken   why a cell's failure may not be the student's fault, so that a person must look
    met      the limits that it has met: names of fields of `Limits`
    remarks  what the instructor should know of it
    title, parts, code  of a test cell that was judged: its score's name and parts, and the diagnosis
             code of the error that ended it
    """

    outputs: tuple[Output, ...] = ()
    end: End = End.DONE
    detail: str = ""
    judged: bool = False
    broken: str = ""
    met: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    title: str = ""
    parts: tuple[Part, ...] = ()
    code: str = ""


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


def choose_engine(wanted: str = "auto", sandbox: str = "auto") -> str:
    """The name of the engine that will run, one of `CHOSEN`.

    wanted   "exam", "stock", or "auto": the exam wherever it can be held
    sandbox  what keeps students' code apart in an exam: "namespaces"; "process", which sets limits
             and nothing else; or "auto": namespaces, and process only where `wanted` is "auto" too

    An engine in `WARNINGS` is to be used with that warning shown. Raises UserError for a name that
    is none, and for an exam that cannot be held here.
    """
    if wanted not in (*ENGINES, *CHOSEN):
        raise UserError(f"There is no engine {wanted!r}.", f"Use one of: {', '.join(ENGINES)}.")
    if sandbox not in SANDBOXES:
        raise UserError(f"There is no sandbox {sandbox!r}.", f"Use one of: {', '.join(SANDBOXES)}.")
    if wanted in ("stock", "exam-process"):
        return wanted
    from autograder.sandbox import capabilities

    lacking = [c for c in capabilities() if not c.ok and "seccomp" not in c.name]
    others = [c for c in lacking if "namespaces" not in c.name]
    chosen = "exam"
    if sandbox == "process" or (wanted == sandbox == "auto" and lacking != others):
        chosen, lacking = "exam-process", others
    if not lacking:
        return chosen
    if wanted == sandbox == "auto":
        return "stock"
    instead = "" if chosen == "exam" else " Or, for students whom you trust: --engine stock."
    raise UserError(
        f"This machine cannot hold an exam this way: {lacking[0].name}.",
        f"{lacking[0].mend}{instead}",
    )


def open_engine(name: str, limits: Limits) -> AbstractContextManager[Engine]:
    """An engine by name, for one notebook: `with open_engine("stock", limits) as engine: …`."""
    chosen = choose_quietly(name)
    if chosen == "stock":
        from autograder.engines.stock import StockEngine

        return StockEngine(limits)
    from autograder.engines.exam import ExamEngine

    return ExamEngine(limits, isolate=chosen == "exam")


@cache
def choose_quietly(name: str) -> str:
    """`choose_engine`, once for each process; a name that is already a choice needs no look."""
    return name if name in CHOSEN else choose_engine(name)
