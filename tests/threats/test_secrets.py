"""Hostile, for secrets: no canary reaches anything that a student can see, or that leaves the machine."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from catalogue.desk import UNIT
from catalogue.secrets import heading
from catalogue.threat import Threat
from school import CANARY, Graded, hold

from autograder.course import Course, is_test
from autograder.engines.messages import for_instructor

pytestmark = pytest.mark.xdist_group("secrets")


@pytest.fixture(scope="module")
def graded(built: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return hold(heading, built, tmp_path_factory.mktemp("secrets"))


@pytest.mark.parametrize("threat", heading.threats, ids=lambda threat: threat.title)
def test_no_secret_is_seen(graded: Graded, threat: Threat, enter) -> None:
    enter(heading.title, **graded.of(threat))
    row = graded.rows[threat.student]
    assert (row.points, row.status) == (threat.deserved, threat.status), graded.said(row.student)
    assert graded.seen(row.student) == set()


def test_spies_had_their_say(graded: Graded) -> None:
    """A spy that crashed before it looked would find nothing as well."""
    spies = [t.student for t in heading.threats if "found" in str(graded.autograded(t.student))]
    assert len(spies) >= 15
    for student in spies:
        last = graded.autograded(student)["cells"][-1]["outputs"]
        assert any("found: [" in "".join(o.get("text", "")) for o in last), (student, last)


def test_the_spy_on_the_wire_heard_the_examiner(graded: Graded) -> None:
    name = next(t.student for t in heading.threats if "examiner sends" in t.title)
    last = str(graded.autograded(name)["cells"][-1]["outputs"])
    heard = re.search(r"(\d+) messages heard", last)
    assert heard is not None, last
    assert int(heard[1]) > 5


def test_nothing_was_sent(graded: Graded) -> None:
    assert graded.heard == []


def test_nobody_else_is_affected_and_nothing_is_left_behind(graded: Graded) -> None:
    assert graded.affected == []
    assert graded.leftovers == []


def test_the_search_would_find_what_the_instructor_has(graded: Graded) -> None:
    """The instructor's files do hold the canaries that no student's page has."""
    name = next(t.student for t in heading.threats if "feedback page" in t.title)
    tests = [c for c in graded.autograded(name)["cells"] if is_test(c)]
    assert {"CANARY-test-double", "CANARY-comment-double"} <= set(CANARY.findall(str(tests)))
    verdict = graded.verdicts(name)["double-values"]
    assert "524287" not in CANARY.findall(verdict.message)
    assert "524287" in CANARY.findall(for_instructor(verdict))
    assert "CANARY-neighbour" in CANARY.findall(str(graded.autograded("a-neighbour")))


def test_nbgraders_own_feedback_page_shows_no_hidden_test_and_no_expected_value(
    graded: Graded,
) -> None:
    """With the settings of this course, `nbgrader generate_feedback` is safe to release too."""
    name = next(t.student for t in heading.threats if "feedback page" in t.title)
    tools = str(Path(sys.executable).parent)
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", UNIT, "--student", name],
        cwd=graded.course.root,
        env={**os.environ, "PATH": os.pathsep.join([tools, os.environ["PATH"]])},
        capture_output=True,
        timeout=120,
        check=True,
    )
    page = (graded.course.feedback / name / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
    shown = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "return x - 7" in shown
    assert CANARY.findall(shown) == []
