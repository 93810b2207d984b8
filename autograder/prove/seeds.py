"""Thresholds over seeds: how far above its threshold does a right solution stay?

A unit with cells tagged `seeds` has `THRESHOLDS = {name: value}` there, and `measure(seed)`, which
returns `{name: value}` for one seed. The unit's solution runs first (without tests and studies),
then the `seeds` cells, then `measure` for each seed, all in one kernel.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.execute import run_or_explain
from autograder.build.rules import check, draft_of
from autograder.build.solution import solution
from autograder.build.source import Source, read_source
from autograder.build.steps import fixed_metadata, name_cells, share_setup, tidy
from autograder.build.unit import complain, place_of
from autograder.course import Course, is_test, tags_of
from autograder.errors import UserError

SEEDS = 20
SECONDS = 300  # for one seed
MARK = "autograder seeds: "


@dataclass(frozen=True)
class Measured:
    """One threshold and the values that a right solution reached, by seed."""

    unit: str
    name: str
    threshold: float
    values: tuple[float, ...]

    @property
    def minimum(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def margin(self) -> float:
        return self.minimum - self.threshold

    @property
    def holds(self) -> bool:
        return all(math.isfinite(value) for value in self.values) and self.margin >= 0


def source_of(course: Course, unit: str) -> Source:
    return read_source(course.source / f"{unit}.py")


def seeded(course: Course, units: list[str]) -> list[str]:
    """Those of the units that have something to measure."""
    return [
        unit
        for unit in units
        if any("seeds" in tags_of(cell) for cell in source_of(course, unit).cells)
    ]


def saying(expression: str) -> NotebookNode:
    """A cell that prints the value of an expression as JSON."""
    code = f"import json as _json\nprint({MARK!r} + _json.dumps({{**{expression}}}, default=float))"
    return new_code_cell(code)


def said(cell: NotebookNode) -> dict[str, float]:
    """What a `saying` cell has printed."""
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")
    found: dict[str, Any] = json.loads(text.rpartition(MARK)[2])
    return {name: float(value) for name, value in found.items()}


def notebook_of(course: Course, source: Source, unit: str, count: int) -> NotebookNode:
    """The solution's code without tests and studies, the `seeds` cells last, then the seeds."""
    notebook = share_setup(name_cells(tidy(fixed_metadata(source.notebook)), unit), course)
    notebook = solution(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]
    code = [cell for cell in code if "study" not in tags_of(cell)]
    notebook.cells = [cell for cell in code if "seeds" not in tags_of(cell)]
    seeds = [cell for cell in code if "seeds" in tags_of(cell)]
    asks = [saying("THRESHOLDS"), *(saying(f"measure({seed})") for seed in range(count))]
    for ask in asks:
        ask.id = f"{seeds[-1].id}-{asks.index(ask)}"
    notebook.cells += seeds + asks
    return notebook


def measure(
    course: Course, unit: str, count: int = SEEDS, done: Callable[[str], object] = str
) -> list[Measured]:
    """A unit's thresholds, measured for the seeds 0 … count - 1.

    done  called with "seed 3" when that seed's turn is over

    Raises UserError where the unit breaks the rules, or a cell fails.
    """
    complain(check(draft_of(course, unit), unfinished=True))
    source = source_of(course, unit)
    notebook = notebook_of(course, source, unit, count)
    asked = [cell.id for cell in notebook.cells[-count - 1 :]]  # the thresholds, then each seed

    def begun(cell: NotebookNode) -> None:
        if cell.id in asked[2:]:
            done(f"seed {asked.index(cell.id) - 2}")

    place = place_of(course, unit, source)
    at = max(line for name, line in place.lines.items() if "-seeds-" in name)
    place = replace(place, lines={**dict.fromkeys(asked, at), **place.lines})
    result = run_or_explain(notebook, place, SECONDS, begun)
    done(f"seed {count - 1}")
    thresholds, *values = [said(cell) for cell in result.cells[-count - 1 :]]
    if not thresholds or any(one.keys() != thresholds.keys() for one in values):
        raise UserError(
            f"{source.path}: measure(seed) and THRESHOLDS do not have the same names.",
            f"THRESHOLDS has: {', '.join(thresholds) or 'none'}.",
        )
    return [
        Measured(unit, name, threshold, tuple(one[name] for one in values))
        for name, threshold in thresholds.items()
    ]
