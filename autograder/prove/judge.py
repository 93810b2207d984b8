"""Comparing what a trial got with what it should get."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.engines.base import EngineError
from autograder.engines.messages import for_instructor
from autograder.model import Execution, Status, Verdict
from autograder.prove.sets import TrialSet
from autograder.prove.trials import Trial

EPSILON = 1e-9


@dataclass(frozen=True)
class Difference:
    """One test cell (or, with test '', the whole trial) that did not go as it should."""

    test: str
    expected: str
    got: str
    message: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    scored  each test cell gave exactly the points that it should
    named   the diagnosis was among those of the verdicts (or none was asked for)
    """

    trial: Trial
    points: float
    scored: bool
    named: bool
    differences: tuple[Difference, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return self.scored and self.named


def points_text(points: float, worth: float) -> str:
    return f"{points:g} of {worth:g} points"


def compare(name: str, expected: float, worth: float, verdict: Verdict | None) -> Difference | None:
    """What is wrong with one test cell's verdict, if anything."""
    should = points_text(expected, worth)
    if verdict is None:
        return Difference(name, should, "no verdict")
    if verdict.status is Status.BROKEN:
        return Difference(name, should, "a broken test", for_instructor(verdict))
    if abs(verdict.points - expected) > EPSILON:
        return Difference(name, should, points_text(verdict.points, worth), for_instructor(verdict))
    return None


def unjudged(trial: Trial, error: EngineError) -> Outcome:
    """The outcome of a trial that the engine could not execute."""
    difference = Difference("", "a run to the end", f"an engine that failed: {error}")
    return Outcome(trial, 0.0, False, False, (difference,), 0.0)


def judge(trial: Trial, execution: Execution) -> Outcome:
    """The outcome of a trial that was executed."""
    verdicts = {verdict.grade_id: verdict for verdict in execution.verdicts}
    found = [
        compare(name, expected, trial.worth[name], verdicts.get(name))
        for name, expected in trial.expected.items()
    ]
    differences = [difference for difference in found if difference is not None]
    scored = not differences
    own = [verdicts[name] for name in trial.expected if name in verdicts]
    codes = {code for verdict in own for code in verdict.diagnosis}
    named = not trial.diagnosis or trial.diagnosis in codes
    if not named:
        shown = {difference.message for difference in differences}
        failed = [for_instructor(v) for v in own if v.points < v.max_points]
        messages = [message for message in failed if message not in shown]
        differences.append(
            Difference(
                "",
                f"diagnosis {trial.diagnosis}",
                f"diagnosis {', '.join(sorted(codes)) or 'none'}",
                "\n".join(messages),
            )
        )
    if differences and execution.reason:
        differences.append(Difference("", "a run to the end", execution.reason))
    points = sum(verdict.points for verdict in own)
    return Outcome(trial, points, scored, named, tuple(differences), execution.seconds)


def judge_together(group: TrialSet, execution: Execution) -> list[Outcome]:
    """The outcomes of a set of trials, if all that must came of it; none if anything else did.

    A mistake must be named by a test that its own answer loses points in.
    """
    verdicts = {verdict.grade_id: verdict for verdict in execution.verdicts}
    worth = group.trials[0].worth
    for name, expected in group.expected.items():
        if compare(name, expected, worth[name], verdicts.get(name)):
            return []
    found = []
    for trial in group.trials:
        codes = {code for name in trial.loses for code in verdicts[name].diagnosis}
        if trial.diagnosis and trial.diagnosis not in codes:
            return []
        seconds = execution.seconds / len(group.trials)
        found.append(Outcome(trial, sum(trial.expected.values()), True, True, (), seconds))
    return found
