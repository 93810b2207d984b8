"""What became of each submission, for ever: our own table in the gradebook's database.

nbgrader keeps points; it cannot say that a submission failed, and why, or needs a person, or never
came. This table does, and by its checksums the next run knows what it need not run again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Column, Float, MetaData, String, Table, Text, and_, delete, insert, select
from sqlalchemy.orm import Session

from autograder.model import Part, Status, Verdict

metadata = MetaData()
table = Table(
    "autograder_result",
    metadata,
    Column("student", String(128), primary_key=True),
    Column("unit", String(128), primary_key=True),
    Column("submission_sha256", String(64), nullable=False),  # empty: to be run again
    Column("source_sha256", String(64), nullable=False),  # of the instructor's notebook
    Column("engine", String(32), nullable=False),
    Column("status", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("remarks", Text, nullable=False),  # JSON: a list of strings
    Column("verdicts", Text, nullable=False),  # JSON: a list of verdicts
    Column("answers", Text, nullable=False),  # JSON: grade_id -> checksum of the student's text
    Column("seconds", Float, nullable=False),
    Column("graded_at", String(32), nullable=False),  # UTC, ISO 8601
)


@dataclass(frozen=True)
class Result:
    """One submission's row."""

    student: str
    unit: str
    status: Status
    reason: str = ""
    remarks: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    submission_sha256: str = ""
    source_sha256: str = ""
    engine: str = ""
    graded_at: str = ""

    @property
    def points(self) -> float:
        """What the tests gave; written answers are not in it."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)


def save(db: Session, result: Result) -> None:
    """Put a row in the place of the one for the same student and unit; no commit."""
    key = and_(table.c.student == result.student, table.c.unit == result.unit)
    db.execute(delete(table).where(key))
    row = asdict(result) | {
        "status": result.status.value,
        "remarks": json.dumps(result.remarks),
        "verdicts": json.dumps([asdict(verdict) for verdict in result.verdicts]),
        "answers": json.dumps(result.answers),
    }
    db.execute(insert(table).values(**row))


def load(db: Session, unit: str) -> dict[str, Result]:
    """Student -> result, for one unit."""
    rows = db.execute(select(table).where(table.c.unit == unit).order_by(table.c.student))
    return {row["student"]: from_row(row) for row in rows.mappings()}


def from_row(row: Any) -> Result:
    """A row of the table as a result; one that is not as we write it asks to be graded again."""
    values = dict(row)
    try:
        values["status"] = Status(values["status"])
        values["remarks"] = tuple(json.loads(values["remarks"]))
        values["verdicts"] = verdicts(json.loads(values["verdicts"]))
        values["answers"] = dict(json.loads(values["answers"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = "what the gradebook has recorded of it cannot be read; grade it again"
        return Result(row["student"], row["unit"], Status.NEEDS_PERSON, reason)
    return Result(**values)


def verdicts(rows: Iterable[dict[str, Any]]) -> tuple[Verdict, ...]:
    """Verdicts from their JSON."""
    return tuple(
        Verdict(
            **{
                **row,
                "status": Status(row["status"]),
                "diagnosis": tuple(row["diagnosis"]),
                "parts": tuple(
                    Part(**{**part, "details": tuple(part["details"])})
                    for part in row.get("parts", ())  # rows from before there were any
                ),
            }
        )
        for row in rows
    )
