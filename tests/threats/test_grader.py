"""The grader itself: cut off while it records, out of disk, started twice. Nothing is half recorded."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from full_disk import FREE
from integrity import faults
from plugins.isolation import lacking
from power_cut import MOMENTS
from processes import Run, nothing_hides
from tiny import RIGHT, UNIT, Classroom, copied

HERE = Path(__file__).parent
PAUSE = "import time\ntime.sleep(0.4)\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Three submissions, graded; not to be changed."""
    room = Classroom(tmp_path_factory.mktemp("small") / "course")
    room.hand_in_right("right")
    room.hand_in_right("wrong", double="def double(x):\n    return x + 2")
    room.hand_in("cut", b'{"cells": [')
    room.grade()
    return room


@pytest.fixture
def room(small: Classroom, tmp_path: Path) -> Classroom:
    """A copy of it, to do with as one likes."""
    return copied(small, tmp_path / "course")


# -- does the integrity check notice anything?


def execute(statement: str) -> Callable[[Classroom], object]:
    def spoil(room: Classroom) -> None:
        with sqlite3.connect(room.course.root / "gradebook.db") as db:
            assert db.execute(statement).rowcount > 0

    return spoil


def autograded(room: Classroom, student: str) -> Path:
    return room.course.autograded / student / UNIT / f"{UNIT}.ipynb"


SPOILERS: dict[str, Callable[[Classroom], object]] = {
    "points changed": execute("UPDATE grade SET auto_score = 1 WHERE auto_score = 3"),
    "a grade lost": execute("DELETE FROM grade WHERE id = (SELECT min(id) FROM grade)"),
    "a grade twice": execute("INSERT INTO grade SELECT 'x', cell_id, notebook_id, 3, NULL, NULL, 0 FROM grade LIMIT 1"),
    "a record lost": execute("DELETE FROM autograder_result WHERE student = 'wrong'"),
    "a submission lost": execute("DELETE FROM submitted_notebook"),
    "a file lost": lambda room: autograded(room, "cut").unlink(),
    "a file left behind": lambda room: autograded(room, "cut").with_name(".new").touch(),
    "another one's file": lambda room: shutil.copy(
        autograded(room, "right"), autograded(room, "wrong")
    ),
    "handed in again": lambda room: room.hand_in("right", b"{}"),
    "handed in late": lambda room: room.hand_in_right("zoe"),
}  # fmt: skip


def test_an_honest_gradebook_has_no_faults(small: Classroom) -> None:
    assert faults(small.course, UNIT) == []


@pytest.mark.parametrize("spoiled", SPOILERS)
def test_the_integrity_check_notices(room: Classroom, spoiled: str) -> None:
    SPOILERS[spoiled](room)
    assert faults(room.course, UNIT)


# -- the power cut between execute and record


def test_a_power_cut_while_recording_leaves_no_half_record(room: Classroom) -> None:
    students = dict(zip(MOMENTS, "abcdef", strict=True))
    for student in students.values():
        room.hand_in_right(student)
    room.grade()
    for moment, student in students.items():
        command = [sys.executable, HERE / "power_cut.py", room.course.root, UNIT, student, "wrong"]
        done = subprocess.run([*command, moment], check=False, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert faults(room.course, UNIT, finished=False) == [], moment
    found = room.grade()
    assert faults(room.course, UNIT) == []
    assert [found[student].points for student in students.values()] == [5, 5, 5, 5, 5, 2]


# -- a full disk


def mounts_are_ours() -> list[str]:
    """The command that gives a process its own mounts, or a skip where there is none."""
    way = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    try:
        subprocess.run(
            [*way, "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        lacking(f"no small disk can be mounted here: {error}")
    return way


def test_a_full_disk_stops_with_a_clear_error_and_no_half_record(small: Classroom) -> None:
    command = [*mounts_are_ours(), sys.executable, HERE / "full_disk.py", small.course.root, UNIT]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    for free in map(str, FREE):
        code, said = seen[free]["said"]
        assert seen[free]["faults"] == [], free
        assert (code, "Make room" in said or "make room" in said) == (1, True), said
        assert "Traceback" not in said
    assert seen["room"]["said"][0] == 0, seen["room"]
    assert seen["room"]["faults"] == []


# -- two graders


def test_of_two_graders_started_at_once_one_is_told_to_wait(room: Classroom) -> None:
    for number in range(3):
        room.hand_in_right(f"s{number}", double=PAUSE + RIGHT["double"])
    command = ("grade", "01", "--engine", "stock", "--workers", "2")
    with nothing_hides(), tempfile.TemporaryDirectory() as temporary:
        runs = [Run(room.course.root, Path(temporary), *command) for _ in range(2)]
        ended = sorted((run.wait(120) for run in runs), key=lambda end: end[0])
        assert [code for code, _ in ended] == [0, 1], ended
        assert "Another grader is at work on this course" in ended[1][1]
        assert any(f"(process {run.process.pid})" in ended[1][1] for run in runs)
    assert faults(room.course, UNIT) == []
