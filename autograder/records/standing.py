"""How a class stands in a unit: what nbgrader's gradebook holds, with our verdicts beside it.

The gradebook decides: points, marks and comments by hand, what waits for a person, flags, late
penalties. Our own table adds messages and reasons where it speaks of the same grading; where somebody
has graded in another way since, it is silent. All outputs read a class through `standing`, and a
number that goes out of the house is `Row.final`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.api import Student
from sqlalchemy import select

from autograder.barrier import Barrier
from autograder.course import Course, TestCell, Unit, read_instructor, read_unit
from autograder.errors import UserError
from autograder.intake.folder.collect import look
from autograder.intake.folder.collect import students as with_folder
from autograder.model import Status, Verdict
from autograder.records import results
from autograder.records.gradebook import open_gradebook, submitters
from autograder.records.held import Given, Held, held_of
from autograder.records.record import auto_score
from autograder.records.results import Result

OPEN = (Status.FAILED, Status.NEEDS_PERSON)  # until a person has closed it
NOT_GRADED = "it was handed in, and is not graded yet"
NO_FILE = "its graded notebook is not in autograded/: the last grading failed, or it was removed"
NO_POINTS = "the gradebook has no points for"
FLAGGED = "it is flagged in the gradebook"


@dataclass(frozen=True)
class Mark:
    """What one graded cell is worth now: the test's points, or a person's in their place."""

    grade_id: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    diagnosis: tuple[str, ...] = ()
    by_hand: bool = False
    waits: bool = False  # for a person

    @property
    def full(self) -> bool:
        return not self.waits and self.points >= self.max_points


@dataclass(frozen=True)
class Row:
    """One student in one unit.

    penalty  points that are taken off for handing in late
    """

    student: str
    status: Status
    marks: dict[str, Mark]
    reason: str = ""
    remarks: tuple[str, ...] = ()
    comments: dict[str, str] | None = None  # by solution cell: what a person wrote
    seconds: float = 0.0
    graded_at: str = ""
    person: Person | None = None
    penalty: float = 0.0

    @property
    def points(self) -> float:
        """What there is up to now."""
        return max(0.0, sum(mark.points for mark in self.marks.values()) - self.penalty)

    @property
    def waits(self) -> bool:
        """Whether points are still to come from a person."""
        return any(mark.waits for mark in self.marks.values())

    @property
    def final(self) -> float | None:
        """The points where nothing is open any more: no failure, nobody to look, nothing to mark."""
        return self.points if self.status is Status.GRADED and not self.waits else None

    @property
    def here(self) -> bool:
        """Whether there are points of it, final or not."""
        return self.status not in (Status.MISSING, Status.UNGRADED)

    @property
    def to_mark(self) -> list[str]:
        """The cells that wait for a person."""
        return [mark.grade_id for mark in self.marks.values() if mark.waits]

    @property
    def what(self) -> str:
        """Status, and why it is not final, in few words."""
        to_mark = f"to mark: {', '.join(self.to_mark)}" if self.waits else ""
        why = "; ".join(part for part in (self.reason, to_mark) if part)
        return f"{self.status.value}: {why}" if why else self.status.value


@dataclass(frozen=True)
class Person:
    """Who a student is, as far as the gradebook knows more than the id."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


@dataclass(frozen=True)
class Standing:
    """A unit, and each student's row, by student."""

    unit: Unit
    rows: tuple[Row, ...]

    @property
    def graded(self) -> tuple[Row, ...]:
        """The rows that have points, final or not."""
        return tuple(row for row in self.rows if row.here)


def standing(course: Course, unit: str, barrier: Barrier | None = None) -> Standing:
    """The class as recorded. Raises UserError for a unit that has not been graded."""
    barrier = barrier or Barrier.of(course, "report")
    described = read_unit(unit, read_instructor(course, unit)[0])
    folders = with_folder(course)
    with open_gradebook(course, create=False) as gradebook:
        db = gradebook.db
        found = results.load(db, unit)
        held = held_of(db, unit)
        if not found and not held:
            raise UserError(f"{unit} has not been graded.", f"Run `autograder grade {unit}` first.")
        people = {s.id: person(s) for s in db.scalars(select(Student))}
        everyone = sorted({*people, *folders})
        if found.keys() - set(everyone):
            results.forget(db, unit, everyone)
            db.commit()
    rows = []
    for name in everyone:
        with barrier.around(name, "its results were put together") as unforeseen:
            if name in held:
                file = course.autograded / name / unit / f"{unit}.ipynb"
                known = found.get(name)
                ours = known if known and known.status is not Status.MISSING else None
                row = row_of(described, name, held[name], ours, file)
            else:
                row = without_submission(name, described, not look(course, name, unit).missing)
        if unforeseen.reason:
            row = replace(without_submission(name, described, True), reason=unforeseen.reason)
            row = replace(row, status=Status.NEEDS_PERSON)
        rows.append(replace(row, person=people.get(name)))
    return Standing(described, tuple(rows))


def graded_units(course: Course, units: list[str]) -> list[str]:
    """Those of `units` that have been graded. Raises UserError when there are none."""
    with open_gradebook(course, create=False) as gradebook:
        found = [
            unit
            for unit in units
            if submitters(gradebook.db, unit) or results.load(gradebook.db, unit)
        ]
    if not found:
        raise UserError("Nothing has been graded yet.", "Run `autograder grade` first.")
    return found


def person(student: Student) -> Person:
    return Person(
        student.first_name or "",
        student.last_name or "",
        student.email or "",
        student.lms_user_id or "",
    )


def without_submission(student: str, unit: Unit, handed_in: bool) -> Row:
    """The row of a student of whom the gradebook has no submission."""
    status = Status.UNGRADED if handed_in else Status.MISSING
    reason = NOT_GRADED if handed_in else "nothing was handed in"
    cells = (*unit.tests, *unit.written)
    marks = {c.grade_id: Mark(c.grade_id, 0.0, c.points, Status.SKIPPED, reason) for c in cells}
    return Row(student, status, marks, reason)


def row_of(unit: Unit, student: str, held: Held, known: Result | None, file: Path) -> Row:
    """The row of a student of whom the gradebook has a submission.

    known  our own row, whichever grading it is of
    file   where the graded notebook should lie
    """
    gone = not os.path.exists(file)
    same = known is not None and (
        known.reason == results.ILLEGIBLE
        or (not known.token if gone else results.speaks_of(known, file))
    )
    result = known if known is not None and same else Result(student, unit.name, Status.GRADED)
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    marks = {
        cell.grade_id: mark_of(cell, held.grades[cell.grade_id], verdicts.get(cell.grade_id))
        for cell in (*unit.tests, *unit.written)
    }
    status, reason = state(unit, held, result, gone and not same)
    if reason == NO_FILE:  # there is nothing to mark
        marks = {name: replace(mark, waits=False) for name, mark in marks.items()}
    closed: tuple[str, ...] = ()
    if status is Status.GRADED and (result.accepted or result.status in OPEN):
        who = f"accepted {result.accepted}" if result.accepted else "closed by a person"
        was = f"; it was {result.status.value}: {result.reason}" if result.reason else ""
        closed = (who + was,)
    return Row(
        student,
        status,
        marks,
        reason,
        (*result.remarks, *closed),
        held.comments,
        result.seconds,
        result.graded_at,
        penalty=held.penalty,
    )


def state(unit: Unit, held: Held, result: Result, gone: bool) -> tuple[Status, str]:
    """What became of a submission, and why. A person who has marked all of it has closed it."""
    if all(held.grades[c.grade_id].closed for c in (*unit.tests, *unit.written)):
        return Status.GRADED, ""
    if gone:
        return Status.FAILED, NO_FILE
    lacking = [t.grade_id for t in unit.tests if held.grades[t.grade_id].score is None]
    if lacking:
        return Status.FAILED, f"{NO_POINTS} {', '.join(lacking)}"
    if not held.flagged and (result.reason != results.ILLEGIBLE or result.accepted):
        return Status.GRADED, ""
    if result.status in OPEN:
        return result.status, result.reason
    return Status.NEEDS_PERSON, FLAGGED


def mark_of(cell: TestCell, grade: Given, verdict: Verdict | None) -> Mark:
    """One graded cell: the gradebook's points, and what our verdict says, if it gave them."""
    score = grade.score
    points = (score or 0.0) + (grade.extra_credit or 0.0)
    waits = score is None or grade.needs_manual_grade
    if verdict and grade.auto_score == auto_score(verdict):
        status, message, diagnosis = verdict.status, verdict.message, verdict.diagnosis
    else:
        status, message, diagnosis = by_points(score, points, cell.points), "", ()
    return Mark(
        cell.grade_id, points, cell.points, status, message, diagnosis, grade.by_hand, waits
    )


def by_points(score: float | None, points: float, best: float) -> Status:
    """The status of a cell of which no verdict tells."""
    if score is None:
        return Status.SKIPPED
    return Status.PASSED if points >= best else Status.PARTIAL if points > 0 else Status.FAILED
