"""The commands: what they print, and that bad input is a clear error and never a traceback."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from classroom import ROOT, UNIT, Classroom

from autograder import cli
from autograder.course import Course
from autograder.demo import MARK


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command in a course; returns exit code, stdout and stderr."""

    def command(course: Course, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(course.root)
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return command


def test_grade_feedback_report_export_one_after_the_other(room: Classroom, run):
    room.hand_in_right("right")
    assert run(room.course, "grade", "--engine", "stock")[0] == 0
    (room.course.submitted / "stray.ipynb").write_text("{}")
    (room.course.submitted / ".hidden").mkdir()
    code, out, err = run(room.course, "grade", "01", "--json", "--engine", "stock")
    assert code == 0
    assert "not graded: stray.ipynb: a file outside of any student's folder" in err
    assert "not graded: .hidden: a name that cannot be a student's id" in err
    (graded,) = json.loads(out)
    assert graded["submissions"][0]["status"] == "graded"
    assert run(room.course, "feedback", "01")[0] == 0
    assert run(room.course, "report")[0] == 0
    assert run(room.course, "export", "--format", "canvas")[0] == 0
    assert (room.course.feedback / "right" / UNIT / f"{UNIT}.html").is_file()
    assert (room.course.reports / f"{UNIT}.html").is_file()
    assert (room.course.reports / f"{UNIT}-canvas.csv").is_file()


def test_a_failed_submission_is_accepted_by_name(room: Classroom, run):
    room.hand_in("cut", b"{")
    room.hand_in_right("right")
    assert run(room.course, "grade", "--engine", "stock")[0] == 0
    code, out, _ = run(room.course, "accept", "01", "cut", "--why", "handed in on paper")
    assert code == 0
    assert "cut: 0 points, final (it was failed: the file is not a complete notebook" in out
    assert "right" not in out
    _, out, _ = run(room.course, "grade", "01", "--json", "--engine", "stock")
    found = {row["student"]: row for row in json.loads(out)[0]["submissions"]}
    assert (found["cut"]["status"], found["cut"]["final"]) == ("graded", 0)
    assert any("handed in on paper" in remark for remark in found["cut"]["remarks"])
    assert (found["right"]["points"], found["right"]["final"]) == (5, None)
    assert found["right"]["to_mark"] == ["explain"]
    code, _, err = run(room.course, "accept", "01", "nobody")
    assert (code, "nobody" in err, "try:" in err) == (1, True, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grade", "99"), "no unit '99'"),
        (("grade", "01"), "no submissions"),
        (("grade",), "no submissions"),
        (("grade", "01", "--student", "x"), "no submission of x"),
        (("feedback", "01"), "no gradebook"),
        (("report",), "no gradebook"),
        (("export", "01"), "no gradebook"),
        (("demo", "--unit", "99"), "no unit '99'"),
    ],
)
def test_bad_input_is_a_clear_error(room: Classroom, run, arguments, message):
    code, out, err = run(room.course, *arguments)
    assert code == 1
    assert message in err
    assert "try:" in err
    assert "Traceback" not in out + err


def test_an_unknown_engine_is_a_clear_error(room: Classroom, run):
    room.hand_in_right("right")
    code, _, err = run(room.course, "grade", "--engine", "steam")
    assert (code, "steam" in err) == (1, True)


def test_outside_of_a_course_the_commands_say_so(tmp_path, run):
    code, _, err = run(Course(tmp_path), "grade")
    assert (code, "no course here" in err) == (1, True)


@pytest.fixture
def small(room: Classroom) -> Course:
    """The tiny course with its answers, for a demo of its own."""
    folder = room.course.source / "answers"
    if not folder.is_dir():
        shutil.copytree(ROOT / "tests" / "tiny" / "source" / "answers", folder)
    return room.course


def test_the_demo_shows_a_whole_class(small: Course, run):
    code, out, err = run(small, "demo", "--unit", "01", "--engine", "stock")
    assert code == 0, err
    stage = small.root / "demo"
    assert "Where to look" in out
    assert out.count("failed") >= 1  # the file that is cut in half
    assert "did not end within" in out
    assert "the kernel died" in out
    assert len(list((stage / "feedback").rglob("*.html"))) >= 12
    assert (stage / "reports" / f"{UNIT}.html").is_file()
    assert not small.submitted.exists()  # the course itself is left alone


def test_the_demo_never_removes_what_it_did_not_make(small: Course, run):
    (small.root / "demo").mkdir()
    (small.root / "demo" / "precious").write_text("mine")
    code, _, err = run(small, "demo", "--unit", "01")
    assert code == 1
    assert "not made by a demo" in err
    assert (small.root / "demo" / "precious").read_text() == "mine"
    assert not (small.root / "demo" / MARK).exists()
