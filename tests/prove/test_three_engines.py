"""Every answer of the course earns the same in the exam, in one kernel, and under stock nbgrader.

A sample by default: one submission of each unit that stock nbgrader runs in a few seconds.
COMPARE=all (`make compare`) takes them all.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from plugins.isolation import need_isolation
from three_ways import Stock, by_us, sheets

from autograder.build import read_answers
from autograder.build.unit import build_unit
from autograder.course import Course

pytestmark = pytest.mark.thorough

COURSE = Course.find(Path(__file__).parent)
TINY = Course(COURSE.root / "tests" / "tiny")
EVERYTHING = os.environ.get("COMPARE") == "all"
CHOSEN = COURSE.units if EVERYTHING else COURSE.select(["01", "03", "04"])


@pytest.fixture(scope="module", autouse=True)
def isolating() -> None:
    need_isolation()


@pytest.mark.parametrize(
    ("course", "unit"),
    [(TINY, "01_tiny"), *((COURSE, unit) for unit in CHOSEN)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_three_engines_give_each_answer_the_points_that_it_should_have(
    course: Course, unit: str, tmp_path: Path
) -> None:
    built = build_unit(course, unit)
    handed_in = sheets(built, read_answers(course, unit))
    handed_in = handed_in if EVERYTHING else handed_in[:1]
    stock = Stock(tmp_path, built).grade(handed_in)
    found = {
        (engine, sheet.student, test): (points.get(test), expected)
        for sheet in handed_in
        for engine, points in (
            ("exam", by_us(built, sheet, "exam")),
            ("one kernel", by_us(built, sheet, "stock")),
            ("nbgrader", stock[sheet.student]),
        )
        for test, expected in sheet.expected.items()
    }
    assert len(found) == 3 * len(handed_in) * len(handed_in[0].expected) > 0
    assert {who: both for who, both in found.items() if both[0] != both[1]} == {}
