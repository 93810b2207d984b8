"""The tiny course of the tests of grading, for tests here that need many cheap submissions."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "grading"))

from classroom import ANSWER, RIGHT, UNIT, Classroom, load

from autograder.course import Course
from autograder.records import results
from autograder.records.gradebook import open_gradebook
from autograder.records.results import Result

__all__ = ["ANSWER", "RIGHT", "UNIT", "Classroom", "copied", "load", "recorded"]


def copied(room: Classroom, folder: Path) -> Classroom:
    """The course with all that was handed in and graded, to be spoiled."""
    shutil.copytree(room.course.root, folder)
    made = object.__new__(Classroom)
    made.course = Course(folder)
    return made


def recorded(course: Course) -> dict[str, Result]:
    """What the gradebook holds, by student."""
    with open_gradebook(course) as gradebook:
        return results.load(gradebook.db, UNIT)
