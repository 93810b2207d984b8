"""Proving units: every trial graded with the real engine, several in a notebook, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.build import Built, read_answers
from autograder.build.unit import build_units
from autograder.course import Course, read_unit
from autograder.engines.base import EngineError
from autograder.engines.choose import choose_engine
from autograder.grading.local import Local
from autograder.model import Execution, Limits, Task
from autograder.prove.judge import Outcome, judge, judge_together, unjudged
from autograder.prove.proof import Proof, prove_unit
from autograder.prove.sets import sets
from autograder.prove.trials import Trial, trials

AT_ONCE = 2
LIMITS = Limits(cell_seconds=30.0, notebook_seconds=120.0)


def graded(
    tasks: list[Task], engine: str, at_once: int
) -> Iterator[tuple[Task, Execution | EngineError]]:
    """The one place where an engine grades trials, as it grades a class."""
    with Local(engine, at_once) as workers:
        yield from workers.run(iter(tasks))


def gather(course: Course, units: list[str]) -> list[tuple[Built, list[Trial]]]:
    """The trials of each unit. Raises UserError for units that cannot be built."""
    return [
        (built, trials(built, read_answers(course, built.unit), LIMITS))
        for built in build_units(course, units)
    ]


def prove(
    gathered: list[tuple[Built, list[Trial]]],
    engine: str = "auto",
    done: Callable[[str], object] = str,
    at_once: int = AT_ONCE,
    alone: bool = False,
) -> list[Proof]:
    """The units' proofs, in order.

    gathered  what `gather` returns
    engine    which engine grades (see autograder.engines.choose)
    done      called with each trial's name when it is graded
    at_once   notebooks that are graded side by side
    alone     each answer in a notebook of its own, also where several can share one
    """
    engine = choose_engine(engine)
    outcomes: dict[tuple[str, str, str], Outcome] = {}

    def settle(found: list[Outcome]) -> None:
        for outcome in found:
            outcomes[key(outcome.trial)] = outcome
            done(outcome.trial.name)

    first = [] if alone else [one for built, own in gathered for one in sets(built, own, LIMITS)]
    again = [trial for _, own in gathered for trial in own] if alone else []
    shared = [one for one in first if len(one.trials) > 1]
    again += [one.trials[0] for one in first if len(one.trials) == 1]
    tasks = [(one.make(), one) for one in shared]
    groups = {(task.unit, task.student): one for task, one in tasks}
    for task, execution in graded([task for task, _ in tasks], engine, at_once):
        group = groups[task.unit, task.student]
        found = [] if isinstance(execution, EngineError) else judge_together(group, execution)
        settle(found)
        again += [] if found else group.trials
    trials = {(trial.unit, trial.task.student): trial for trial in again}
    for task, execution in graded([trial.task for trial in again], engine, at_once):
        trial = trials[task.unit, task.student]
        if isinstance(execution, EngineError):
            settle([unjudged(trial, execution)])
        else:
            settle([judge(trial, execution)])
    return [
        prove_unit(
            read_unit(built.unit, built.instructor),
            [outcomes[key(trial)] for trial in own],
        )
        for built, own in gathered
    ]


def key(trial: Trial) -> tuple[str, str, str]:
    return trial.unit, trial.kind, trial.name
