"""What a run does with what it finds: odd files, another grader, a course that is not ready."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom

from autograder.errors import UserError
from autograder.grading.lock import only_grader
from autograder.intake.folder.collect import collect, left_out
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.results import Result


def recorded(room: Classroom) -> dict[str, Result]:
    with open_gradebook(room.course) as gradebook:
        return results.load(gradebook.db, UNIT)


def test_no_temporary_file_is_left(graded):
    files = [path.name for path in graded.course.autograded.rglob("*") if path.is_file()]
    assert set(files) == {f"{UNIT}.ipynb"}


def test_links_and_odd_names_are_not_followed_but_named(room, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(room.notebook(ANSWER, **RIGHT)))
    room.hand_in_right("honest")
    linked = room.hand_in("linked", b"")
    linked.unlink()
    linked.symlink_to(secret)
    fifo = room.hand_in("fifo", b"")
    fifo.unlink()
    os.mkfifo(fifo)
    (room.course.submitted / "outside").symlink_to(tmp_path)
    (room.course.submitted / "bad\nname").mkdir()
    found = room.grade()
    assert found["honest"].points == 5
    assert "symbolic link" in found["linked"].reason
    assert "no ordinary file" in found["fifo"].reason
    assert "outside" not in found
    assert len(left_out(room.course)) == 2


def test_a_second_grader_is_told_to_wait(room):
    room.hand_in_right("right")
    with only_grader(room.course), pytest.raises(UserError, match="Another grader"):
        room.grade()


def test_without_submissions_there_is_nothing_to_grade(room):
    with pytest.raises(UserError, match="no submissions"):
        collect(room.course, UNIT)


def test_an_unknown_student_is_an_error(room):
    room.hand_in_right("right")
    with pytest.raises(UserError, match="nobody"):
        room.grade("nobody")


def test_a_unit_that_is_not_built_is_an_error(room):
    (room.course.instructor / UNIT / f"{UNIT}.ipynb").unlink()
    with pytest.raises(UserError, match="not built"):
        room.grade()


def test_a_damaged_gradebook_is_an_error_with_a_mend(room):
    room.hand_in_right("right")
    Path(room.course.root / "gradebook.db").write_bytes(b"no database" * 100)
    with pytest.raises(UserError, match="cannot be used") as error:
        room.grade()
    assert "backup" in error.value.hint
