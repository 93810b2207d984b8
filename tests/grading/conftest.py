"""The tiny course to hand in to, and a class that has been graded once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sandbox"))
sys.path.insert(0, str(Path(__file__).parent))

from classroom import LIMITS, Classroom, a_whole_class
from databases import Database, PostgreSQL, SQLite, running_postgresql

from autograder.course import Course


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real server, for the whole session."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Database:
    """Where gradebooks are kept; a module that is to run with both parametrizes it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return SQLite()
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The tiny course as built; not to be changed."""
    return Classroom(tmp_path_factory.mktemp("built") / "course")


def copy_of(room: Classroom, folder: Path, database: Database) -> Classroom:
    shutil.copytree(room.course.root, folder)
    made = object.__new__(Classroom)
    made.course = Course(folder)
    database.own(made.course)
    return made


@pytest.fixture
def room(built: Classroom, tmp_path: Path, database: Database) -> Classroom:
    """The tiny course with nothing handed in, to do with as one likes."""
    return copy_of(built, tmp_path / "course", database)


@pytest.fixture(scope="session")
def graded(
    built: Classroom, tmp_path_factory: pytest.TempPathFactory, database: Database
) -> Classroom:
    """A whole class, graded; not to be changed."""
    room = copy_of(built, tmp_path_factory.mktemp("graded") / "course", database)
    a_whole_class(room)
    room.grade(limits=LIMITS)
    return room


@pytest.fixture
def regraded(graded: Classroom, tmp_path: Path, database: Database) -> Classroom:
    """A copy of the graded class, to change and grade again."""
    return copy_of(graded, tmp_path / "course", database)
