"""Does a gradebook hold together, and does it say what lies on the disk?"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.utils import determine_grade
from sqlalchemy import inspect

from autograder.course import Course, is_test, nbgrader_of
from autograder.intake.folder.collect import collect
from autograder.intake.folder.handed_in import read
from autograder.model import Status
from autograder.records import results
from autograder.records.record import COMPANIONS, answers
from autograder.records.results import Result

UNGRADED = (Status.MANUAL, Status.BROKEN, Status.SKIPPED)  # the file does not tell their points


def faults(course: Course, unit: str, finished: bool = True) -> list[str]:
    """What is wrong, in words. `finished`: every submission must have been graded.

    A run that was killed may have left submissions ungraded, and one that is to be graded again
    because its file is missing; never a record that its file contradicts.
    """
    return sorted(_faults(course, unit, finished))


def _faults(course: Course, unit: str, finished: bool) -> Iterator[str]:
    yield from _of_sqlite(course)
    with Gradebook(course.gradebook) as gradebook:
        made = inspect(gradebook.engine).has_table(results.table.name)  # or killed just before
        recorded = results.load(gradebook.db, unit) if made else {}
        known = gradebook.db.query(SubmittedNotebook).all()
        rows = {row.student.id: row for row in known if row.name == unit}
        if len(rows) != len(known):
            yield "a student has two rows for one notebook"
        yield from _of_everyone(course, unit, recorded, set(rows), finished)
        for student, row in rows.items():
            if student in recorded:
                for fault in _of_grades(row, recorded[student]):
                    yield f"{student}: {fault}"
    for student, result in recorded.items():
        if result.status is not Status.MISSING:
            for fault in _of_file(course, result, finished):
                yield f"{student}: {fault}"
    names = (f"{unit}.ipynb", *COMPANIONS)
    allowed = {course.autograded / s / unit / name for s in recorded for name in names}
    for path in course.autograded.rglob("*"):
        if finished and path.is_file() and path not in allowed:
            yield f"{path.relative_to(course.root)} is nobody's"


def _of_sqlite(course: Course) -> Iterator[str]:
    """What the database says of itself."""
    if course.gradebook.startswith("sqlite:///"):
        with sqlite3.connect(course.gradebook.removeprefix("sqlite:///")) as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check")]
            yield from (f"SQLite: {text}" for text in found if text != "ok")
            yield from (f"SQLite: {row}" for row in db.execute("PRAGMA foreign_key_check"))


def _of_everyone(
    course: Course, unit: str, recorded: dict[str, Result], rows: set[str], finished: bool
) -> Iterator[str]:
    """Each submission is recorded once, for what it is now; in both tables or in none."""
    if {s for s, r in recorded.items() if r.status is not Status.MISSING} != rows:
        yield "the gradebook's students are not those of the results"
    for submission in collect(course, unit):
        result = recorded.get(submission.student)
        if result is None and finished:
            yield f"{submission.student}: is not recorded"
        elif (
            result
            and finished
            and submission.notebook
            and result.submission_sha256 != read(submission).sha256
        ):
            yield f"{submission.student}: what is recorded is not what was handed in"


def _of_grades(row: SubmittedNotebook, result: Result) -> Iterator[str]:
    """One grade for each graded cell, one comment for each solution, and the verdicts' points."""
    names = [grade.name for grade in row.grades]
    if sorted(names) != sorted(cell.name for cell in row.notebook.grade_cells):
        yield f"its grades are {names}"
    names = [comment.name for comment in row.comments]
    if sorted(names) != sorted(cell.name for cell in row.notebook.solution_cells):
        yield f"its comments are {names}"
    verdicts = {verdict.grade_id: verdict.points for verdict in result.verdicts}
    for grade in row.grades:
        if (grade.auto_score or 0) != verdicts.get(grade.name, 0):
            yield f"{grade.name} has {grade.auto_score}, its verdict {verdicts.get(grade.name)}"
    if all(grade.manual_score is None for grade in row.grades) and row.score != result.points:
        yield f"its score is {row.score}, its verdicts' {result.points}"


def _of_file(course: Course, result: Result, finished: bool) -> Iterator[str]:
    """The file of a record shows the answers that were graded, and the points that they earned."""
    file = course.autograded / result.student / result.unit / f"{result.unit}.ipynb"
    if not file.is_file():
        if finished:
            yield "its autograded notebook is missing"
        return
    executed: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for cell in executed["cells"]:
        cell["source"] = "".join(cell["source"])
    if answers(executed) != result.answers:
        yield "its autograded notebook holds other answers"
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    for cell in executed["cells"]:
        verdict = verdicts.get(nbgrader_of(cell).get("grade_id", ""))
        if is_test(cell) and verdict and verdict.status not in UNGRADED:
            shown, _ = determine_grade(as_node(cell))
            if shown != verdict.points:
                yield f"{verdict.grade_id} shows {shown} points, its verdict {verdict.points}"


def as_node(cell: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(cell)
    return node


def files_below(folder: Path) -> list[str]:
    """Every file and folder in a folder that should be empty."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
