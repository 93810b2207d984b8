"""Sets of trials that share a notebook: an answer to each of several exercises that do not touch.

Units are written so that an exercise needs no other one's answer, so that a notebook of ten exercises holds
ten answers at once. What must come of a set is what must come of all its members; where anything else
comes of it, each of them is graded alone, and that counts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from autograder.build import Built
from autograder.course import Unit, is_solution, is_test, nbgrader_of, read_unit
from autograder.model import Limits, Task
from autograder.prove.trials import TaskMaker, Trial
from autograder.regions import SOLUTION, without_marks


@dataclass(frozen=True)
class TrialSet:
    """Trials that are graded in one notebook, at most one of each exercise."""

    trials: tuple[Trial, ...]
    make: Callable[[], Task]

    @property
    def expected(self) -> dict[str, float]:
        """grade_id -> the points that all its answers together must get there."""
        tests = self.trials[0].expected
        return {name: min(trial.expected[name] for trial in self.trials) for name in tests}


def sets(built: Built, trials: list[Trial], limits: Limits) -> list[TrialSet]:
    """All trials of a unit, in as few notebooks as their exercises allow."""
    unit = read_unit(built.unit, built.instructor)
    maker = TaskMaker(built, replace(limits, notebook_seconds=5 * limits.notebook_seconds))
    touching = touches(built, unit, trials)
    own = {e.id: {test.grade_id for test in e.tests} for e in unit.exercises}
    waiting: dict[str, list[Trial]] = {exercise: [] for exercise in own}
    found = []
    for trial in trials:
        if trial.exercise in own and trial.loses <= own[trial.exercise]:
            waiting[trial.exercise].append(trial)
        else:
            found.append(TrialSet((trial,), trial.make))
    while any(waiting.values()):
        chosen: list[Trial] = []
        for exercise in sorted(waiting, key=lambda name: -len(waiting[name])):
            beside = {trial.exercise for trial in chosen}
            if waiting[exercise] and not beside & touching[exercise]:
                chosen.append(waiting[exercise].pop())
        found.append(together(maker, tuple(chosen), len(found)))
    return found


def together(maker: TaskMaker, trials: tuple[Trial, ...], number: int) -> TrialSet:
    """One notebook with these answers."""
    if len(trials) == 1:
        return TrialSet(trials, trials[0].make)
    codes = {trial.exercise: trial.code for trial in trials}
    return TrialSet(trials, partial(maker.task, f"set {number}", codes))


def touches(built: Built, unit: Unit, trials: list[Trial]) -> dict[str, set[str]]:
    """exercise -> the others that use a name which its answers define, or that it uses one of."""
    tests = {test.grade_id: exercise.id for exercise in unit.exercises for test in exercise.tests}
    codes: dict[str, list[str]] = {exercise.id: [] for exercise in unit.exercises}
    checks: dict[str, list[str]] = {exercise.id: [] for exercise in unit.exercises}
    for cell in built.instructor["cells"]:
        name = nbgrader_of(cell).get("grade_id", "")
        if is_solution(cell) and name in codes:
            codes[name].append(without_marks(cell["source"], SOLUTION))
        elif is_test(cell) and name in tests:
            checks[tests[name]].append(cell["source"])
    for trial in trials:
        if trial.exercise in codes:
            codes[trial.exercise].append(trial.code)
    made = {e: {name for code in codes[e] for name in bound(code)} for e in codes}
    read = {e: {name for code in codes[e] + checks[e] for name in loaded(code)} for e in codes}
    return {
        one: {
            other
            for other in codes
            if other != one and (made[one] & (read[other] | made[other]) or made[other] & read[one])
        }
        for one in codes
    }


def parsed(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


def bound(code: str) -> Iterator[str]:
    """The names that a cell binds for the cells below it."""
    for statement in parsed(code).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def loaded(code: str) -> Iterator[str]:
    """The names that a piece of code reads, anywhere in it."""
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
