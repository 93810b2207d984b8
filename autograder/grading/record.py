"""Record one graded submission: a file in autograded/, then one transaction in the gradebook.

In this order a crash in between leaves a gradebook that does not know of the file, and the next run
grades the submission again; nothing is ever half recorded.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, Notebook, SubmittedNotebook

from autograder.course import Course, is_solution, is_written, nbgrader_of
from autograder.errors import UserError
from autograder.grading import results
from autograder.grading.checksums import checksum, untouched
from autograder.grading.gradebook import enter_submission
from autograder.grading.results import Result
from autograder.model import Execution, Status, Verdict

OURS_TO_FLAG = (Status.FAILED, Status.NEEDS_PERSON)


def record(
    gradebook: Gradebook,
    course: Course,
    notebook: Notebook,
    execution: Execution,
    before: Result | None,
    timestamp: datetime | None = None,
    **known: str,
) -> Result:
    """Write the executed notebook, and commit grades, comments and our own row together.

    notebook   the unit's row, from `enter_unit`
    before     the result recorded earlier for this student and unit, if any
    known      submission_sha256, source_sha256, engine
    """
    executed = json.loads(execution.notebook)
    file = course.autograded / execution.student / execution.unit / f"{execution.unit}.ipynb"
    write_atomically(file, nbformat.writes(nbformat.from_dict(executed)) + "\n")
    result = Result(
        student=execution.student,
        unit=execution.unit,
        status=execution.status,
        reason=execution.reason,
        remarks=execution.remarks,
        verdicts=execution.verdicts,
        answers=answers(executed),
        seconds=round(execution.seconds, 3),
        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **known,
    )
    db = gradebook.db
    try:
        submitted = enter_submission(db, notebook, execution.student)
        if timestamp:
            submitted.assignment.timestamp = timestamp
        withdrawn = tuple(enter_grades(submitted, result, before))
        enter_comments(submitted, executed, result)
        flagged = result.status in OURS_TO_FLAG
        if flagged or (before and before.status in OURS_TO_FLAG):
            submitted.flagged = flagged
        result = replace(result, remarks=result.remarks + withdrawn)
        results.save(db, result)
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return result


def answers(executed: dict[str, Any]) -> dict[str, str]:
    """grade_id -> checksum of what the student wrote there; an untouched stub has none."""
    return {
        nbgrader_of(cell)["grade_id"]: checksum(cell)
        for cell in executed["cells"]
        if (is_solution(cell) or is_written(cell)) and not untouched(cell)
    }


def enter_grades(
    submitted: SubmittedNotebook, result: Result, before: Result | None
) -> Iterator[str]:
    """Set each grade from its verdict; give a remark for each mark by hand that is withdrawn.

    A mark that a person gave stands as long as the answer it was given for; nothing of an earlier
    submission stays.
    """
    verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
    for grade in submitted.grades:
        verdict = verdicts.get(grade.name, Verdict(grade.name, 0.0, 0.0, Status.FAILED))
        waits = verdict.status in (Status.MANUAL, Status.BROKEN)
        by_hand = grade.manual_score is not None or grade.extra_credit is not None
        answer = grade.name if grade.name in result.answers else grade.name.split("-")[0]
        same = before is None or before.answers.get(answer) == result.answers.get(answer)
        grade.auto_score = None if verdict.status is Status.MANUAL else verdict.points
        if by_hand and same and before is not None:
            continue  # it was marked, and nothing has changed: as it was
        if by_hand and not same:
            yield f"the mark by hand for ‘{grade.name}’ was withdrawn: the answer has changed"
            grade.manual_score = grade.extra_credit = None
            by_hand = False
        grade.needs_manual_grade = waits or by_hand


def enter_comments(submitted: SubmittedNotebook, executed: dict[str, Any], result: Result) -> None:
    """nbgrader's own "No response." on untouched cells; the reason where nothing could be run."""
    cells = {nbgrader_of(c).get("grade_id"): c for c in executed["cells"] if nbgrader_of(c)}
    for comment in submitted.comments:
        cell = cells.get(comment.name)
        comment.auto_comment = None
        if not result.verdicts:
            comment.auto_comment = f"Not graded: {result.reason}."
        elif cell is not None and untouched(cell):
            comment.auto_comment = "No response."


def record_missing(gradebook: Gradebook, student: str, unit: str) -> Result:
    """Note that nothing was handed in; the gradebook itself gets no submission."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    result = Result(student, unit, Status.MISSING, "nothing was handed in", graded_at=now)
    results.save(gradebook.db, result)
    gradebook.db.commit()
    return result


def write_atomically(file: Path, text: str) -> None:
    """Write a file so that it is there in full or not at all. Raises UserError on a full disk."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o644)
            os.replace(name, file)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UserError(
            f"{file} cannot be written: {error.strerror}.",
            "Make room on the disk, and run this again; what was recorded stays recorded."
            if full
            else "Check that the folder can be written by you.",
        ) from error
