"""A class's standing as plain data, for `--json`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from autograder.records.standing import Row, Standing


def as_json(stand: Standing, students: Collection[str]) -> dict[str, Any]:
    """The rows of some students as JSON can hold them; the verdicts' order is the notebook's.

    `points` is what there is up to now, `final` the number that counts, or null until there is one.
    """
    rows = [row for row in stand.rows if row.student in students]
    return {"unit": stand.unit.name, "submissions": [as_plain(stand, row) for row in rows]}


def as_plain(stand: Standing, row: Row) -> dict[str, Any]:
    """One student's row."""
    return {
        "student": row.student,
        "status": row.status.value,
        "reason": row.reason,
        "points": row.points,
        "max_points": stand.unit.points,
        "final": row.final,
        "to_mark": row.to_mark,
        "late_penalty": row.penalty,
        "seconds": row.seconds,
        "remarks": list(row.remarks),
        "verdicts": [asdict(mark) for mark in row.marks.values()],
        "graded_at": row.graded_at,
    }
