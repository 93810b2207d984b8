"""Close submissions that failed or need a person: what the gradebook has of them is to count.

What has no points counts nothing. Written answers that wait for a mark go on waiting. A new submission
opens the case again.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

from nbgrader.api import SubmittedNotebook

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.lock import only_grader
from autograder.model import Status
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.held import submitted_notebooks
from autograder.records.record import all_or_nothing
from autograder.records.results import Result

LOST = "it could not be graded, and there is no notebook of it in autograded/"


def accept(course: Course, unit: str, students: list[str], by: str, why: str = "") -> None:
    """Accept the submissions of these students, all or none of them.

    by   who accepts, for the record
    why  in words, for the record as well; may be empty

    Raises UserError for a student of whom the gradebook has no submission.
    """
    words = f"by {by} on {date.today().isoformat()}" + (f", {why}" if why else "")
    with only_grader(course), open_gradebook(course, create=False) as gradebook:
        known = {
            student: result
            for student, result in results.load(gradebook.db, unit).items()
            if result.status is not Status.MISSING
        }
        found = {row.student.id: row for row in submitted_notebooks(gradebook.db, unit)}
        lacking = [student for student in students if student not in found]
        if lacking:
            raise UserError(
                f"The gradebook has no submission of {', '.join(lacking)} for {unit}.",
                f"Run `autograder grade {unit}`, and look at its table.",
            )
        with all_or_nothing(gradebook.db):
            for student in students:
                file = course.autograded / student / unit / f"{unit}.ipynb"
                close(found[student], everything=not os.path.exists(file))
                result = known.get(student)
                if not os.path.exists(file):  # from here on the record speaks of none
                    result = replace(result or Result(student, unit, Status.FAILED, LOST), token="")
                elif not (
                    result
                    and (results.speaks_of(result, file) or result.reason == results.ILLEGIBLE)
                ):
                    continue  # graded in another way: there is no word of ours to withdraw
                results.save(gradebook.db, replace(result, accepted=words))


def close(submitted: SubmittedNotebook, everything: bool) -> None:
    """Take the flag off, and let what has no points count nothing; no commit.

    everything  written answers as well: there is no notebook to mark them in
    """
    submitted.flagged = False
    for grade in submitted.grades:
        if everything or grade.cell_type == "code" or grade.manual_score is not None:
            grade.needs_manual_grade = False
            if grade.auto_score is None:
                grade.auto_score = 0.0
