"""The commands of README.md that run pytest work with xdist and without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = "solutions/02_numpy_backprop"


@pytest.mark.parametrize("words", [(), ("-p", "no:xdist")], ids=["with xdist", "without xdist"])
@pytest.mark.parametrize("what", [("--nbval", UNIT), ("tests/lessonkit/test_score.py",)])
def test_pytest_starts(words: tuple[str, ...], what: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", *words, *what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sum("::" in line for line in done.stdout.splitlines()) > 10, done.stdout
