"""Proving units: every trial graded with the real engine, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.build import Built, read_answers
from autograder.build.unit import build_units
from autograder.course import Course, read_unit
from autograder.engines.base import EngineError
from autograder.engines.choose import choose_engine
from autograder.grading.local import Local
from autograder.model import Execution, Limits, Task
from autograder.prove.judge import Outcome, judge, unjudged
from autograder.prove.proof import Proof, prove_unit
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
) -> list[Proof]:
    """The units' proofs, in order.

    gathered  what `gather` returns
    engine    which engine grades (see autograder.engines.base)
    done      called with each trial's name when it is graded
    at_once   processes that grade side by side
    """
    everything = {(trial.unit, trial.task.student): trial for _, own in gathered for trial in own}
    outcomes: dict[tuple[str, str], Outcome] = {}
    tasks = [trial.task for trial in everything.values()]
    for task, execution in graded(tasks, choose_engine(engine), at_once):
        key = (task.unit, task.student)
        trial = everything[key]
        if isinstance(execution, EngineError):
            outcomes[key] = unjudged(trial, execution)
        else:
            outcomes[key] = judge(trial, execution)
        done(trial.name)
    return [
        prove_unit(
            read_unit(built.unit, built.instructor),
            [outcomes[trial.unit, trial.task.student] for trial in own],
        )
        for built, own in gathered
    ]
