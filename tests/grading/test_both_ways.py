"""`autograder grade` and `nbgrader autograde` grade one folder, and everything comes out the same.

What is different, and why: a file that is no JSON is refused by nbgrader before any of our steps can
run. Its student has failed in both ways; by nbgrader's, the reason does not name the fault, and there
is no notebook in autograded/ to say it.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell, nbgrader
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from traitlets.config import Config

from autograder.course import Course, nbgrader_settings
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits, Status
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.standing import standing
from autograder.reports.class_table import class_table
from autograder.reports.export import FORMS, write_export
from autograder.reports.feedback import write_feedback
from autograder.reports.plain import as_json
from autograder.reports.report import write_report
from autograder.reports.summary import summarise

SETTINGS = """
c.ExecuteInExam.cell_seconds = 4
c.LateSubmissionPlugin.penalty_method = "zero"
"""
HONEST = ("right", "wrong", "crashes", "untouched", "late", "in_time")
ODD = ("endless", "deadly", "copied", "twice", "bare", "own_cells", "below", "old_test")
DAMAGED = ("cut",)
EVERYONE = (*HONEST, *ODD, *DAMAGED)


def class_hands_in(room: Classroom) -> None:
    room.hand_in_right("right")
    room.hand_in_right("wrong", double="def double(x):\n    return x + 2")
    room.hand_in_right("crashes", double="def double(x):\n    raise ValueError('<b>& oh</b>')")
    room.hand_in("untouched", room.released)
    for student, day in (("in_time", "2026-03-01"), ("late", "2026-03-03")):
        file = room.hand_in("late" if student == "late" else student, room.notebook(**RIGHT))
        (file.parent / "timestamp.txt").write_text(f"{day} 10:00:00.000000 UTC")
        (file.parent / "submission_secret.txt").write_text(f"secret of {student}")
    room.hand_in_right("endless", double="while True:\n    pass")
    room.hand_in_right("deadly", double="import os\nos._exit(1)")
    copied = room.notebook(ANSWER, **RIGHT)
    copied["cells"].append(copy.deepcopy(cell(copied, "double-values")))
    room.hand_in("copied", copied)
    twice = room.notebook(ANSWER, **RIGHT)
    twice["cells"].append({**copy.deepcopy(cell(twice, "double")), "source": "def double(x): 1"})
    room.hand_in("twice", twice)
    bare = room.notebook(ANSWER, **RIGHT)
    for found in bare["cells"]:
        found["metadata"] = {}
        del found["id"]
    room.hand_in("bare", {**bare, "nbformat_minor": 4})
    own = room.notebook("", mean="def column_means(X):\n    return helper(X)")
    own["cells"].insert(4, code("def helper(X):\n    return X.mean(0)\nprint('helped')"))
    room.hand_in("own_cells", own)
    below = room.notebook(**RIGHT)
    below["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "b", "source": ANSWER})
    room.hand_in("below", below)
    old = room.notebook(ANSWER, **RIGHT)
    cell(old, "mean-values")["source"] += "\n# changed"
    room.hand_in("old_test", old)
    room.hand_in("cut", json.dumps(room.released).encode()[:700])


def copy_of(room: Classroom, folder: Path) -> Classroom:
    shutil.copytree(room.course.root, folder)
    made = object.__new__(Classroom)
    made.course = Course(folder)
    return made


def code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "metadata": {}, "id": "own", "source": source,
        "outputs": [], "execution_count": None,
    }  # fmt: skip


@pytest.fixture(scope="module")
def ways(built: Classroom, tmp_path_factory: pytest.TempPathFactory) -> tuple[Classroom, Classroom]:
    """One class, graded by us and by nbgrader."""
    rooms = [copy_of(built, tmp_path_factory.mktemp("way") / "course") for _ in "12"]
    for room in rooms:
        config = room.course.root / "nbgrader_config.py"
        config.write_text(config.read_text() + SETTINGS)
        nbgrader(room, "generate_assignment", UNIT, "--force")
        with Gradebook(room.course.gradebook) as gradebook:
            gradebook.update_or_create_assignment(UNIT, duedate="2026-03-02 00:00:00 UTC")
        class_hands_in(room)
    ours, theirs = rooms
    grade(ours.course, UNIT, Options(workers=2, limits=Limits(cell_seconds=4)))
    log = nbgrader(theirs, "autograde", UNIT, fails=True)
    assert "cut" in log
    return ours, theirs


def gradebook_rows(room: Classroom) -> dict[str, Any]:
    """All that nbgrader's tables hold of the class."""
    with Gradebook(room.course.gradebook) as gradebook:
        found: dict[str, Any] = {}
        for submission in gradebook.assignment_submissions(UNIT):
            (notebook,) = submission.notebooks
            found[submission.student.id] = {
                "timestamp": submission.timestamp,
                "score": submission.score,
                "flagged": bool(notebook.flagged),
                "penalty": notebook.late_submission_penalty,
                "grades": {
                    g.name: (g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                    for g in notebook.grades
                },
                "comments": {c.name: (c.auto_comment, c.manual_comment) for c in notebook.comments},
            }
        return found


def our_rows(room: Classroom) -> dict[str, results.Result]:
    with open_gradebook(room.course) as gradebook:
        return {
            student: replace(result, token="", seconds=0, graded_at="")
            for student, result in results.load(gradebook.db, UNIT).items()
        }


def test_the_class_is_what_it_should_be(ways):
    """So that nothing below compares two empty things."""
    rows = {row.student: row for row in standing(ways[1].course, UNIT).rows}
    assert set(rows) == set(EVERYONE)
    got = {s: sum(m.points for m in rows[s].marks.values()) for s in EVERYONE}
    assert got == {
        "right": 5, "wrong": 2, "crashes": 2, "untouched": 0, "late": 5, "in_time": 5,
        "endless": 2, "deadly": 2, "copied": 5, "twice": 5, "bare": 5, "own_cells": 2,
        "below": 5, "old_test": 5, "cut": 0,
    }  # fmt: skip
    assert rows["late"].penalty == 5
    assert rows["late"].final == 0
    assert rows["in_time"].final == 5
    assert rows["right"].final is None
    assert rows["wrong"].marks["double-values"].message
    assert "did not come to its end" in rows["endless"].marks["double-values"].message
    assert rows["twice"].status is Status.NEEDS_PERSON
    assert rows["cut"].status is Status.FAILED
    assert rows["copied"].remarks
    not_graded = {s for s, row in rows.items() if row.status is not Status.GRADED}
    assert not_graded == {"twice", "own_cells", "cut"}


@pytest.mark.parametrize("student", [*HONEST, *ODD])
def test_the_gradebook_is_the_same(ways, student):
    ours, theirs = (gradebook_rows(room)[student] for room in ways)
    assert ours == theirs


@pytest.mark.parametrize("student", [*HONEST, *ODD])
def test_our_own_row_is_the_same(ways, student):
    ours, theirs = (our_rows(room)[student] for room in ways)
    assert ours == theirs
    assert ours.answers or student == "untouched"


@pytest.mark.parametrize("student", [*HONEST, *ODD])
def test_autograded_is_the_same(ways, student):
    ours, theirs = (nbformat.reads(json.dumps(room.autograded(student)), 4) for room in ways)
    for notebook in (ours, theirs):
        assert len(notebook["metadata"].pop("autograder")["token"]) == 32
    assert ours["cells"] == theirs["cells"]
    assert ours["metadata"] == theirs["metadata"]
    names = [{f.name for f in (room.course.autograded / student / UNIT).iterdir()} for room in ways]
    assert names[0] == names[1]
    if student == "late":
        assert names[0] == {f"{UNIT}.ipynb", "timestamp.txt", "submission_secret.txt"}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_exports_are_the_same(ways, form):
    def lines(room: Classroom) -> list[list[str]]:
        (file,) = write_export(room.course, [UNIT], form)
        found = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        kept = [i for i, head in enumerate(found[0]) if head not in ("seconds", "graded_at")]
        return [[line[i] for i in kept] for line in found if "cut" not in line]

    ours, theirs = (lines(room) for room in ways)
    assert ours == theirs
    assert len(ours) > len(HONEST) + len(ODD)


def test_the_report_is_the_same(ways):
    first, second = (summarise(standing(room.course, UNIT)) for room in ways)
    hide = {"attention": ()}
    assert replace(first, **hide) == replace(second, **hide)
    for one, other in zip(first.attention, second.attention, strict=True):
        assert (one.student, one.status, one.final) == (other.student, other.status, other.final)
    pages = [write_report(room.course, UNIT)[0].read_text(encoding="utf-8") for room in ways]
    timeless = [without_cut(re.sub(r"\d+\.\d s", "", page)) for page in pages]
    assert timeless[0] == timeless[1]


def without_cut(page: str) -> str:
    """A report page without the reason of the damaged file, the one known difference."""
    return re.sub(
        r"(the file is not a complete notebook|its graded notebook is not)[^<]*", "", page
    )


def test_the_table_is_the_same(ways):
    def shown(room: Classroom) -> list[str]:
        console = Console(width=180, file=io.StringIO())
        console.print(class_table(standing(room.course, UNIT)))
        text = console.file.getvalue()  # type: ignore[attr-defined]
        lines = [re.sub(r"\s+\d+\.\d s", "", line) for line in text.splitlines()]
        return [line for line in lines if not line.strip().startswith("cut")]

    ours, theirs = (shown(room) for room in ways)
    assert ours == theirs


def test_json_is_the_same(ways):
    def plain(room: Classroom) -> list[dict[str, Any]]:
        rows = as_json(standing(room.course, UNIT), (*HONEST, *ODD))["submissions"]
        return [{k: v for k, v in row.items() if k not in ("seconds", "graded_at")} for row in rows]

    ours, theirs = (plain(room) for room in ways)
    assert ours == theirs
    assert len(ours) == len(HONEST) + len(ODD)


def test_feedback_pages_are_the_same(ways):
    def pages(room: Classroom) -> dict[str, str]:
        files = write_feedback(room.course, UNIT)
        return {file.parts[-3]: file.read_text(encoding="utf-8") for file in files}

    ours, theirs = (pages(room) for room in ways)
    assert ours.keys() == theirs.keys() == set(EVERYONE)
    for student in (*HONEST, *ODD):
        assert ours[student] == theirs[student]


def test_what_one_way_has_graded_the_other_takes_as_it_is(ways, tmp_path):
    """Neither runs again what the other has done, but for the file that nbgrader could not read."""
    room = copy_of(ways[1], tmp_path / "course")
    ran = []
    options = Options(workers=1, limits=Limits(cell_seconds=4))
    grade(
        room.course,
        UNIT,
        options,
        lambda step: ran.append(step.result.student) if step.ran else None,
    )
    assert ran == ["cut"]
    assert our_rows(room)["cut"] == our_rows(ways[0])["cut"]
    assert "Skipping existing" in nbgrader(room, "autograde", UNIT)
    assert gradebook_rows(room) == gradebook_rows(ways[0])


def test_a_mark_by_hand_fares_the_same(ways, tmp_path):
    """The mark stays while the answer does, and is withdrawn with it, whoever grades again."""
    after = []
    for number, way in enumerate(ways):
        room = copy_of(way, tmp_path / str(number))
        for student in ("right", "wrong", "twice"):
            with Gradebook(room.course.gradebook) as gradebook:
                for name, points in (("explain", 1.5), ("double-values", 1.0)):
                    mark = gradebook.find_grade(name, UNIT, UNIT, student)
                    mark.manual_score, mark.needs_manual_grade = points, False
                gradebook.db.commit()
        changed = room.notebook("Other words.", double="1", mean=RIGHT["mean"])
        room.hand_in("wrong", changed)
        if number == 0:
            options = Options(("right", "wrong", "twice"), again=True, workers=1)
            grade(room.course, UNIT, options)
        else:
            for student in ("right", "wrong", "twice"):
                nbgrader(room, "autograde", UNIT, "--student", student, "--force")
        rows = gradebook_rows(room)
        after.append({s: rows[s] for s in ("right", "wrong", "twice")})
        assert sum("withdrawn" in remark for remark in our_rows(room)["wrong"].remarks) == 2
    assert after[0] == after[1]
    assert after[0]["right"]["score"] == 1.5 + 1 + 2
    assert after[0]["wrong"]["score"] == 2


def test_a_timestamp_is_the_time_it_says(ways):
    for room in ways:
        assert gradebook_rows(room)["late"]["timestamp"] == datetime(2026, 3, 3, 10)


@pytest.mark.parametrize("way", [0, 1])
def test_formgraders_pages_say_the_same(ways, way):
    """What its tables show (points, late penalty, who needs a mark, flags) is what ours show."""
    course = ways[way].course
    config = Config(nbgrader_settings(course.root))
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    rows = {row.student: row for row in standing(course, UNIT).rows}
    for student in (*HONEST, *ODD):
        row, page = rows[student], api.get_submission(UNIT, student)
        assert page["autograded"]
        assert page["submitted"]
        assert page["score"] - row.penalty == row.points
        assert page["needs_manual_grade"] == row.waits
    listed = {n["student"]: n for n in api.get_notebook_submissions(UNIT, UNIT)}
    assert {s for s in (*HONEST, *ODD) if listed[s]["flagged"]} == {"twice", "own_cells"}
