"""What a unit's trials prove together: counts for each exercise, and whether all of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.course import Unit
from autograder.prove.judge import Outcome
from autograder.prove.trials import SOLUTION, UNTOUCHED


@dataclass(frozen=True)
class Row:
    """One exercise: of so many wrong answers so many caught and named, of so many right ones kept."""

    exercise: str
    title: str
    wrong: int
    caught: int
    named: int
    right: int
    kept: int


@dataclass(frozen=True)
class Proof:
    """A unit's proof. It holds when each outcome does."""

    unit: Unit
    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        return all(outcome.holds for outcome in self.outcomes)

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.holds]

    def points_of(self, kind: str) -> float:
        return next(o.points for o in self.outcomes if o.trial.kind == kind)

    @property
    def test_points(self) -> float:
        return sum(test.points for test in self.unit.tests)


def prove_unit(unit: Unit, outcomes: list[Outcome]) -> Proof:
    """Count the outcomes by exercise."""
    rows = []
    for exercise in unit.exercises:
        own = [outcome for outcome in outcomes if outcome.trial.exercise == exercise.id]
        wrong = [outcome for outcome in own if outcome.trial.kind == "wrong"]
        right = [outcome for outcome in own if outcome.trial.kind == "right"]
        rows.append(
            Row(
                exercise.id,
                exercise.title,
                len(wrong),
                sum(outcome.scored for outcome in wrong),
                sum(outcome.named for outcome in wrong),
                len(right),
                sum(outcome.holds for outcome in right),
            )
        )
    return Proof(unit, tuple(rows), tuple(outcomes))


def failure_as_json(outcome: Outcome) -> dict[str, Any]:
    trial = outcome.trial
    return {
        "answer": trial.name,
        "kind": trial.kind,
        "exercise": trial.exercise,
        "place": trial.place,
        "differences": [
            {"test": d.test, "expected": d.expected, "got": d.got, "message": d.message}
            for d in outcome.differences
        ],
    }


def as_json(proofs: list[Proof]) -> dict[str, Any]:
    """The same as the printed proof, for a machine."""
    return {
        "holds": all(proof.holds for proof in proofs),
        "units": [
            {
                "unit": proof.unit.name,
                "holds": proof.holds,
                "points": proof.test_points,
                "untouched": proof.points_of(UNTOUCHED),
                "solution": proof.points_of(SOLUTION),
                "exercises": [
                    {
                        "exercise": row.exercise,
                        "title": row.title,
                        "wrong": row.wrong,
                        "caught": row.caught,
                        "named": row.named,
                        "right": row.right,
                        "kept": row.kept,
                    }
                    for row in proof.rows
                ],
                "failures": [failure_as_json(outcome) for outcome in proof.failures],
                "seconds": round(sum(outcome.seconds for outcome in proof.outcomes), 1),
            }
            for proof in proofs
        ],
    }
