"""All outputs read one state: the gradebook's, with our verdicts beside it where they are of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell, nbgrader
from nbgrader.api import Gradebook, SubmittedNotebook
from sqlalchemy import create_engine, text

from autograder.grading.accept import accept
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Status
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.standing import Row, standing
from autograder.reports.export import write_export
from autograder.reports.feedback import write_feedback
from autograder.reports.plain import as_json
from autograder.reports.report import write_report
from autograder.reports.summary import summarise


def row_of(room: Classroom, student: str) -> Row:
    return next(row for row in standing(room.course, UNIT).rows if row.student == student)


def recorded(room: Classroom) -> dict[str, results.Result]:
    with open_gradebook(room.course) as gradebook:
        return results.load(gradebook.db, UNIT)


Change = Callable[[SubmittedNotebook], None]


def marks(**given: float) -> Change:
    """As formgrader's fields do it; cells with `_` for `-`."""

    def change(submitted: SubmittedNotebook) -> None:
        for each in submitted.grades:
            if each.name.replace("-", "_") in given:
                each.manual_score = given[each.name.replace("-", "_")]
                each.needs_manual_grade = False

    return change


def of_cell(name: str, **values: object) -> Change:
    def change(submitted: SubmittedNotebook) -> None:
        grade = next(grade for grade in submitted.grades if grade.name == name)
        for key, value in values.items():
            setattr(grade, key, value)

    return change


def of_notebook(**values: object) -> Change:
    def change(submitted: SubmittedNotebook) -> None:
        for key, value in values.items():
            setattr(submitted, key, value)

    return change


ALL = {"double_values": 1.0, "mean_values": 2.0, "explain": 1.0}
FLAG_OFF, FLAG_ON = of_notebook(flagged=False), of_notebook(flagged=True)
LATE = of_notebook(late_submission_penalty=2.0)


@dataclass(frozen=True)
class Case:
    """What a person or program has done to a graded submission, and what all outputs must then say."""

    name: str
    student: str
    changes: tuple[Change, ...]
    status: Status
    points: float
    final: float | None


CASES = [
    Case("as it was graded", "untouched", (), Status.GRADED, 0, 0),
    Case("an answer to mark", "right", (), Status.GRADED, 5, None),
    Case("the answer marked", "right", (marks(explain=2),), Status.GRADED, 7, 7),
    Case("marked with nothing", "right", (marks(explain=0),), Status.GRADED, 5, 5),
    Case("extra credit", "right", (marks(explain=2), of_cell("explain", extra_credit=1.5)),
         Status.GRADED, 8.5, 8.5),
    Case("extra credit on a test", "untouched", (of_cell("mean-values", extra_credit=1.0),),
         Status.GRADED, 1, 1),
    Case("extra credit on an answer to mark", "right", (of_cell("explain", extra_credit=1.0),),
         Status.GRADED, 6, None),
    Case("a test marked by hand", "wrong", (marks(double_values=3, explain=1),),
         Status.GRADED, 6, 6),
    Case("marked, to be looked at again", "right",
         (marks(explain=2), of_cell("explain", needs_manual_grade=True)), Status.GRADED, 7, None),
    Case("late", "right", (marks(explain=2), LATE), Status.GRADED, 5, 5),
    Case("late, with less than the penalty", "untouched", (LATE,), Status.GRADED, 0, 0),
    Case("flagged by a person", "untouched", (FLAG_ON,), Status.NEEDS_PERSON, 0, None),
    Case("needs a person", "twice", (marks(explain=2),), Status.NEEDS_PERSON, 7, None),
    Case("the flag taken off", "twice", (marks(explain=2), FLAG_OFF), Status.GRADED, 7, 7),
    Case("the flag taken off, an answer to mark", "twice", (FLAG_OFF,), Status.GRADED, 5, None),
    Case("all marked", "twice", (marks(**ALL),), Status.GRADED, 4, 4),
    Case("failed", "cut", (), Status.FAILED, 0, None),
    Case("failed, the flag taken off", "cut", (FLAG_OFF,), Status.GRADED, 0, 0),
    Case("failed, all marked", "cut", (marks(**ALL),), Status.GRADED, 4, 4),
    Case("failed, some marked", "cut", (marks(double_values=3),), Status.FAILED, 3, None),
    Case("failed, all marked, one to be looked at again", "cut",
         (marks(**ALL), of_cell("explain", needs_manual_grade=True)), Status.FAILED, 4, None),
    Case("points changed by a program", "wrong",
         (marks(explain=0), of_cell("double-values", auto_score=2.5)), Status.GRADED, 4.5, 4.5),
    Case("points taken away by a program", "wrong",
         (marks(explain=0), of_cell("double-values", auto_score=None)), Status.FAILED, 2, None),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_gradebook_decides_in_every_output(regraded: Classroom, case: Case):
    with Gradebook(regraded.course.gradebook) as gradebook:
        submitted = gradebook.find_submission_notebook(UNIT, UNIT, case.student)
        for change in case.changes:
            change(submitted)
        gradebook.db.commit()
    row = row_of(regraded, case.student)
    assert (row.status, row.points, row.final) == (case.status, case.points, case.final)
    shown = "" if case.final is None else f"{case.final:g}"
    for form, column in (("canvas", "01 · Tiny"), ("moodle", "01 · Tiny"), ("csv", "final"),
                         ("gradescope", "Total Score")):  # fmt: skip
        (file,) = write_export(regraded.course, [UNIT], form)
        lines = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
        (line,) = [line for line in lines if case.student in line.values()]
        assert line[column] == shown, form
        if form == "gradescope":
            assert line["Status"].startswith("Graded" if shown else "Ungraded")
        if form == "moodle":
            assert bool(line["01 · Tiny (feedback)"]) == (not shown)
    stand = standing(regraded.course, UNIT)
    (plain,) = as_json(stand, [case.student])["submissions"]
    assert (plain["status"], plain["points"], plain["final"]) == (
        case.status.value, case.points, case.final,
    )  # fmt: skip
    summary = summarise(stand)
    assert (case.student in {r.student for r in summary.attention}) == (
        case.status in (Status.FAILED, Status.NEEDS_PERSON)
    )
    assert summary.final == sum(r.final is not None for r in stand.rows)
    (page,) = write_feedback(regraded.course, UNIT, [case.student])
    html = page.read_text(encoding="utf-8")
    assert f"{case.points:g} of 7" in html
    assert ("marking to come" in html) == row.waits
    assert ("Could not be run to its end" in html) == (case.status is Status.FAILED)


def test_nbgraders_score_is_ours(regraded):
    """The sum that nbgrader shows is the sum of all outputs, for everybody."""
    with Gradebook(regraded.course.gradebook) as gradebook:
        LATE(gradebook.find_submission_notebook(UNIT, UNIT, "right"))
        gradebook.db.commit()
        theirs = {
            s.student.id: max(0, s.score - s.late_submission_penalty)
            for s in gradebook.assignment_submissions(UNIT)
        }
    ours = {row.student: row.points for row in standing(regraded.course, UNIT).graded}
    assert ours == theirs
    assert ours["right"] == 3


def test_messages_are_shown_where_they_are_of_these_points(regraded):
    before = row_of(regraded, "wrong").marks["double-values"]
    assert "[wrong-value]" in before.message
    with Gradebook(regraded.course.gradebook) as gradebook:
        of_cell("double-values", auto_score=2.5)(
            gradebook.find_submission_notebook(UNIT, UNIT, "wrong")
        )
        gradebook.db.commit()
    row = row_of(regraded, "wrong")
    mark = row.marks["double-values"]
    assert (mark.points, mark.status, mark.message, mark.diagnosis) == (
        2.5, Status.PARTIAL, "", (),
    )  # fmt: skip
    assert row.marks["mean-values"].status is Status.PASSED


STOCK = """
c.Autograde.sanitize_preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in ("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells",
                 "CheckCellMetadata")
]
c.Autograde.autograde_preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in ("Execute", "LimitOutput", "SaveAutoGrades", "AssignLatePenalties",
                 "CheckCellMetadata")
]
"""


def by_plain_nbgrader(room: Classroom) -> None:
    config = room.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + STOCK)


def test_what_plain_nbgrader_has_graded_is_shown_without_messages(room):
    by_plain_nbgrader(room)
    room.hand_in_right("right")
    room.hand_in("half", room.notebook("", mean=RIGHT["mean"]))
    room.hand_in("cut", json.dumps(room.released).encode()[:700])
    (room.course.submitted / "nothing").mkdir()
    nbgrader(room, "generate_assignment", UNIT, "--force")
    nbgrader(room, "autograde", UNIT, fails=True)
    rows = {row.student: row for row in standing(room.course, UNIT).rows}
    assert {s: (r.status, r.points, r.final) for s, r in rows.items()} == {
        "right": (Status.GRADED, 5, None),
        "half": (Status.GRADED, 2, 2),
        "cut": (Status.FAILED, 0, None),
        "nothing": (Status.MISSING, 0, None),
    }
    assert not any(m.message for r in (rows["right"], rows["half"]) for m in r.marks.values())
    assert "nothing was handed in" not in rows["cut"].reason
    assert len(write_feedback(room.course, UNIT)) == 3
    accept(room.course, UNIT, ["cut"], "a person")
    assert row_of(room, "cut").final == 0
    assert {r.points for r in room.grade().values()} == {5, 2, 0}
    assert row_of(room, "half").marks["double-values"].message
    assert row_of(room, "cut").reason.startswith("the file is not a complete notebook")


def test_a_regrade_by_plain_nbgrader_makes_our_words_old(regraded):
    """Whatever the points: what we said was of another submission."""
    by_plain_nbgrader(regraded)
    regraded.hand_in("wrong", regraded.released)
    regraded.hand_in("untouched", regraded.notebook("", double="1 / 0"))
    for student in ("wrong", "untouched"):
        nbgrader(regraded, "autograde", UNIT, "--student", student, "--force")
    wrong, untouched = row_of(regraded, "wrong"), row_of(regraded, "untouched")
    assert (wrong.points, untouched.points) == (0, 0)
    assert not any(m.message for r in (wrong, untouched) for m in r.marks.values())
    ran = []
    options = Options(workers=1, engine="stock")
    grade(regraded.course, UNIT, options, lambda s: ran.append(s.result.student) if s.ran else None)
    assert set(ran) == {"wrong", "untouched"}
    assert "ZeroDivisionError" in json.dumps(regraded.autograded("untouched"))
    assert row_of(regraded, "untouched").marks["double-values"].message


def test_a_lost_notebook_is_no_grade(regraded):
    (regraded.course.autograded / "untouched" / UNIT / f"{UNIT}.ipynb").unlink()
    row = row_of(regraded, "untouched")
    assert (row.status, row.final) == (Status.FAILED, None)
    assert "autograded/" in row.reason
    accept(regraded.course, UNIT, ["untouched"], "a person")
    assert row_of(regraded, "untouched").final == 0


def test_what_is_handed_in_and_not_graded_is_not_missing(regraded):
    regraded.hand_in_right("new")
    row = row_of(regraded, "new")
    assert (row.status, row.final) == (Status.UNGRADED, None)
    summary = summarise(standing(regraded.course, UNIT))
    assert (summary.handed_in, summary.missing) == (15, 1)
    assert "new" in {r.student for r in summary.attention}
    assert "not graded yet" in write_report(regraded.course, UNIT)[0].read_text(encoding="utf-8")


REMOVED = [  # from the gradebook, from submitted/; is the student there?
    (True, True, False),
    (True, False, True),
    (False, True, True),
]


@pytest.mark.parametrize(("gradebook", "folder", "there"), REMOVED)
def test_who_is_gone_from_gradebook_and_submitted_is_gone(regraded, gradebook, folder, there):
    import shutil

    if gradebook:
        nbgrader(regraded, "db", "student", "remove", "wrong", "--force")
    if folder:
        shutil.rmtree(regraded.course.submitted / "wrong")
    rows = {row.student: row for row in standing(regraded.course, UNIT).rows}
    assert ("wrong" in rows) == there
    assert ("wrong" in recorded(regraded)) == there
    for form in ("csv", "canvas", "moodle", "gradescope"):
        (file,) = write_export(regraded.course, [UNIT], form)
        assert ("wrong" in file.read_text(encoding="utf-8")) == there
    pages = {file.parts[-3] for file in write_feedback(regraded.course, UNIT)}
    assert ("wrong" in pages) == (there and not gradebook)
    if gradebook and there:
        assert rows["wrong"].status is Status.UNGRADED
        assert regraded.grade("wrong")["wrong"].points == 2
        assert row_of(regraded, "wrong").status is Status.GRADED
    else:
        regraded.grade()
        assert ("wrong" in recorded(regraded)) == there


@pytest.mark.parametrize("student", ["cut", "empty", "folder", "twice"])
def test_what_is_accepted_is_final_until_something_new_comes(regraded, student):
    before = row_of(regraded, student)
    assert before.final is None
    accept(regraded.course, UNIT, [student], "a person", "talked with them")
    row = row_of(regraded, student)
    assert row.status is Status.GRADED
    assert row.final == (None if student == "twice" else 0)  # its written answer is to be marked
    assert any("by a person" in r and "talked with them" in r for r in row.remarks)
    assert any(before.reason in r for r in row.remarks)
    regraded.grade(student, again=True)
    assert row_of(regraded, student).status is Status.GRADED
    if student == "twice":
        notebook = regraded.notebook("Other words.", **RIGHT)
        notebook["cells"].append({**cell(notebook, "double"), "source": "def double(x): 2"})
        regraded.hand_in(student, notebook)
    else:
        regraded.hand_in(student, b"something else")
    regraded.grade(student)
    row = row_of(regraded, student)
    assert row.status in (Status.FAILED, Status.NEEDS_PERSON)
    assert row.final is None


def test_marks_of_a_damaged_file_go_with_it(regraded):
    with Gradebook(regraded.course.gradebook) as gradebook:
        marks(**ALL)(gradebook.find_submission_notebook(UNIT, UNIT, "cut"))
        gradebook.db.commit()
    regraded.grade("cut", again=True)
    assert row_of(regraded, "cut").final == 4
    regraded.hand_in("cut", b"damaged in another way")
    result = regraded.grade("cut")["cut"]
    assert sum("withdrawn" in remark for remark in result.remarks) == 3
    assert row_of(regraded, "cut").final is None
    assert row_of(regraded, "cut").points == 0


def test_nobody_is_accepted_who_has_no_submission(regraded):
    from autograder.errors import UserError

    with pytest.raises(UserError, match="nobody"):
        accept(regraded.course, UNIT, ["cut", "nobody"], "a person")
    assert row_of(regraded, "cut").final is None


def test_a_gradebook_from_before_is_brought_up_to_date(regraded):
    """Rows without a token are of no grading that is known: they are run again, and marks stay."""
    with Gradebook(regraded.course.gradebook) as gradebook:
        marks(explain=2)(gradebook.find_submission_notebook(UNIT, UNIT, "right"))
        gradebook.db.commit()
    engine = create_engine(regraded.course.gradebook)
    with engine.begin() as connection:
        for column in ("token", "accepted"):
            connection.execute(text(f"ALTER TABLE {results.table.name} DROP COLUMN {column}"))
    row = row_of(regraded, "right")
    assert (row.points, row.final) == (7, 7)
    regraded.grade("right")
    assert row_of(regraded, "right").points == 7


def test_a_student_cannot_pass_for_graded(regraded):
    """What stands in a submission's metadata is not what makes a row speak of a notebook."""
    token = recorded(regraded)["wrong"].token
    forged = regraded.notebook(ANSWER, **RIGHT)
    forged["metadata"]["autograder"] = {"token": token or "x"}
    regraded.hand_in("wrong", forged)
    regraded.grade("wrong")
    assert recorded(regraded)["wrong"].token not in ("", token)
    assert token not in json.dumps(regraded.autograded("wrong"))
