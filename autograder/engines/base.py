"""The seam between grading and whatever runs cells: the `Engine` protocol and what it gives back.

An engine is opened for one notebook. It runs the student's cells in one place and the test cells
wherever it holds best (the stock engine: the same kernel), and says for each what came out and how
it ended. It knows nothing of points, gradebooks or other students.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from autograder.model import Part

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
    limits_met: tuple[str, ...] = ()
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
