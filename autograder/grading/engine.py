"""The seam between grading and whatever runs cells: the `Engine` protocol and what it gives back.

An engine is opened for one notebook. It runs the student's cells in one place and the test cells
wherever it holds best (the stock engine: the same kernel), and says for each what came out and how
it ended. It knows nothing of points, gradebooks or other students.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from autograder.errors import UserError
from autograder.model import Limits

Output = dict[str, Any]  # one nbformat 4 output


class End(StrEnum):
    """How the run of a cell ended."""

    DONE = "done"  # it ran to its end, or to an exception of its own
    TIMEOUT = "timeout"  # it was stopped; the kernel goes on
    DIED = "died"  # it took the kernel with it


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: outputs in nbformat's form, how it ended, and why if not of itself."""

    outputs: tuple[Output, ...] = ()
    end: End = End.DONE
    detail: str = ""


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


def open_engine(name: str, limits: Limits) -> AbstractContextManager[Engine]:
    """An engine by name, for one notebook: `with open_engine("stock", limits) as engine: …`."""
    if name == "stock":
        from autograder.grading.stock import StockEngine

        return StockEngine(limits)
    raise UserError(f"There is no engine {name!r}.", "The engines are: stock.")
