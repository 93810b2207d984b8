"""Hostile, for the machine: every bomb is held, and every blow at whoever grades goes nowhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from catalogue.desk import Bait, Desk
from catalogue.machine import heading
from catalogue.threat import Threat
from school import Graded, run, shown_table

from autograder.course import Course
from autograder.intake.folder.collect import left_out

pytestmark = pytest.mark.xdist_group("machine")

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("threat", heading.threats, ids=lambda threat: threat.title)
def test_the_machine_is_safe_and_the_score_is_the_one_deserved(
    attacked: Graded, threat: Threat, enter
) -> None:
    enter(heading.title, **attacked.of(threat))
    row = attacked.rows[threat.student]
    assert (row.points, row.status) == (threat.deserved, threat.status), attacked.said(row.student)
    assert re.search(threat.says, attacked.said(row.student)), attacked.said(row.student)
    assert not attacked.seen(row.student)


def test_nobody_else_is_affected_and_nothing_is_left_behind(attacked: Graded) -> None:
    assert attacked.affected == []
    assert attacked.leftovers == []


def test_no_failure_is_the_graders_and_nothing_is_run_again(attacked: Graded) -> None:
    """What came of a submission is recorded as its own, whatever it sent."""
    assert [row.reason for row in attacked.rows.values() if "the grader failed" in row.reason] == []
    files = {file: file.stat().st_mtime_ns for file in attacked.course.autograded.rglob("*.ipynb")}
    points = {student: result.points for student, result in run(attacked.course).items()}
    assert points == {student: row.points for student, row in attacked.rows.items()}
    assert {file: file.stat().st_mtime_ns for file in files} == files


def test_no_file_of_a_notebook_grows_beyond_its_limit(attacked: Graded) -> None:
    """Output is cut where the limit says, with a word about it."""
    files = list(attacked.course.autograded.rglob("*.ipynb"))
    assert max(file.stat().st_size for file in files) < 3 * 2**20
    flood = next(t.student for t in heading.threats if t.title == "endless text")
    assert "the output was cut here" in str(attacked.autograded(flood))


def test_nothing_that_is_read_in_a_terminal_holds_an_escape(attacked: Graded) -> None:
    """Table, messages, CSV, and the pages too."""
    shown = [
        shown_table(attacked),
        *attacked.csv.values(),
        *attacked.pages.values(),
        attacked.report,
    ]
    shown += [attacked.said(student) for student in attacked.rows]
    assert [text[:200] for text in shown if CONTROLS.search(text)] == []


def test_a_folder_that_is_nobodys_is_named_and_not_followed(built: Course, tmp_path: Path) -> None:
    """What cannot be a student's folder is said, and nothing in it is attacked."""
    shutil.copytree(built.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    desk = Desk(course, "student", Bait(0, tmp_path, ""))
    desk.hand_in()
    (course.submitted / "linked").symlink_to(course.submitted / "student")
    (course.submitted / "rubout\x1b[2J").mkdir()
    (course.submitted / ("x" * 200)).mkdir()
    (course.submitted / "stray.ipynb").write_bytes(desk.file.read_bytes())
    assert list(run(course)) == ["student"]
    said = "\n".join(left_out(course))
    for part in ("linked: a symbolic link", "rubout: a name", "xxx", "stray.ipynb: a file"):
        assert part in said
    assert not CONTROLS.search(said)
