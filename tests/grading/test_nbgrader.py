"""nbgrader's own commands work on the same course, before and after ours."""

from __future__ import annotations

import csv
import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom
from nbgrader.api import Gradebook

from autograder.grading.gradebook import enter_unit, open_gradebook
from autograder.grading.restore import prepare


def nbgrader(room: Classroom, *arguments: str) -> str:
    """Run one of nbgrader's commands in the course's folder."""
    tools = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([tools, os.environ["PATH"]])}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=room.course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def scores(room: Classroom) -> dict[str, float]:
    with Gradebook(room.course.gradebook) as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(UNIT)}


def test_nbgrader_reports_and_exports_what_we_have_graded(regraded):
    nbgrader(regraded, "generate_feedback", UNIT, "--student", "wrong")
    page = regraded.course.feedback / "wrong" / UNIT / f"{UNIT}.html"
    shown = html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
    assert "return x + 2" in shown
    assert "CANARY-01" not in shown
    nbgrader(regraded, "export")
    with (regraded.course.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["wrong"]["score"]) == 2
    assert float(rows["right"]["max_score"]) == 7


def test_nbgraders_own_autograde_gives_the_same_points(room):
    room.hand_in("right", room.notebook(ANSWER, **RIGHT))
    room.hand_in("half", room.notebook("", mean=RIGHT["mean"]))
    with open_gradebook(room.course) as gradebook:
        enter_unit(gradebook.db, UNIT, prepare(room.instructor))
        gradebook.db.commit()
    nbgrader(room, "autograde", UNIT)
    theirs = scores(room)
    assert {s: r.points for s, r in room.grade().items()} == theirs
    assert scores(room) == theirs == {"right": 5, "half": 2}


def test_nbgrader_grades_again_what_we_have_graded(regraded):
    nbgrader(regraded, "autograde", UNIT, "--student", "right", "--force")
    assert scores(regraded)["right"] == 5


@pytest.mark.parametrize("student", ["right", "cut", "copied", "twice"])
def test_what_we_write_is_valid_to_nbgrader(graded, student):
    from nbgrader.nbgraderformat import reads

    file = graded.course.autograded / student / UNIT / f"{UNIT}.ipynb"
    assert reads(file.read_text(encoding="utf-8"), as_version=4)
