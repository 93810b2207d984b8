"""The tiny course in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import Course

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the tiny course, to change at will."""
    shutil.copytree(ROOT / "tests" / "tiny" / "source", tmp_path / "source")
    return Course.find(tmp_path)
