"""What became of each submission, for ever: our own table in the gradebook's database.

nbgrader keeps points; it cannot say that a submission failed, and why, or needs a person, or never
came. This table does, and by its checksums the next run knows what it need not run again.

Whoever grades in another way leaves this table as it was. So each grading has a token, drawn at
random, which is in its row and in its notebook in autograded/, where no student sees it: a row
speaks of the notebook that lies there, or of none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    Float,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Session

from autograder.model import Part, Status, Verdict

ILLEGIBLE = "what the gradebook has recorded of it cannot be read; grade it again"
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
    Column("token", String(32), nullable=False, server_default=""),  # in its notebook as well
    Column("accepted", Text, nullable=False, server_default=""),  # by whom, when and why
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
    token: str = ""
    accepted: str = ""

    @property
    def points(self) -> float:
        """What the tests gave; written answers are not in it."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)


def make_table(engine: Engine) -> None:
    """Our table, in a gradebook that has none, or one with fewer columns."""
    metadata.create_all(engine)
    known = {column["name"] for column in inspect(engine).get_columns(table.name)}
    with engine.begin() as connection:
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(engine.dialect)
                words = f"ADD COLUMN {column.name} {kind} NOT NULL DEFAULT ''"
                connection.execute(text(f"ALTER TABLE {table.name} {words}"))


def speaks_of(result: Result, file: Path) -> bool:
    """Whether a row and the notebook in autograded/ are of one grading."""
    try:
        return bool(result.token) and result.token.encode() in file.read_bytes()
    except OSError:
        return False


def forget(db: Session, unit: str, students: Collection[str]) -> None:
    """Delete the rows of all students but these; no commit."""
    known = db.scalars(select(table.c.student).where(table.c.unit == unit))
    for student in set(known) - set(students):
        db.execute(delete(table).where(table.c.student == student, table.c.unit == unit))


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


def load(db: Session, unit: str, student: str = "") -> dict[str, Result]:
    """Student -> result, for one unit; of one student alone where one is named."""
    chosen = select(table).where(table.c.unit == unit).order_by(table.c.student)
    rows = db.execute(chosen.where(table.c.student == student) if student else chosen)
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
        return Result(row["student"], row["unit"], Status.NEEDS_PERSON, ILLEGIBLE)
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
