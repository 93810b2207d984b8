"""The trials of a unit: a submission each, with the points and the diagnosis that it must get."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from autograder.build import Built
from autograder.build.answers import Answer
from autograder.build.release import prepare
from autograder.course import read_unit
from autograder.intake.notebook.restore import restore
from autograder.model import Limits, Task
from autograder.prove.submissions import Notebook, filled, perfect, untouched

UNTOUCHED, SOLUTION = "untouched", "solution"


@dataclass(frozen=True)
class Trial:
    """One submission to grade.

    name       the answer's name, or "untouched" or "solution"
    kind       "wrong", "right", "untouched" or "solution"
    make       its task, made when it is needed
    expected   grade_id -> the points that it must get in each test cell
    diagnosis  the code that must be among those of the verdicts; '' for none
    place      `file:line` of the answer; '' for those that no file has
    code       the answer itself
    """

    unit: str
    name: str
    kind: str
    make: Callable[[], Task]
    expected: dict[str, float]
    exercise: str = ""
    diagnosis: str = ""
    place: str = ""
    worth: dict[str, float] = field(default_factory=dict)
    code: str = ""

    @cached_property
    def task(self) -> Task:
        return self.make()

    @property
    def loses(self) -> set[str]:
        """The test cells that it must not get all points in."""
        return {name for name, points in self.expected.items() if points < self.worth[name]}


class TaskMaker:
    """Makes tasks of a unit out of answers to some of its exercises."""

    def __init__(self, built: Built, limits: Limits) -> None:
        self.built = built
        self.limits = limits

    @cached_property
    def prepared(self) -> Notebook:
        return prepare(self.built.instructor)

    def task(self, name: str, codes: Mapping[str, str]) -> Task:
        """The solution, with these answers in their exercises' cells."""
        return self.of(name, filled(self.built.released, self.built.instructor, codes))

    def of(self, name: str, notebook: Notebook) -> Task:
        """A notebook as it is handed in, as a student of that name."""
        restored = restore(self.prepared, json.dumps(notebook).encode("utf-8"))
        return Task(name, self.built.unit, restored.notebook, self.limits)


def trials(built: Built, answers: list[Answer], limits: Limits) -> list[Trial]:
    """All trials of a unit: the untouched notebook, the solution, and each answer."""
    unit = read_unit(built.unit, built.instructor)
    worth = {test.grade_id: test.points for test in unit.tests}
    maker = TaskMaker(built, limits)
    ends = (
        (UNTOUCHED, untouched, dict.fromkeys(worth, 0.0)),
        (SOLUTION, perfect, dict(worth)),
    )
    found = [
        Trial(
            built.unit,
            name,
            name,
            partial(lambda name, notebook: maker.of(name, notebook(built)), name, notebook),
            expected,
            worth=worth,
        )
        for name, notebook, expected in ends
    ]
    found += [
        Trial(
            built.unit,
            answer.name,
            answer.kind,
            partial(maker.task, f"{answer.kind} {answer.name}", {answer.exercise: answer.code}),
            {name: points - answer.loses.get(name, 0) for name, points in worth.items()},
            answer.exercise,
            answer.diagnosis,
            f"source/answers/{answer.unit}.py:{answer.line}",
            worth,
            answer.code,
        )
        for answer in answers
    ]
    return found
