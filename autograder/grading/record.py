"""Record one graded submission: one transaction in the gradebook, and a file in autograded/.

Between the two there is no file at all, and the next run grades a submission without its file
again. So whatever ends the grader, and at whatever moment, a file that is there is the one that its
record speaks of.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Gradebook
from sqlalchemy.orm import Session

from autograder.course import Course, is_solution, is_written, nbgrader_of
from autograder.files import beside, replacing
from autograder.grading import results
from autograder.grading.checksums import checksum, untouched
from autograder.grading.gradebook import UnitRows, enter_submission
from autograder.grading.results import Result
from autograder.grading.text import fit
from autograder.model import Execution, Status, Verdict

OURS_TO_FLAG = (Status.FAILED, Status.NEEDS_PERSON)


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
    file = course.autograded / execution.student / execution.unit / f"{execution.unit}.ipynb"
    db = gradebook.db
    with replacing(file, execution.notebook), all_or_nothing(db):
        return enter(db, unit, execution, before, timestamp, **known)


def record_without_file(
    gradebook: Gradebook, unit: UnitRows, execution: Execution, before: Result | None
) -> Result:
    """Commit what `record` commits, where no notebook can be put into autograded/."""
    with all_or_nothing(gradebook.db):
        return enter(gradebook.db, unit, execution, before, None)


def enter(
    db: Session,
    unit: UnitRows,
    execution: Execution,
    before: Result | None,
    timestamp: datetime | None,
    **known: str,
) -> Result:
    """Grades, comments, flag and our own row of one submission; no commit."""
    executed = json.loads(execution.notebook)
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
    withdrawn = tuple(enter_grades(rows.grades, result, before))
    enter_comments(rows.comments, executed, result)
    flagged = result.status in OURS_TO_FLAG
    if flagged or (before and before.status in OURS_TO_FLAG):
        rows.submitted.flagged = flagged
    result = replace(result, remarks=result.remarks + withdrawn)
    results.save(db, result)
    return result


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
    submission stays.
    """
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    for name, grade in grades.items():
        verdict = verdicts.get(name, Verdict(name, 0.0, 0.0, Status.FAILED))
        waits = verdict.status in (Status.MANUAL, Status.BROKEN)
        by_hand = grade.manual_score is not None or grade.extra_credit is not None
        answer = name if name in result.answers else name.split("-")[0]
        same = before is None or before.answers.get(answer) == result.answers.get(answer)
        grade.auto_score = None if verdict.status is Status.MANUAL else verdict.points
        if by_hand and same and before is not None:
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
