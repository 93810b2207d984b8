"""How a class stands in a unit: results, marks by hand and comments, put together for the reports."""

from __future__ import annotations

from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.course import Course, Unit, read_unit
from autograder.errors import UserError
from autograder.grading import results
from autograder.grading.barrier import Barrier
from autograder.grading.collect import students as with_folder
from autograder.grading.gradebook import open_gradebook
from autograder.grading.results import Result
from autograder.grading.run import read_instructor
from autograder.model import Status


@dataclass(frozen=True)
class Mark:
    """What one graded cell is worth now: the test's verdict, or a person's mark in its place."""

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
    """One student in one unit."""

    student: str
    status: Status
    marks: dict[str, Mark]
    reason: str = ""
    remarks: tuple[str, ...] = ()
    comments: dict[str, str] | None = None  # by solution cell: what a person wrote
    seconds: float = 0.0
    graded_at: str = ""
    person: Person | None = None

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks.values())

    @property
    def waits(self) -> bool:
        """Whether points are still to come from a person."""
        return any(mark.waits for mark in self.marks.values())

    @property
    def what(self) -> str:
        """Status and reason in few words."""
        return f"{self.status.value}: {self.reason}" if self.reason else self.status.value


@dataclass(frozen=True)
class Person:
    """What the gradebook knows of a student besides the id."""

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
    def handed_in(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.status is not Status.MISSING)


def standing(course: Course, unit: str, barrier: Barrier | None = None) -> Standing:
    """The class as recorded. Raises UserError for a unit that has not been graded."""
    barrier = barrier or Barrier.of(course, "report")
    described = read_unit(unit, read_instructor(course, unit)[0])
    with open_gradebook(course, create=False) as gradebook:
        found = results.load(gradebook.db, unit)
        if not found:
            raise UserError(f"{unit} has not been graded.", f"Run `autograder grade {unit}` first.")
        people = {s.id: person(s) for s in gradebook.db.query(Student)}
        by_hand = hand_marks(gradebook, unit)
        notes = hand_comments(gradebook, unit)
    everyone = sorted({*found, *people, *with_folder(course)})
    rows = []
    for name in everyone:
        result = found.get(name) or Result(name, unit, Status.MISSING, "nothing was handed in")
        given, said, who = by_hand.get(name, {}), notes.get(name, {}), people.get(name)
        with barrier.around(name, "its results were put together") as met:
            rows.append(row_of(described, result, given, said, who))
        if met.reason:
            unknown = Result(name, unit, Status.NEEDS_PERSON, met.reason)
            rows.append(row_of(described, unknown, {}, {}, None))
    return Standing(described, tuple(rows))


def graded_units(course: Course, units: list[str]) -> list[str]:
    """Those of `units` that have been graded. Raises UserError when there are none."""
    with open_gradebook(course, create=False) as gradebook:
        found = [unit for unit in units if results.load(gradebook.db, unit)]
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


def row_of(
    unit: Unit,
    result: Result,
    by_hand: dict[str, tuple[float | None, bool]],
    notes: dict[str, str],
    who: Person | None,
) -> Row:
    """One student's row: a mark for each of the unit's graded cells, in the unit's order."""
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    marks = {}
    for cell in (*unit.tests, *unit.written):
        verdict = verdicts.get(cell.grade_id)
        given, waits = by_hand.get(cell.grade_id, (None, False))
        if verdict is None:
            mark = Mark(cell.grade_id, 0.0, cell.points, Status.SKIPPED, result.reason)
        else:
            mark = Mark(
                cell.grade_id,
                verdict.points,
                cell.points,
                verdict.status,
                verdict.message,
                verdict.diagnosis,
                waits=waits and verdict.status in (Status.MANUAL, Status.BROKEN),
            )
        if given is not None:
            mark = Mark(
                cell.grade_id, given, cell.points, mark.status, mark.message, mark.diagnosis, True
            )
        marks[cell.grade_id] = mark
    return Row(
        result.student,
        result.status,
        marks,
        result.reason,
        result.remarks,
        notes,
        result.seconds,
        result.graded_at,
        who,
    )


def hand_marks(gradebook: Gradebook, unit: str) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """student -> cell -> (points given by a person or None, whether it waits for one)."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == unit)
    )
    marks: dict[str, dict[str, tuple[float | None, bool]]] = {}
    for student, cell, auto, manual, extra, waits in rows:
        given = None
        if manual is not None or extra is not None:
            given = (auto or 0.0) if manual is None else manual
            given += extra or 0.0
        marks.setdefault(student, {})[cell] = (given, bool(waits))
    return marks


def hand_comments(gradebook: Gradebook, unit: str) -> dict[str, dict[str, str]]:
    """student -> solution cell -> what a person wrote about it."""
    rows = (
        gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Comment.manual_comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == unit, Comment.manual_comment.is_not(None))
    )
    notes: dict[str, dict[str, str]] = {}
    for student, cell, text in rows:
        notes.setdefault(student, {})[cell] = text
    return notes
