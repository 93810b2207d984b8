"""A trial holds when each test gave what it should and the mistake was named."""

from __future__ import annotations

import dataclasses

from autograder.engines.base import EngineError
from autograder.model import Execution, Status, Task, Verdict
from autograder.prove.judge import judge, unjudged
from autograder.prove.trials import Trial

TASK = Task("wrong no_mean", "01_tiny", "{}")
TRIAL = Trial(
    unit="01_tiny",
    name="no_mean",
    kind="wrong",
    make=lambda: TASK,
    expected={"mean-a": 1.0, "mean-b": 2.0},
    exercise="mean",
    diagnosis="batch-mean",
    worth={"mean-a": 3.0, "mean-b": 2.0},
)


def verdict(name: str, points: float, worth: float, *codes: str, broken: bool = False) -> Verdict:
    status = Status.BROKEN if broken else Status.PARTIAL
    return Verdict(name, points, worth, status, f"about {name}", codes)


def executed(*verdicts: Verdict, reason: str = "") -> Execution:
    return Execution("no_mean", "01_tiny", "{}", verdicts, Status.GRADED, reason)


def test_it_holds_when_exactly_the_points_are_lost_and_the_mistake_is_named() -> None:
    outcome = judge(
        TRIAL,
        executed(verdict("mean-a", 1, 3, "wrong-shape", "batch-mean"), verdict("mean-b", 2, 2)),
    )
    assert outcome.holds
    assert outcome.points == 3
    assert outcome.differences == ()


def test_a_test_that_catches_too_little_is_told() -> None:
    outcome = judge(TRIAL, executed(verdict("mean-a", 2, 3, "batch-mean"), verdict("mean-b", 2, 2)))
    assert (outcome.scored, outcome.named) == (False, True)
    (difference,) = outcome.differences
    assert (difference.test, difference.expected) == ("mean-a", "1 of 3 points")
    assert difference.got == "2 of 3 points"
    assert difference.message == "about mean-a"


def test_a_test_that_catches_too_much_is_told() -> None:
    outcome = judge(
        TRIAL, executed(verdict("mean-a", 1, 3, "batch-mean"), verdict("mean-b", 0, 2, "sign"))
    )
    assert not outcome.scored
    assert [d.test for d in outcome.differences] == ["mean-b"]


def test_a_mistake_that_is_not_named_is_told() -> None:
    outcome = judge(TRIAL, executed(verdict("mean-a", 1, 3, "sign"), verdict("mean-b", 2, 2)))
    assert (outcome.scored, outcome.named) == (True, False)
    assert outcome.differences[0].expected == "diagnosis batch-mean"
    assert outcome.differences[0].got == "diagnosis sign"


def test_a_broken_test_never_holds() -> None:
    broken = verdict("mean-a", 1, 3, "batch-mean", broken=True)
    assert not judge(TRIAL, executed(broken, verdict("mean-b", 2, 2))).holds


def test_a_test_without_verdict_never_holds() -> None:
    outcome = judge(TRIAL, executed(verdict("mean-a", 1, 3, "batch-mean"), reason="kernel died"))
    assert not outcome.holds
    assert [d.got for d in outcome.differences] == ["no verdict", "kernel died"]


def test_a_right_answer_needs_no_diagnosis() -> None:
    right = dataclasses.replace(
        TRIAL, kind="right", diagnosis="", expected={"mean-a": 3.0, "mean-b": 2.0}
    )
    assert judge(right, executed(verdict("mean-a", 3, 3), verdict("mean-b", 2, 2))).holds
    assert not judge(right, executed(verdict("mean-a", 3, 3), verdict("mean-b", 1, 2))).holds


def test_an_engine_that_fails_proves_nothing() -> None:
    outcome = unjudged(TRIAL, EngineError("no kernel"))
    assert not outcome.holds
    assert "no kernel" in outcome.differences[0].got
