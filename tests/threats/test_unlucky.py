"""Unlucky: a class mostly honest, sometimes unlucky, gets the points of its work."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from catalogue import credit
from catalogue.desk import FULL, RIGHT, UNIT, Bait, Desk, cell, load
from catalogue.threat import Threat
from catalogue.unlucky import heading
from nbgrader.api import Gradebook
from school import LIMITS, Graded, hold, run, shown_table

from autograder.course import Course
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Status
from autograder.records.standing import standing

pytestmark = pytest.mark.xdist_group("unlucky")


@pytest.fixture(scope="module")
def graded(built: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return hold(heading, built, tmp_path_factory.mktemp("unlucky"))


@pytest.mark.parametrize("threat", heading.threats, ids=lambda threat: threat.title)
def test_the_score_is_the_one_the_work_deserves(graded: Graded, threat: Threat, enter) -> None:
    enter(heading.title, **graded.of(threat))
    row = graded.rows[threat.student]
    assert (row.points, row.status) == (threat.deserved, threat.status), graded.said(row.student)
    assert re.search(threat.says, graded.said(row.student)), graded.said(row.student)
    assert not graded.seen(row.student)


def test_nobody_else_is_affected_and_nothing_is_left_behind(graded: Graded) -> None:
    assert graded.affected == []
    assert graded.leftovers == []


@pytest.fixture(scope="module")
def credited(built: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The marks of one student in a unit whose tests end in numbers of unusual kinds."""
    folder = tmp_path_factory.mktemp("credit") / "course"
    shutil.copytree(built.root, folder)
    course = Course(folder)
    credit.write(course)
    file = course.submitted / "student" / credit.CREDIT / f"{credit.CREDIT}.ipynb"
    file.parent.mkdir(parents=True)
    notebook = load(course.notebooks / credit.CREDIT / file.name)
    cell(notebook, "double")["source"] = RIGHT["double"]
    file.write_text(json.dumps(notebook), encoding="utf-8")
    grade(course, credit.CREDIT, Options(engine="exam", limits=LIMITS))
    return standing(course, credit.CREDIT).rows[0].marks


@pytest.mark.parametrize("value", credit.VALUES)
def test_partial_credit_is_a_number_of_points_or_a_persons_to_decide(credited, value, enter):
    mark = credited[f"double-{list(credit.VALUES).index(value)}"]
    broken = mark.status is Status.BROKEN and mark.waits and mark.points == 0
    got = credit.A_PERSON if broken else mark.points
    enter(
        heading.title,
        title=f"{value} as partial credit",
        deserved=credit.VALUES[value],
        got=got,
        status=mark.status.value,
    )
    assert got == credit.VALUES[value]


def test_a_deadly_answer_does_not_keep_the_score_of_the_one_before(
    built: Course, tmp_path: Path, enter
) -> None:
    """The mark of a first hand-in must not outlive the second, whatever that does."""
    shutil.copytree(built.root, tmp_path / "course")
    desk = Desk(Course(tmp_path / "course"), "student", Bait(0, tmp_path, ""))
    desk.hand_in()
    assert run(desk.course)["student"].points == FULL
    deadly = "import os\nos._exit(1)"
    desk.hand_in(double=deadly, scale=deadly, mean=deadly)
    result = run(desk.course)["student"]
    enter(
        heading.title,
        title="a regrade that kills the kernel",
        deserved=0.0,
        got=result.points,
        status=result.status.value,
    )
    assert (result.points, result.status) == (0, Status.FAILED)
    with Gradebook(desk.course.gradebook) as gradebook:
        assert [s.score for s in gradebook.assignment_submissions(UNIT)] == [0]


def test_no_failed_submission_looks_like_an_honest_zero(graded: Graded) -> None:
    """Table, CSV and gradebook tell graded, failed, needs a person and missing apart."""
    with Gradebook(graded.course.gradebook) as gradebook:
        flagged = {
            s.student.id: any(n.flagged for n in s.notebooks)
            for s in gradebook.assignment_submissions(UNIT)
        }
    shown = shown_table(graded)
    for threat in heading.threats:
        status, name = threat.status, threat.student
        assert f",{status.value}," in graded.csv[name]
        assert re.search(rf"^{re.escape(name)} .*{status.value}", shown, re.MULTILINE)
        if status is Status.MISSING:
            assert name not in flagged
        else:
            assert flagged[name] == (status is not Status.GRADED)
