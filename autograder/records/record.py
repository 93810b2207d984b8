"""Record one graded submission: one transaction in the gradebook, and a file in autograded/.

Between the two there is no file at all, and the next run grades a submission without its file
again. So whatever ends the grader, and at whatever moment, a file that is there is the one that its
record speaks of.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Gradebook, Student, new_uuid
from sqlalchemy import select
from sqlalchemy.orm import Session
from traitlets.config import Config

from autograder.course import Course, is_solution, is_written, nbgrader_of, nbgrader_settings
from autograder.files import beside, replacing, write_atomically
from autograder.intake.folder.collect import students
from autograder.intake.folder.items import Unfit, read_file
from autograder.intake.notebook.checksums import checksum, untouched
from autograder.model import Execution, Status, Verdict
from autograder.records import results
from autograder.records.gradebook import UnitRows, enter_submission, submitters
from autograder.records.late import enter_penalty
from autograder.records.results import Result
from autograder.text import fit

OURS_TO_FLAG = (Status.FAILED, Status.NEEDS_PERSON)
# when it was handed in, and under which name nbgrader gives the feedback back
COMPANIONS = ("timestamp.txt", "submission_secret.txt")


def record(
    gradebook: Gradebook,
    course: Course,
    unit: UnitRows,
    execution: Execution,
    before: Result | None,
    timestamp: datetime | None = None,
    **known: str,
) -> Result:
    """Write the executed notebook, and commit grades, comments and our own row together.

    unit    the unit's rows, from `enter_unit`
    before  the result recorded earlier for this student and unit, if any
    known   submission_sha256, source_sha256, engine
    """
    token = new_uuid()
    executed = with_token(execution.notebook, token)
    file = course.autograded / execution.student / execution.unit / f"{execution.unit}.ipynb"
    db = gradebook.db
    with replacing(file, as_text(executed)), all_or_nothing(db):
        keep_companions(course.submitted / execution.student / execution.unit, file.parent)
        config = Config(nbgrader_settings(course.root))
        return enter(db, unit, execution, executed, before, timestamp, config, token=token, **known)


def record_without_file(
    gradebook: Gradebook, unit: UnitRows, execution: Execution, before: Result | None
) -> Result:
    """Commit what `record` commits, where no notebook can be put into autograded/."""
    executed = json.loads(execution.notebook)
    with all_or_nothing(gradebook.db):
        return enter(gradebook.db, unit, execution, executed, before, None, Config())


def enter(
    db: Session,
    unit: UnitRows,
    execution: Execution,
    executed: dict[str, Any],
    before: Result | None,
    timestamp: datetime | None,
    config: Config,
    **known: str,
) -> Result:
    """Grades, comments, flag, penalty and our own row of one submission; no commit.

    executed  the executed notebook, as it is or will be in autograded/
    config    nbgrader's, for late penalties
    known     token, submission_sha256, source_sha256, engine
    """
    result = Result(
        student=execution.student,
        unit=execution.unit,
        status=execution.status,
        reason=fit(execution.reason),
        remarks=execution.remarks,
        verdicts=execution.verdicts,
        answers=answers(executed),
        seconds=round(execution.seconds, 3),
        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **known,
    )
    rows = enter_submission(db, unit, execution.student)
    if timestamp:
        rows.submission.timestamp = timestamp
    if before and not agrees(rows.grades, before):
        before = None  # graded in another way since
    withdrawn = tuple(enter_grades(rows.grades, result, before))
    enter_comments(rows.comments, executed, result)
    if before and same_work(before, result) and before.reason == result.reason:
        result = replace(result, accepted=before.accepted)  # and the flag is as a person left it
    elif result.status in OURS_TO_FLAG or (before and before.status in OURS_TO_FLAG):
        rows.submitted.flagged = result.status in OURS_TO_FLAG
    db.flush()
    enter_penalty(rows, execution.student, config)
    result = replace(result, remarks=result.remarks + withdrawn)
    results.save(db, result)
    return result


def with_remarks(
    execution: Execution, remarks: tuple[str, ...], doubts: tuple[str, ...]
) -> Execution:
    """An execution with what collecting and restoring had to say before it.

    doubts  why a person should look at it; those that are empty are none
    """
    execution = replace(execution, remarks=remarks + execution.remarks)
    if not any(doubts):
        return execution
    reason = "; ".join(r for r in (execution.reason, *doubts) if r)
    status = Status.NEEDS_PERSON if execution.status is Status.GRADED else execution.status
    return replace(execution, status=status, reason=reason)


def with_token(notebook: str, token: str) -> dict[str, Any]:
    """An executed notebook that says which grading it is of."""
    executed: dict[str, Any] = json.loads(notebook)
    executed["metadata"]["autograder"] = {"token": token}
    return executed


def as_text(notebook: dict[str, Any]) -> str:
    """A notebook as its file has it."""
    return json.dumps(notebook, ensure_ascii=False) + "\n"


def keep_companions(source: Path, target: Path) -> None:
    """Have beside a notebook or page what nbgrader needs there to release feedback."""
    for name in COMPANIONS:
        try:
            if source.is_symlink():  # another's secret would release this feedback as theirs
                raise Unfit("the folder is a symbolic link")
            text = read_file(source / name, 1000).decode("utf-8")
        except (Unfit, UnicodeDecodeError):
            (target / name).unlink(missing_ok=True)
        else:
            write_atomically(target / name, text)


def same_work(before: Result, after: Result) -> bool:
    """Whether two results are of one submission: of one file, or of the same answers."""
    if before.submission_sha256 and after.submission_sha256:
        return before.submission_sha256 == after.submission_sha256
    return before.answers == after.answers and before.reason == after.reason


def agrees(grades: dict[str, Grade], result: Result) -> bool:
    """Whether the gradebook has the points that a result's verdicts gave."""
    given = {v.grade_id: auto_score(v) for v in result.verdicts}
    if not result.verdicts:
        given = dict.fromkeys(grades, 0.0)
    return all(grades[name].auto_score == given[name] for name in grades.keys() & given.keys())


def auto_score(verdict: Verdict) -> float | None:
    """What the gradebook has for a verdict: nothing where a person gives the points."""
    return None if verdict.status is Status.MANUAL else verdict.points


def unreadable(result: Result) -> bool:
    """Whether nothing of the submission could be read."""
    return not result.verdicts and not result.answers


def answers(executed: dict[str, Any]) -> dict[str, str]:
    """grade_id -> checksum of what the student wrote there; an untouched stub has none."""
    return {
        nbgrader_of(cell)["grade_id"]: checksum(cell)
        for cell in executed["cells"]
        if (is_solution(cell) or is_written(cell)) and not untouched(cell)
    }


def enter_grades(grades: dict[str, Grade], result: Result, before: Result | None) -> Iterator[str]:
    """Set each grade from its verdict; give a remark for each mark by hand that is withdrawn.

    A mark that a person gave stands as long as the answer it was given for; nothing of an earlier
    submission stays. Of a new submission that needs a person, a mark is to be looked at again.
    """
    old = before is not None and same_work(before, result)
    look_again = not old and result.status in OURS_TO_FLAG
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    for name, grade in grades.items():
        verdict = verdicts.get(name, Verdict(name, 0.0, 0.0, Status.FAILED))
        waits = verdict.status in (Status.MANUAL, Status.BROKEN)
        by_hand = grade.manual_score is not None or grade.extra_credit is not None
        answer = name if name in result.answers else name.split("-")[0]
        same = before is None or (
            before.answers.get(answer) == result.answers.get(answer)
            and (old or not (unreadable(before) or unreadable(result)))
        )
        grade.auto_score = auto_score(verdict)
        if by_hand and same and before is not None:
            grade.needs_manual_grade = grade.needs_manual_grade or look_again
            continue  # it was marked, and nothing has changed: as it was
        if by_hand and not same:
            yield f"the mark by hand for ‘{name}’ was withdrawn: the answer has changed"
            grade.manual_score = grade.extra_credit = None
            by_hand = False
        grade.needs_manual_grade = waits or by_hand


def enter_comments(comments: dict[str, Comment], executed: dict[str, Any], result: Result) -> None:
    """nbgrader's own "No response." on untouched cells; the reason where nothing could be run."""
    cells = {nbgrader_of(c).get("grade_id"): c for c in executed["cells"] if nbgrader_of(c)}
    for name, comment in comments.items():
        cell = cells.get(name)
        comment.auto_comment = None
        if not result.verdicts:
            comment.auto_comment = f"Not graded: {result.reason}."
        elif cell is not None and untouched(cell):
            comment.auto_comment = "No response."


def valid_results(gradebook: Gradebook, course: Course, unit: str) -> dict[str, Result]:
    """Student -> what is recorded, where nothing has been graded in another way since.

    Rows of students who are gone from the gradebook and from submitted/ are deleted.
    """
    db = gradebook.db
    results.forget(db, unit, {*db.scalars(select(Student.id)), *students(course)})
    db.commit()
    known = submitters(db, unit)

    def valid(result: Result) -> bool:
        if result.status is Status.MISSING:
            return result.student not in known
        file = course.autograded / result.student / unit / f"{unit}.ipynb"
        return result.student in known and (
            not os.path.exists(file) or results.speaks_of(result, file)
        )

    return {s: result for s, result in results.load(db, unit).items() if valid(result)}


def record_missing(gradebook: Gradebook, student: str, unit: str) -> Result:
    """Note that nothing was handed in; the gradebook itself gets no submission."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    result = Result(student, unit, Status.MISSING, "nothing was handed in", graded_at=now)
    with all_or_nothing(gradebook.db):
        results.save(gradebook.db, result)
    return result


@contextlib.contextmanager
def all_or_nothing(db: Session) -> Iterator[None]:
    """Commit what the block has done, or roll it back."""
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def clear_unfinished(course: Course, unit: str) -> None:
    """Remove what a grader that was killed was about to put in place."""
    for new in course.autograded.glob(f"*/{unit}/{beside(Path(f'{unit}.ipynb'))}"):
        new.unlink()
