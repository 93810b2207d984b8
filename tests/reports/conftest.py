"""The tiny course to hand in to, and a class that has been graded once."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "grading"))

from classroom import LIMITS, Classroom, a_whole_class

from autograder.course import Course


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The tiny course as built; not to be changed."""
    return Classroom(tmp_path_factory.mktemp("built") / "course")


def copy_of(room: Classroom, folder: Path) -> Classroom:
    shutil.copytree(room.course.root, folder)
    made = object.__new__(Classroom)
    made.course = Course(folder)
    return made


@pytest.fixture
def room(built: Classroom, tmp_path: Path) -> Classroom:
    """The tiny course with nothing handed in, to do with as one likes."""
    return copy_of(built, tmp_path / "course")


@pytest.fixture(scope="session")
def graded(built: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A whole class, graded; not to be changed."""
    room = copy_of(built, tmp_path_factory.mktemp("graded") / "course")
    a_whole_class(room)
    room.grade(limits=LIMITS)
    return room


@pytest.fixture
def regraded(graded: Classroom, tmp_path: Path) -> Classroom:
    """A copy of the graded class, to change and grade again."""
    return copy_of(graded, tmp_path / "course")
