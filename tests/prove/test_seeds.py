"""Thresholds are measured over seeds of the solution."""

from __future__ import annotations

import sys

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.cli import main
from autograder.course import Course
from autograder.errors import UserError
from autograder.prove import Measured, measure, seeded
from autograder.prove import seeds as room
from autograder.prove.seeds import MARK

UNIT = "01_tiny"
SEEDS = """
# %% tags=["seeds"]
import numpy as np

THRESHOLDS = {"low": 1.0, "high": 7.0}

def measure(seed):
    return {"low": double(1.5) + seed, "high": np.float64(5 + seed)}
"""


def add(course: Course, text: str) -> None:
    path = course.source / f"{UNIT}.py"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_threshold_above_the_minimum_fails(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(course, SEEDS)
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["autograder", "seeds", "--count", "3"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    low, high = (line for line in printed.splitlines() if UNIT in line)
    assert [word for word in low.split() if word[0] in "+-0123456789"][1:] == ["3", "4", "1", "+2"]
    assert [word for word in high.split() if word[0] in "+-0123456789"][1:] == ["5", "6", "7", "-2"]
    assert "1 lie above the minimum" in printed


def test_names_that_do_not_match_are_told(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(notebook: NotebookNode, *_: object) -> NotebookNode:
        for cell, name in zip(notebook.cells[-3:], ("low", "low", "lower"), strict=True):
            cell.outputs = [new_output("stream", text=f'a\n{MARK}{{"{name}": 1.0}}\n')]
        return notebook

    add(course, SEEDS)
    monkeypatch.setattr(room, "run_or_explain", fake)
    with pytest.raises(UserError, match="same names"):
        measure(course, UNIT, 2)


def test_only_the_solution_and_the_seeds_run(course: Course) -> None:
    add(course, SEEDS)
    source = room.source_of(course, UNIT)
    ids = [cell.id for cell in room.notebook_of(course, source, UNIT, 2).cells]
    assert ids == [
        *("01-setup-1", "double", "mean", "01-seeds-1"),
        *("01-seeds-1-0", "01-seeds-1-1", "01-seeds-1-2"),
    ]


def test_units_without_seeds_are_left_out(course: Course) -> None:
    assert seeded(course, [UNIT]) == []
    add(course, SEEDS)
    assert seeded(course, [UNIT]) == [UNIT]


def test_a_value_that_is_not_finite_never_holds() -> None:
    assert Measured(UNIT, "a", 0.5, (0.6, 0.7)).holds
    assert not Measured(UNIT, "a", 0.5, (float("nan"), 0.7)).holds
    assert not Measured(UNIT, "a", 0.65, (0.6, 0.7)).holds
