"""What nbgrader's gradebook holds of a unit's submissions, whoever has graded them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Given:
    """A grade of the gradebook: the test's points, a person's, and whether a person must look."""

    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    needs_manual_grade: bool

    @property
    def score(self) -> float | None:
        """A person's mark, or else the test's points, or nothing."""
        return self.auto_score if self.manual_score is None else self.manual_score

    @property
    def by_hand(self) -> bool:
        return self.manual_score is not None or self.extra_credit is not None

    @property
    def closed(self) -> bool:
        """Whether a person has marked the cell, and need not look again."""
        return self.manual_score is not None and not self.needs_manual_grade


NOTHING = Given(None, None, None, True)


@dataclass
class Held:
    """What the gradebook holds of one submission; `grades` and `comments` by cell."""

    flagged: bool = False
    penalty: float = 0.0
    grades: dict[str, Given] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    comments: dict[str, str] = field(default_factory=dict)


def held_of(db: Session, unit: str) -> dict[str, Held]:
    """Student -> what the gradebook holds of the submission for this unit."""
    held: dict[str, Held] = defaultdict(Held)
    of_unit = (
        select(SubmittedAssignment.student_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(Assignment.name == unit)
    )
    for student, flagged, penalty in db.execute(
        of_unit.add_columns(SubmittedNotebook.flagged, SubmittedNotebook.late_submission_penalty)
    ):
        held[student].flagged = bool(flagged)
        held[student].penalty = penalty or 0.0
    of_cells = of_unit.add_columns(BaseCell.name)
    for student, cell, *grade in db.execute(
        of_cells.join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .add_columns(
            Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
        )
    ):
        held[student].grades[cell] = Given(*grade)
    for student, cell, text in db.execute(
        of_cells.join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .add_columns(Comment.manual_comment)
        .where(Comment.manual_comment.is_not(None))
    ):
        held[student].comments[cell] = text
    return dict(held)


def submitted_notebooks(db: Session, unit: str) -> list[SubmittedNotebook]:
    """The gradebook's rows of a unit's submissions."""
    of_unit = (
        select(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )
    return list(db.scalars(of_unit.where(Assignment.name == unit)))
