"""Results as plain data, for `--json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from autograder.grading.results import Result


def as_json(unit: str, results: list[Result]) -> dict[str, Any]:
    """A unit's results as JSON can hold them; the verdicts' order is the notebook's."""
    return {
        "unit": unit,
        "submissions": [
            {
                "student": result.student,
                "status": result.status.value,
                "reason": result.reason,
                "points": result.points,
                "max_points": result.max_points,
                "seconds": result.seconds,
                "remarks": list(result.remarks),
                "verdicts": [asdict(verdict) for verdict in result.verdicts],
                "graded_at": result.graded_at,
            }
            for result in results
        ],
    }
