"""Grades for other programs: a plain CSV, and the files that Canvas, Moodle and Gradescope know.

Only what is final (`Row.final`) is a number there. A failed submission, one that a person must look at,
one with a written answer to mark, and one that never came stay blank, so that none of them turns into
a grade on its own; the plain CSV, Moodle's and Gradescope's form say which it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.barrier import Barrier
from autograder.course import Course
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.model import Status
from autograder.records.standing import Person, Row, Standing, standing
from autograder.reports.page import points
from autograder.text import clean

Lines = Iterable[list[str]]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_export(
    course: Course, units: list[str], form: str, barrier: Barrier | None = None
) -> list[Path]:
    """Write `reports/<unit>-csv.csv` and the like; returns the files."""
    if form not in FORMS:
        raise UserError(f"There is no export format {form!r}.", f"Use one of {', '.join(FORMS)}.")
    stands = [standing(course, unit, barrier) for unit in units]
    files = []
    for stand in stands:
        file = course.reports / f"{stand.unit.name}-{form}.csv"
        write_atomically(file, as_csv(FORMS[form](stand)))
        files.append(file)
    return files


def as_csv(lines: Lines) -> str:
    """CSV text in which no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for cells in lines:
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """A cell's text; one that a spreadsheet would compute gets an apostrophe in front."""
    text = clean(cell, 2000)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def settled(row: Row) -> str:
    """The points where they are final, and nothing otherwise."""
    return "" if row.final is None else points(row.final)


def who(row: Row) -> Person:
    return row.person or Person()


def full_name(row: Row) -> str:
    """'Last, First', or the id where the gradebook has no name."""
    name = ", ".join(part for part in (who(row).last_name, who(row).first_name) if part)
    return name or row.student


def plain(stand: Standing) -> Lines:
    """Everything: status, reason, each exercise and written answer, points up to now, and final ones."""
    unit = stand.unit
    yield [
        "student", "last_name", "first_name", "email", "unit", "status", "reason",
        *(f"{e.id} ({points(e.points)})" for e in unit.exercises),
        *(f"{w.grade_id} ({points(w.points)})" for w in unit.written),
        "late_penalty", "points", "max_points", "to_mark", "final", "remarks", "seconds", "graded_at",
    ]  # fmt: skip
    for row in stand.rows:
        here = row.here
        marks = [points(sum(row.marks[t.grade_id].points for t in e.tests)) for e in unit.exercises]
        marks += [
            "" if row.marks[w.grade_id].waits else points(row.marks[w.grade_id].points)
            for w in unit.written
        ]
        yield [
            row.student, who(row).last_name, who(row).first_name, who(row).email,
            unit.name, row.status.value, row.reason,
            *(mark if here else "" for mark in marks),
            points(row.penalty) if here else "",
            points(row.points) if here else "", points(unit.points),
            str(len(row.to_mark)), settled(row),
            "; ".join(row.remarks), f"{row.seconds:.1f}" if here else "", row.graded_at,
        ]  # fmt: skip


def canvas(stand: Standing) -> Lines:
    """Canvas's gradebook import: a blank leaves what is there as it is."""
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", stand.unit.title]
    yield ["Points Possible", "", "", "", "", points(stand.unit.points)]
    for row in stand.rows:
        yield [full_name(row), who(row).lms_user_id, "", row.student, "", settled(row)]


def moodle(stand: Standing) -> Lines:
    """Moodle's grade import; what is not a grade stands in the feedback column."""
    title = stand.unit.title
    yield [
        "Username",
        "ID number",
        "First name",
        "Last name",
        "Email address",
        title,
        f"{title} (feedback)",
    ]
    for row in stand.rows:
        note = row.what if row.final is None else ""
        yield [
            row.student,
            who(row).lms_user_id,
            who(row).first_name,
            who(row).last_name,
            who(row).email,
            settled(row),
            note,
        ]


def gradescope(stand: Standing) -> Lines:
    """As Gradescope's own download of an assignment's grades."""
    unit = stand.unit
    yield [
        "First Name",
        "Last Name",
        "SID",
        "Email",
        "Total Score",
        "Max Points",
        "Status",
        *(f"{n}: {e.title} ({points(e.points)} pts)" for n, e in enumerate(unit.exercises, 1)),
    ]
    for row in stand.rows:
        scored = row.final is not None
        status = "Graded" if scored else f"Ungraded ({row.what})"
        if row.status is Status.MISSING:
            status = "Missing"
        marks = [points(sum(row.marks[t.grade_id].points for t in e.tests)) for e in unit.exercises]
        yield [
            who(row).first_name,
            who(row).last_name,
            row.student,
            who(row).email,
            settled(row),
            points(unit.points),
            status,
            *(mark if scored else "" for mark in marks),
        ]


FORMS: dict[str, Callable[[Standing], Lines]] = {
    "csv": plain,
    "canvas": canvas,
    "moodle": moodle,
    "gradescope": gradescope,
}
