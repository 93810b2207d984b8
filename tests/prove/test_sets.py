"""Answers to exercises that do not touch share a notebook, and are judged as strictly as alone."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from autograder.build.unit import build_units
from autograder.course import Course, read_unit
from autograder.model import Execution, Limits, Status, Task, Verdict
from autograder.prove.judge import judge_together
from autograder.prove.proving import gather
from autograder.prove.sets import TrialSet, sets, touches
from autograder.prove.trials import Trial

COURSE = Course.find(Path(__file__).parents[2])
WORTH = {"a-1": 2.0, "a-2": 1.0, "b-1": 3.0, "c-1": 2.0}


def trial(name: str, diagnosis: str = "", exercise: str = "", **loses: float) -> Trial:
    lost = {key.replace("_", "-"): points for key, points in loses.items()}
    expected = {test: points - lost.get(test, 0) for test, points in WORTH.items()}
    kind = "wrong" if lost else "right"
    task = Task(name, "01_tiny", "{}")
    return Trial("01_tiny", name, kind, lambda: task, expected, exercise, diagnosis, "", WORTH)


SIGN = trial("sign", "sign", "a", a_1=2)
SCALED = trial("scaled", "scaled", "b", b_1=3)
RIGHT = trial("loop", "", "c")
GROUP = TrialSet((SIGN, SCALED, RIGHT), lambda: Task("set 1", "01_tiny", "{}"))


def executed(codes: dict[str, str] | None = None, **points: float) -> Execution:
    """All as it should be, but for what is given."""
    got = {**GROUP.expected, **{key.replace("_", "-"): value for key, value in points.items()}}
    named = {"a-1": "sign", "b-1": "scaled"} if codes is None else codes
    verdicts = tuple(
        Verdict(test, got[test], WORTH[test], Status.PARTIAL, "", (named.get(test, ""),))
        for test in WORTH
    )
    return Execution("set 1", "01_tiny", "{}", verdicts, Status.GRADED, "", 6.0)


def test_what_must_come_of_a_set_is_what_must_come_of_all() -> None:
    assert GROUP.expected == {"a-1": 0, "a-2": 1, "b-1": 0, "c-1": 2}
    found = judge_together(GROUP, executed())
    assert [(one.trial, one.holds, one.points, one.seconds) for one in found] == [
        (SIGN, True, 6, 2.0),
        (SCALED, True, 5, 2.0),
        (RIGHT, True, 8, 2.0),
    ]


@pytest.mark.parametrize("test", WORTH)
@pytest.mark.parametrize("off", [-1.0, 1.0])
def test_a_point_too_many_or_too_few_sends_all_of_them_out_alone(test: str, off: float) -> None:
    key = test.replace("-", "_")
    assert judge_together(GROUP, executed(**{key: GROUP.expected[test] + off})) == []


@pytest.mark.parametrize(
    "codes",
    [
        {},
        {"a-1": "sign"},
        {"b-1": "scaled"},
        {"a-1": "scaled", "b-1": "sign"},
        {"a-2": "sign", "b-1": "scaled"},
        {"a-1": "sign", "c-1": "scaled"},
    ],
)
def test_a_mistake_must_be_named_where_its_own_points_are_lost(codes: dict[str, str]) -> None:
    assert judge_together(GROUP, executed(codes)) == []


def test_a_verdict_that_is_missing_sends_all_of_them_out_alone() -> None:
    whole = executed()
    for verdict in whole.verdicts:
        left = tuple(one for one in whole.verdicts if one is not verdict)
        cut = Execution("set 1", "01_tiny", "{}", left, Status.GRADED)
        assert judge_together(GROUP, cut) == []


def test_each_trial_of_the_course_is_in_one_set_and_no_two_of_a_set_touch() -> None:
    limits = Limits()
    notebooks = submissions = 0
    for built, trials in gather(COURSE, COURSE.units):
        unit = read_unit(built.unit, built.instructor)
        found = sets(built, trials, limits)
        touching = touches(built, unit, trials)
        members = [one for group in found for one in group.trials]
        assert len(members) == len(trials)
        assert {id(one) for one in members} == {id(one) for one in trials}
        for group in found:
            names = [one.exercise for one in group.trials]
            assert not any(b in touching[a] for a, b in combinations(names, 2))
            assert len(set(names)) == len(names)
        notebooks, submissions = notebooks + len(found), submissions + len(trials)
    assert submissions > 500
    assert notebooks < submissions / 4, "sets save nothing: do the exercises touch each other?"


SOURCES = {
    "its test calls it": ("def one(): return 1", "score = check(one() + two())"),
    "its answer calls it": ("def one(): return two()", ""),
    "a decorator": ("@two\ndef one(): return 1", ""),
    "a default": ("def one(x=two): return x", ""),
    "it defines it as well": ("def one(): return 1\ndef two(): return 2", ""),
    "it assigns it": ("two = 1", ""),
    "in a comprehension": ("one = [two for _ in range(3)]", ""),
}


@pytest.mark.parametrize("what", SOURCES)
def test_exercises_touch_where_one_uses_or_makes_what_the_other_makes(what: str) -> None:
    answer, check = SOURCES[what]
    (built,) = build_units(Course.find(Path(__file__).parents[1] / "tiny"), ["01_tiny"])
    unit = read_unit(built.unit, built.instructor)
    first, second = (exercise.id for exercise in unit.exercises)
    notebook = {**built.instructor, "cells": [dict(cell) for cell in built.instructor["cells"]]}
    for cell in notebook["cells"]:
        own = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if own == first:
            cell["source"] = answer
        elif own == second:
            cell["source"] = "def two(): return 2"
        elif own.startswith(first):
            cell["source"] = check
        elif own.startswith(second):
            cell["source"] = ""
    built = type(built)(**{**vars(built), "instructor": notebook})
    assert touches(built, unit, []) == {first: {second}, second: {first}}
    for cell in notebook["cells"]:
        if cell["source"] in (answer, check):
            cell["source"] = cell["source"].replace("two", "other")
    assert touches(built, unit, []) == {first: set(), second: set()}
