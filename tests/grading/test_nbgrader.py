"""nbgrader's own commands work on the same course, before and after ours."""

from __future__ import annotations

import csv
import html
import re
import shutil

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, nbgrader
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from autograder.build.release import prepare
from autograder.records.gradebook import enter_unit, open_gradebook
from autograder.reports.feedback import write_feedback


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


SECRETS = {"ann": "first secret", "ben": "second secret"}


@pytest.mark.parametrize("whose", ["nbgrader's pages", "ours", "ours, graded by nbgrader"])
def test_feedback_is_released_to_those_who_handed_in(room, tmp_path, whose):
    """nbgrader finds the time and the secret of each submission, whoever graded it."""
    config = room.course.root / "nbgrader_config.py"
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config.write_text(
        f"{config.read_text()}\nc.Exchange.root = {str(exchange)!r}\n"
        "c.CourseDirectory.course_id = 'course'\n"
    )
    for student, secret in SECRETS.items():
        folder = room.hand_in_right(student).parent
        (folder / "timestamp.txt").write_text("2026-03-01 10:00:00.000000 UTC")
        (folder / "submission_secret.txt").write_text(secret)
    if whose == "ours, graded by nbgrader":
        nbgrader(room, "generate_assignment", UNIT, "--force")
        nbgrader(room, "autograde", UNIT)
    else:
        room.grade()
    if whose == "nbgrader's pages":
        nbgrader(room, "generate_feedback", UNIT)
    else:
        write_feedback(room.course, UNIT)
    nbgrader(room, "release_feedback", UNIT)
    released = {file.stem for file in (exchange / "course" / "feedback").glob("*.html")}
    assert released == {notebook_hash(secret=s, notebook_id=UNIT) for s in SECRETS.values()}


def test_what_no_submission_has_stays_nowhere(room):
    """A second hand-in without the files leaves none of the first; a link is not followed."""
    folder = room.hand_in_right("ann").parent
    (folder / "submission_secret.txt").write_text("a secret")
    room.grade()
    kept = room.course.autograded / "ann" / UNIT / "submission_secret.txt"
    assert kept.read_text() == "a secret"
    (folder / "submission_secret.txt").unlink()
    (folder / "submission_secret.txt").symlink_to(room.course.root / "gradebook.db")
    room.grade(again=True)
    assert not kept.exists()


FORCED = ("generate_solution", "generate_assignment", "autograde", "generate_feedback")


def test_no_command_of_nbgrader_harms_what_is_built(room):
    """With --force each removes its folder first; solutions/ and notebooks/ are in git."""
    room.hand_in_right("ann")
    room.grade()
    folders = (room.course.solutions, room.course.notebooks, room.course.instructor)
    (room.course.solutions / UNIT).mkdir(parents=True)
    shutil.copy(
        room.course.notebooks / UNIT / f"{UNIT}.ipynb",
        room.course.solutions / UNIT / f"{UNIT}.ipynb",
    )

    def kept() -> dict[str, bytes]:
        files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
        return {str(file): file.read_bytes() for file in files}

    before = kept()
    for command in FORCED:
        nbgrader(room, command, UNIT, "--force")
        assert kept() == before, command
    assert any("CANARY" in f.read_text() for f in (room.course.root / ".build").rglob("*.ipynb"))
    assert not any("CANARY" in f.read_text() for f in room.course.solutions.rglob("*.ipynb"))


def test_the_exam_does_not_grade_what_was_not_restored(room):
    """With nbgrader's own first steps a student's metadata would be read: it is refused in words."""
    config = room.course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\ndel c.Autograde.sanitize_preprocessors\n")
    room.hand_in_right("ann")
    nbgrader(room, "generate_assignment", UNIT, "--force")
    log = nbgrader(room, "autograde", UNIT, fails=True)
    assert "RestoreSubmission" in log
