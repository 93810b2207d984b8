"""One student's trouble is one student's: each stage's barrier holds, and what it kept is told."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell
from sqlalchemy.exc import DataError, OperationalError
from unexecuted import Unexecuted

from autograder.barrier import Barrier
from autograder.errors import UserError
from autograder.files import Unwritable
from autograder.grading import run
from autograder.grading.options import Options
from autograder.intake.folder import collect as collecting
from autograder.intake.folder.collect import Submission
from autograder.model import Execution, Status
from autograder.records import results, standing
from autograder.records.gradebook import open_gradebook
from autograder.records.results import Result
from autograder.reports import export, feedback
from autograder.reports.report import write_report

ERRORS = [
    RuntimeError("the hidden test expects 524287"),
    KeyError("grade_id"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    AssertionError(),
    PermissionError(errno.EACCES, "Permission denied", "/somewhere"),
    OSError(errno.EIO, "Input/output error"),
    Unwritable("/somewhere cannot be written"),
    DataError("insert", {}, Exception("out of range")),
]
FOR_EVERYBODY = [
    UserError("the course is not built"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EMFILE, "Too many open files"),
    OperationalError("insert", {}, Exception("database or disk is full")),
    KeyboardInterrupt(),
]
BAD = {f"bad-{number}": error for number, error in enumerate(ERRORS)}
Stage = Callable[..., Any]


def failing(original: Stage, student_of: Callable[..., str], times: int = 1000) -> Stage:
    """A stage that raises, the first few times, what it is to raise for each of the bad students."""
    left = dict.fromkeys(BAD, times)

    def stage(*arguments: Any, **named: Any) -> Any:
        student = student_of(*arguments)
        if left.get(student):
            left[student] -= 1
            raise BAD[student]
        return original(*arguments, **named)

    return stage


def of_look(course: Any, student: str, unit: str) -> str:  # noqa: ARG001
    return student


def of_submission(submission: Submission) -> str:
    return submission.student


def of_notebook(prepared: Any, data: bytes, *rest: Any) -> str:  # noqa: ARG001
    return str(json.loads(data)["metadata"]["student"])


def of_record(gradebook: Any, course: Any, rows: Any, execution: Execution, *_: Any) -> str:  # noqa: ARG001
    return execution.student


def of_row(gradebook: Any, rows: Any, execution: Execution, *_: Any) -> str:  # noqa: ARG001
    return execution.student


STAGES: dict[str, tuple[Any, Stage]] = {
    "look": (collecting, of_look),
    "read": (run, of_submission),
    "restore": (run, of_notebook),
    "record": (run, of_record),
}


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, times: int = 1000) -> None:
    module, student_of = STAGES[name]
    monkeypatch.setattr(module, name, failing(getattr(module, name), student_of, times))


@pytest.fixture
def klass(room: Classroom) -> Classroom:
    for student in ("anna", *BAD, "zoe"):
        notebook = room.notebook(ANSWER, **RIGHT)
        notebook["metadata"]["student"] = student
        room.hand_in(student, notebook)
    return room


@pytest.fixture
def trio(room: Classroom) -> Classroom:
    for student in ("anna", "bad-0", "zoe"):
        room.hand_in_right(student)
    return room


def graded(room: Classroom, **options: Any) -> tuple[dict[str, Result], Barrier]:
    barrier = Barrier.of(room.course)
    found = run.grade(
        room.course, UNIT, Options(engine="stock", **options), workers=Unexecuted(), barrier=barrier
    )
    return {result.student: result for result in found}, barrier


def recorded(room: Classroom) -> dict[str, Result]:
    with open_gradebook(room.course) as gradebook:
        return results.load(gradebook.db, UNIT)


def log_of(barrier: Barrier) -> str:
    assert barrier.log is not None
    return barrier.log.read_text(encoding="utf-8")


def neighbours_are_graded(room: Classroom, found: dict[str, Result]) -> None:
    for student in ("anna", "zoe"):
        assert found[student].status is Status.GRADED
        assert recorded(room)[student] == found[student]
        assert cell(room.autograded(student), "double")["source"] == RIGHT["double"]


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_a_stage_raises_for_one_student_is_kept(klass, monkeypatch, stage):
    spoil(monkeypatch, stage, times=1)
    found, barrier = graded(klass)
    neighbours_are_graded(klass, found)
    assert sorted(incident.student for incident in barrier.incidents) == sorted(BAD)
    for student, error in BAD.items():
        assert found[student].status is Status.NEEDS_PERSON
        assert "something unforeseen happened" in found[student].reason
        assert "524287" not in found[student].reason  # students read it
        assert recorded(klass)[student] == found[student]
        assert "could not be graded" in klass.autograded(student)["cells"][0]["source"]
        assert type(error).__name__ in log_of(barrier)
    assert log_of(barrier).count("Traceback") >= len(BAD)
    monkeypatch.undo()
    again, barrier = graded(klass)  # they are run again, without being asked for
    assert {result.status for result in again.values()} == {Status.GRADED}
    assert not barrier.incidents


@pytest.mark.parametrize("error", FOR_EVERYBODY, ids=lambda error: type(error).__name__)
def test_what_concerns_the_whole_course_ends_the_run(trio, monkeypatch, error):
    monkeypatch.setitem(BAD, "bad-0", error)
    spoil(monkeypatch, "restore")
    monkeypatch.setattr(run, "restore", failing(run.restore, lambda *_: "bad-0"))
    with pytest.raises((type(error), UserError)):
        graded(trio)
    assert not trio.course.logs.exists()


def test_a_result_that_cannot_be_recorded_is_recorded_as_that(trio, monkeypatch):
    """By what is in it: the second try records less."""
    original = run.record

    def record(*arguments: Any, **known: Any) -> Result:
        if arguments[3].student == "bad-0" and arguments[3].verdicts:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return original(*arguments, **known)

    monkeypatch.setattr(run, "record", record)
    found, barrier = graded(trio)
    neighbours_are_graded(trio, found)
    assert recorded(trio)["bad-0"] == found["bad-0"]
    assert "its result was recorded" in found["bad-0"].reason
    assert len(barrier.incidents) == 1


def test_where_there_can_be_no_file_the_gradebook_still_tells(trio):
    (trio.course.autograded).mkdir()
    (trio.course.autograded / "bad-0").write_text("a file where a folder belongs")
    found, barrier = graded(trio)
    neighbours_are_graded(trio, found)
    assert recorded(trio)["bad-0"].status is Status.NEEDS_PERSON
    with open_gradebook(trio.course) as gradebook:
        submission = gradebook.find_submission(UNIT, "bad-0")
        assert submission.notebooks[0].flagged
        assert submission.score == 0
    assert [incident.student for incident in barrier.incidents] == ["bad-0"] * 2


def test_where_nothing_can_be_recorded_the_terminal_still_tells(trio, monkeypatch):
    spoil(monkeypatch, "record")
    monkeypatch.setattr(run, "record_without_file", failing(run.record_without_file, of_row))
    found, barrier = graded(trio)
    neighbours_are_graded(trio, found)
    assert found["bad-0"].status is Status.NEEDS_PERSON
    assert "bad-0" not in recorded(trio)
    assert len(barrier.incidents) == 3


def test_a_page_that_cannot_be_written_is_written_without_the_work(klass, monkeypatch):
    graded(klass)
    monkeypatch.setattr(feedback, "autograded", failing(feedback.autograded, of_look))
    barrier = Barrier.of(klass.course, "feedback")
    pages = feedback.write_feedback(klass.course, UNIT, None, barrier)
    shown = {page.parts[-3]: ANSWER in page.read_text("utf-8") for page in pages}
    assert shown == {"anna": True, **dict.fromkeys(BAD, False), "zoe": True}
    assert [incident.student for incident in barrier.incidents] == list(BAD)


def test_no_page_of_an_earlier_grading_stays_where_none_can_be_made(klass, monkeypatch):
    graded(klass)
    feedback.write_feedback(klass.course, UNIT)
    monkeypatch.setattr(feedback, "page", failing(feedback.page, lambda _, row, __: row.student))
    barrier = Barrier.of(klass.course, "feedback")
    pages = feedback.write_feedback(klass.course, UNIT, None, barrier)
    assert [page.parts[-3] for page in pages] == ["anna", "zoe"]
    assert sorted(klass.course.feedback.glob("*/*/*.html")) == pages
    assert len(barrier.incidents) == 2 * len(BAD)


def test_a_row_that_cannot_be_put_together_stops_no_report_and_no_export(klass, monkeypatch):
    graded(klass)
    monkeypatch.setattr(
        standing, "row_of", failing(standing.row_of, lambda _, student, *__: student, 1)
    )
    barrier = Barrier.of(klass.course, "report")
    file, stand, _ = write_report(klass.course, UNIT, barrier)
    unlucky = {row.student for row in stand.rows if row.status is Status.NEEDS_PERSON}
    assert unlucky == set(BAD)
    assert "something unforeseen" in file.read_text(encoding="utf-8")
    assert [incident.student for incident in barrier.incidents] == list(BAD)
    monkeypatch.setattr(
        standing, "row_of", failing(standing.row_of, lambda _, student, *__: student, 1)
    )
    (table,) = export.write_export(klass.course, [UNIT], "csv", barrier)
    assert table.read_text(encoding="utf-8").count("something unforeseen") == len(BAD)


def test_damaged_rows_ask_to_be_graded_again(room):
    damages = [
        (column, value)
        for column in ("remarks", "verdicts", "answers", "status")
        for value in ("", "null", "{", "[1]", '{"a": 1}', "[" * 5000)
        if (column, value) not in READ_ALL_THE_SAME
    ]
    damaged = {f"bad-{number:02}": damage for number, damage in enumerate(damages)}
    for student in ("anna", *damaged):
        room.hand_in_right(student)
    graded(room)
    with open_gradebook(room.course) as gradebook:
        for student, (column, value) in damaged.items():
            row = results.table.update().where(results.table.c.student == student)
            gradebook.db.execute(row.values(**{column: value}))
        gradebook.db.commit()
    rows = {row.student: row for row in standing.standing(room.course, UNIT).rows}
    assert rows["anna"].status is Status.GRADED
    for student, damage in damaged.items():
        assert rows[student].status is Status.NEEDS_PERSON, damage
        assert "grade it again" in rows[student].reason
    found, barrier = graded(room)
    assert {result.status for result in found.values()} == {Status.GRADED}
    assert not barrier.incidents


READ_ALL_THE_SAME = {("answers", '{"a": 1}'), ("remarks", '{"a": 1}'), ("remarks", "[1]")}


@pytest.fixture
def written_id_renamed(trio: Classroom) -> Classroom:
    """A written answer that has another id in the unit than when it was graded."""
    graded(trio)
    for folder in (trio.course.instructor, trio.course.notebooks):
        file = folder / UNIT / f"{UNIT}.ipynb"
        file.write_text(file.read_text().replace('"explain"', '"explained"'))
    return trio


def test_a_written_answer_with_another_id_stops_no_page(written_id_renamed):
    barrier = Barrier.of(written_id_renamed.course, "feedback")
    pages = feedback.write_feedback(written_id_renamed.course, UNIT, None, barrier)
    assert len(pages) == 3
    assert not barrier.incidents
    for page in pages:
        assert ANSWER in page.read_text(encoding="utf-8")


def test_lone_surrogates_are_recorded_and_shown(room):
    """In outputs, keys, messages, reasons, remarks, and in the names of files."""
    lone = "\ud800"
    notebook = room.notebook(f"{ANSWER} {lone}", **RIGHT)
    notebook["metadata"][lone] = {lone: lone}
    room.hand_in("bad", notebook, f"homework {os.fsdecode(bytes([255]))}.ipynb")
    room.hand_in("cut", b"{", f"home {os.fsdecode(bytes([254]))}.ipynb")
    room.hand_in_right("anna")
    barrier = Barrier.of(room.course)
    run.grade(
        room.course,
        UNIT,
        Options(engine="stock"),
        workers=Unexecuted(says=lone),
        barrier=barrier,
    )
    found = recorded(room)
    assert found["bad"].status is Status.NEEDS_PERSON  # so the workers said
    assert found["anna"].reason == found["bad"].reason == "\ufffd"
    assert found["cut"].status is Status.FAILED
    feedback.write_feedback(room.course, UNIT, None, barrier)
    write_report(room.course, UNIT, barrier)
    for form in export.FORMS:
        export.write_export(room.course, [UNIT], form, barrier)
    assert not barrier.incidents


def closed_folders(room: Classroom) -> Iterator[Path]:
    """Folders and files that their reader may not read, one student each."""
    unit = room.hand_in_right("closed-unit").parent
    yield unit
    yield room.hand_in_right("closed-student").parents[1]
    yield room.hand_in_right("closed-file")
    stamped = room.hand_in_right("closed-timestamp").with_name("timestamp.txt")
    stamped.write_text("2026-10-05 12:00:00 UTC")
    yield stamped


def test_folders_and_files_of_mode_000_as_an_ordinary_user(room, tmp_path):
    room.hand_in_right("anna")
    room.hand_in_right("zoe")
    closed = list(closed_folders(room))
    for path in (room.course.root, *room.course.root.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    build = room.course.root / ".build"
    for path in (*closed, build):
        path.chmod(0o555 if path == build else 0)
    done = as_ordinary_user(tmp_path, room.course.root, "grade", "01", "--engine", "stock")
    for path in (*closed, build):
        path.chmod(0o777)
    found = recorded(room)
    for student in ("anna", "zoe", "closed-timestamp"):
        assert (found[student].status, found[student].points) == (Status.GRADED, 5), done
    assert "timestamp.txt cannot be read" in found["closed-timestamp"].remarks[0]
    for student in ("closed-unit", "closed-student"):
        assert found[student].status is Status.NEEDS_PERSON
        assert "Permission denied" in found[student].reason
    assert found["closed-file"].status is Status.FAILED
    assert "Permission denied" in found["closed-file"].reason
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    named = done.stderr.rpartition("The log is ")[2].strip()
    assert "closed-student" in Path(named).read_text()
    assert not named.startswith(str(room.course.root))  # .build cannot be written
    Path(named).unlink()


def as_ordinary_user(
    tmp_path: Path, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run `autograder` in the folder as somebody whom modes of files bind."""
    from ordinary_user import as_nobody, let_through

    if os.geteuid() == 0 and not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("unshare or setpriv is not installed, and root may read everything")
    folder.chmod(0o777)
    let_through(folder)
    start = as_nobody(tmp_path / "m") if os.geteuid() == 0 else []
    program = "from autograder.cli import main; main()"
    return subprocess.run(
        [*start, sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "HOME": "/nonexistent", "COLUMNS": "200", "TMPDIR": "/tmp"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_where_build_cannot_hold_a_log_a_temporary_folder_does(trio, monkeypatch):
    trio.course.logs.write_text("in the way")
    spoil(monkeypatch, "look")
    found, barrier = graded(trio)
    neighbours_are_graded(trio, found)
    assert "RuntimeError" in log_of(barrier)
    assert barrier.log.parent != trio.course.logs
    barrier.log.unlink()


def test_everything_prints_where_the_terminal_is_not_utf_8(room):
    room.hand_in_right("Zoë 学生")
    room.hand_in("anna", b"{", "Übung 学.ipynb")
    (room.course.submitted / "ł.txt").write_text("")
    graded(room)
    commands = [
        ("grade", "01", "--engine", "stock"),
        ("grade", "01", "--engine", "stock", "--json"),
        ("feedback",),
        ("report",),
        ("export",),
        ("grade", "学"),
    ]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-c", "from autograder.cli import main; main()", *command],
            cwd=room.course.root,
            env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "COLUMNS": "200"},
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == (1 if "学" in command else 0), done.stderr
        assert b"Traceback" not in done.stderr + done.stdout
        if "--json" in command:
            (unit,) = json.loads(done.stdout.decode("ascii"))
            assert {row["student"] for row in unit["submissions"]} == {"anna", "Zoë 学生"}
