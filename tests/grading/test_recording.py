"""A class is graded, recorded once, and nothing is lost without a word: in either database."""

from __future__ import annotations

import json

import pytest
from classroom import RIGHT, UNIT, Classroom, cell
from databases import in_both_databases
from nbgrader.api import Gradebook
from sqlalchemy import event

from autograder.model import Status
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.results import Result

pytestmark = in_both_databases


def recorded(room: Classroom) -> dict[str, Result]:
    with open_gradebook(room.course) as gradebook:
        return results.load(gradebook.db, UNIT)


def scores(room: Classroom) -> dict[str, float]:
    """What nbgrader says."""
    with Gradebook(room.course.gradebook) as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(UNIT)}


def test_everyone_gets_what_the_work_deserves(graded):
    deserved = {
        "right": 5, "warns": 5, "named": 5, "copied": 5, "twice": 5, "endless": 2, "deadly": 2,
        "early": 2, "crashes": 2, "wrong": 2, "untouched": 0, "cut": 0, "empty": 0, "folder": 0,
    }  # fmt: skip
    assert {s: r.points for s, r in recorded(graded).items() if s != "nothing"} == deserved
    assert scores(graded) == deserved


def test_failed_missing_and_graded_are_told_apart(graded):
    found = {student: result.status for student, result in recorded(graded).items()}
    failed = {"cut", "empty", "folder"}
    why = {s: r.reason for s, r in recorded(graded).items() if r.status is Status.FAILED}
    assert why.keys() == failed, why
    assert found["nothing"] is Status.MISSING
    assert found["twice"] is Status.NEEDS_PERSON
    assert found["untouched"] is Status.GRADED


def test_each_failure_has_its_reason(graded):
    found = recorded(graded)
    assert "‘double’" in "".join(found["endless"].remarks)
    assert "kernel died" in "".join(found["deadly"].remarks)
    assert "not a complete notebook" in found["cut"].reason
    assert "empty" in found["empty"].reason
    assert "no notebook in the folder" in found["folder"].reason
    assert found["named"].remarks == ("the file was named homework (2).ipynb",)


def test_what_a_person_must_look_at_is_flagged_in_the_formgrader(graded):
    with Gradebook(graded.course.gradebook) as gradebook:
        flagged = {n.student.id for n in gradebook.notebook_submissions(UNIT, UNIT) if n.flagged}
    assert flagged == {"cut", "empty", "folder", "twice"}


def test_written_answers_wait_for_a_person_and_empty_ones_do_not(graded):
    with Gradebook(graded.course.gradebook) as gradebook:
        waits = gradebook.find_grade("explain", UNIT, UNIT, "right")
        empty = gradebook.find_grade("explain", UNIT, UNIT, "untouched")
        assert (waits.needs_manual_grade, waits.auto_score) == (True, None)
        assert (empty.needs_manual_grade, empty.auto_score) == (False, 0)
        assert gradebook.find_comment("double", UNIT, UNIT, "untouched").comment == "No response."


def test_what_is_recorded_is_not_run_again(regraded):
    before = recorded(regraded)
    again = regraded.grade()
    assert again == before


def test_a_new_submission_is_run_and_nothing_of_the_old_one_stays(regraded):
    regraded.hand_in_right("wrong")
    regraded.hand_in("right", b"broken")
    regraded.grade("wrong", "right")
    assert scores(regraded)["wrong"] == 5
    assert scores(regraded)["right"] == 0
    shown = json.dumps(regraded.autograded("right"), ensure_ascii=False)
    assert "could not be graded" in shown
    assert "return x + x" not in shown


def test_again_runs_what_has_not_changed(regraded):
    before = recorded(regraded)["right"]
    after = regraded.grade("right", again=True)["right"]
    assert after.graded_at >= before.graded_at
    assert after.seconds != before.seconds


def mark(room: Classroom, student: str, grade_id: str, points: float) -> None:
    with Gradebook(room.course.gradebook) as gradebook:
        grade = gradebook.find_grade(grade_id, UNIT, UNIT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_a_mark_by_hand_stays_while_the_answer_does(regraded):
    mark(regraded, "right", "explain", 1.5)
    regraded.hand_in_right("right", double="def double(x):\n    return x * 2")
    regraded.grade("right")
    assert scores(regraded)["right"] == 6.5


def test_a_mark_by_hand_goes_with_the_answer_that_it_was_for(regraded):
    mark(regraded, "right", "explain", 1.5)
    mark(regraded, "right", "double-values", 1)
    regraded.hand_in("right", regraded.notebook("Other words.", double="1", mean=RIGHT["mean"]))
    result = regraded.grade("right")["right"]
    assert scores(regraded)["right"] == 2
    assert sum("withdrawn" in remark for remark in result.remarks) == 2
    with Gradebook(regraded.course.gradebook) as gradebook:
        assert gradebook.find_grade("explain", UNIT, UNIT, "right").needs_manual_grade


def test_a_change_of_the_unit_grades_everyone_anew(room):
    room.hand_in_right("right")
    room.grade()
    file = room.course.instructor / UNIT / f"{UNIT}.ipynb"
    notebook = json.loads(file.read_text())
    cell(notebook, "double-values")["metadata"]["nbgrader"]["points"] = 4
    file.write_text(json.dumps(notebook))
    result = room.grade()["right"]
    assert [verdict.max_points for verdict in result.verdicts] == [4, 2, 2]
    with Gradebook(room.course.gradebook) as gradebook:
        assert gradebook.find_grade_cell("double-values", UNIT, UNIT).max_score == 4


def test_a_submission_is_recorded_whole_or_not_at_all(regraded):
    """Whatever statement fails, the gradebook is as it was."""
    before = (recorded(regraded), scores(regraded))
    regraded.hand_in("right", regraded.released)

    def fail(conn, cursor, statement, parameters, context, executemany):  # noqa: ARG001
        if statement.startswith("INSERT INTO autograder_result"):
            raise KeyboardInterrupt

    from sqlalchemy.engine import Engine

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(KeyboardInterrupt):
            regraded.grade("right")
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    assert (recorded(regraded), scores(regraded)) == before
    regraded.grade("right")
    assert scores(regraded)["right"] == 0


def test_odd_but_printable_names_are_just_names(room):
    for name in ("$(reboot)", "[red]x", "Ängström, Zoë", "-rf"):
        room.hand_in_right(name)
    assert {r.points for r in room.grade().values()} == {5.0}


def test_timestamps_are_kept_and_bad_ones_noticed(room):
    good = room.hand_in_right("good").parent / "timestamp.txt"
    good.write_text("2026-03-01 10:00:00 +0100")
    bad = room.hand_in_right("bad").parent / "timestamp.txt"
    bad.write_text("yesterday-ish")
    found = room.grade()
    assert any("timestamp" in remark for remark in found["bad"].remarks)
    with Gradebook(room.course.gradebook) as gradebook:
        assert str(gradebook.find_submission(UNIT, "good").timestamp) == "2026-03-01 09:00:00"
