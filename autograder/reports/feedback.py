"""A page for each student: what was earned, why the rest was not, and their own work beside it.

Hidden tests are in none of it: a page shows verdicts, the student's own cells, and their outputs as
text and PNG images. Everything else that a notebook can hold is left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.barrier import Barrier
from autograder.course import (
    Course,
    Unit,
    heading,
    is_solution,
    is_test,
    is_written,
    nbgrader_of,
    tags_of,
)
from autograder.errors import UserError
from autograder.files import see_that_it_can_be_written, write_atomically
from autograder.intake.notebook.checksums import untouched
from autograder.records.record import keep_companions
from autograder.records.standing import Mark, Row, standing
from autograder.reports.page import png, render
from autograder.text import clean

LONGEST_OUTPUT = 3000
MOST_IMAGES = 12  # on one page


@dataclass(frozen=True)
class Shown:
    """One of the student's cells, as the page shows it."""

    source: str
    text: str = ""
    images: tuple[str, ...] = ()
    added: bool = False
    untouched: bool = False


@dataclass
class Block:
    """A part of the page: an exercise, a written answer, or what the student added outside."""

    kind: str  # exercise, written or other
    title: str
    cells: list[Shown]
    marks: list[Mark]
    comment: str = ""

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)

    @property
    def max_points(self) -> float:
        return sum(mark.max_points for mark in self.marks)

    @property
    def waits(self) -> bool:
        return any(mark.waits for mark in self.marks)


def write_feedback(
    course: Course,
    unit: str,
    students: list[str] | None = None,
    barrier: Barrier | None = None,
) -> list[Path]:
    """Write `feedback/<student>/<unit>/<unit>.html` for all who handed in, or for those named."""
    barrier = barrier or Barrier.of(course, "feedback")
    stand = standing(course, unit, barrier)
    see_that_it_can_be_written(course.feedback)
    rows = [row for row in stand.graded if not students or row.student in students]
    lacking = set(students or ()) - {row.student for row in rows}
    if lacking:
        raise UserError(
            f"There is no graded submission of {', '.join(sorted(lacking))} for {unit}.",
            f"Run `autograder grade {unit}`, and look at its table.",
        )
    files = []
    for row in rows:
        file = course.feedback / row.student / unit / f"{unit}.html"
        with barrier.around(row.student, "the feedback page was written") as unforeseen:
            write_atomically(file, page(stand.unit, row, autograded(course, row.student, unit)))
            keep_companions(course.autograded / row.student / unit, file.parent)
        if unforeseen.reason:  # the marks without the work, and no page of an earlier grading
            with barrier.around(row.student, "a page without the work was written") as unforeseen:
                write_atomically(file, page(stand.unit, row, {"cells": []}))
        if unforeseen.reason:
            with barrier.around(row.student, "the earlier page was removed"):
                file.unlink(missing_ok=True)
            continue
        files.append(file)
    return files


def autograded(course: Course, student: str, unit: str) -> dict[str, Any]:
    """The executed notebook, or one without cells where there is none."""
    file = course.autograded / student / unit / f"{unit}.ipynb"
    try:
        notebook: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"cells": []}
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def page(unit: Unit, row: Row, notebook: dict[str, Any]) -> str:
    """The page as HTML."""
    return render(
        "feedback.html.j2",
        unit=unit,
        row=row,
        blocks=blocks(unit, row, notebook),
        best=sum(mark.max_points for mark in row.marks.values()),
        lines=lines,
    )


def blocks(unit: Unit, row: Row, notebook: dict[str, Any]) -> list[Block]:
    """The notebook's story as blocks: each exercise with its marks, and what stands between."""
    by_exercise = {e.id: e for e in unit.exercises}
    found: list[Block] = []
    seen: set[str] = set()
    budget = [MOST_IMAGES]
    title = ""
    for cell in notebook["cells"]:
        grade_id = nbgrader_of(cell).get("grade_id", "")
        if cell["cell_type"] == "markdown" and heading(cell["source"]):
            title = heading(cell["source"])
        if is_solution(cell):
            exercise = by_exercise.get(grade_id)
            marks = [row.marks[t.grade_id] for t in exercise.tests] if exercise else []
            name = exercise.title if exercise else title
            found.append(
                Block(
                    "exercise",
                    name,
                    [shown(cell, budget)],
                    marks,
                    (row.comments or {}).get(grade_id, ""),
                )
            )
            seen |= {mark.grade_id for mark in marks}
        elif is_written(cell):
            found.append(
                Block(
                    "written",
                    title or grade_id,
                    [shown(cell, budget)],
                    [row.marks[grade_id]] if grade_id in row.marks else [],  # or renamed since
                    (row.comments or {}).get(grade_id, ""),
                )
            )
            seen.add(grade_id)
        elif not is_test(cell) and cell["cell_type"] == "code" and "setup" not in tags_of(cell):
            item = shown(cell, budget)
            if item.added or item.images:
                if not found:
                    found.append(Block("other", "Before the first exercise", [], []))
                found[-1].cells.append(item)
    rest = [mark for name, mark in row.marks.items() if name not in seen]
    if rest:
        found.append(Block("other", "Not reached", [], rest))
    return found


def shown(cell: dict[str, Any], budget: list[int]) -> Shown:
    """A cell's own text, what it printed, and its PNG images while the budget lasts."""
    text, images = [], []
    for output in cell.get("outputs", []):
        kind = output.get("output_type")
        if kind == "stream":
            text.append(plain(output.get("text")))
        elif kind == "error":
            text.append(f"{plain(output.get('ename'))}: {plain(output.get('evalue'))}\n")
        elif kind in ("display_data", "execute_result"):
            data = output.get("data") if isinstance(output.get("data"), dict) else {}
            image = png(data.get("image/png")) if budget[0] else None
            if image:
                budget[0] -= 1
                images.append(image)
            else:
                text.append(plain(data.get("text/plain")) + "\n")
    return Shown(
        source=clean(cell["source"], 20_000),
        text=clean("".join(text), LONGEST_OUTPUT).strip("\n"),
        images=tuple(images),
        added=bool((cell["metadata"].get("autograder") or {}).get("added")),
        untouched=bool(nbgrader_of(cell)) and untouched(cell),
    )


def plain(value: object) -> str:
    """Text of an output, which files keep as a string or as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def lines(message: str) -> list[tuple[str, str]]:
    """A verdict's message as (kind, line): kind is passed, failed, code or an empty string."""
    found = []
    for line in message.splitlines():
        mark = line.strip()[:1]
        kind = {"✓": "passed", "✗": "failed"}.get(mark, "")
        if not kind and re.match(r"\s*(\[[a-z0-9-]+\]|Likely cause:)", line):
            kind = "code"
        found.append((kind, line))
    return found
