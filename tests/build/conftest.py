"""The tiny course in a folder of its own; built once where a test only looks at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.build import build
from autograder.course import Course

ROOT = Path(__file__).parents[2]
SETTINGS = '[tool.course]\nrepository = "somebody/somewhere"\nbranch = "spring"\n'


def copy_tiny(folder: Path) -> Course:
    shutil.copytree(ROOT / "tests" / "tiny" / "source", folder / "source")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    return Course.find(folder)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the tiny course, to change at will."""
    return copy_tiny(tmp_path)


@pytest.fixture(scope="session")
def built_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course, built, solution executed. To be copied, not changed."""
    course = copy_tiny(tmp_path_factory.mktemp("built"))
    build(course, course.units)
    return course


@pytest.fixture
def built(built_course: Course, tmp_path: Path) -> Course:
    """A copy of the built tiny course."""
    shutil.copytree(built_course.root, tmp_path / "course")
    return Course.find(tmp_path / "course")
