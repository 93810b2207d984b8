"""Hostile, for the machine: every bomb is held, and every blow at whoever grades goes nowhere."""

from __future__ import annotations

import re

import pytest
from catalogue.machine import heading
from catalogue.threat import Threat
from school import Graded, hold, shown_table

from autograder.course import Course

pytestmark = pytest.mark.xdist_group("machine")

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def graded(built: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return hold(heading, built, tmp_path_factory.mktemp("machine"))


@pytest.mark.parametrize("threat", heading.threats, ids=lambda threat: threat.title)
def test_the_machine_is_safe_and_the_score_is_the_one_deserved(
    graded: Graded, threat: Threat, enter
) -> None:
    enter(heading.title, **graded.of(threat))
    row = graded.rows[threat.student]
    assert (row.points, row.status) == (threat.deserved, threat.status), graded.said(row.student)
    assert re.search(threat.says, graded.said(row.student)), graded.said(row.student)
    assert not graded.seen(row.student)


def test_nobody_else_is_affected_and_nothing_is_left_behind(graded: Graded) -> None:
    assert graded.affected == []
    assert graded.leftovers == []


def test_no_file_of_a_notebook_grows_beyond_its_limit(graded: Graded) -> None:
    """Output is cut where the limit says, with a word about it."""
    files = list(graded.course.autograded.rglob("*.ipynb"))
    assert max(file.stat().st_size for file in files) < 3 * 2**20
    flood = next(t.student for t in heading.threats if t.title == "endless text")
    assert "the output was cut here" in str(graded.autograded(flood))


def test_nothing_that_is_read_in_a_terminal_holds_an_escape(graded: Graded) -> None:
    """Table, messages, CSV, and the pages too."""
    shown = [shown_table(graded), *graded.csv.values(), *graded.pages.values(), graded.report]
    shown += [graded.said(student) for student in graded.rows]
    assert [text[:200] for text in shown if CONTROLS.search(text)] == []
