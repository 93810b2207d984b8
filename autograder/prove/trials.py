"""The trials of a unit: a submission each, with the points and the diagnosis that it must get."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from autograder.build import Built
from autograder.build.answers import Answer
from autograder.build.release import prepare
from autograder.course import read_unit
from autograder.intake.notebook.restore import restore
from autograder.model import Limits, Task
from autograder.prove.submissions import Notebook, perfect, submission_from, untouched

UNTOUCHED, SOLUTION = "untouched", "solution"


@dataclass(frozen=True)
class Trial:
    """One submission to grade.

    name       the answer's name, or "untouched" or "solution"
    kind       "wrong", "right", "untouched" or "solution"
    expected   grade_id -> the points that it must get in each test cell
    diagnosis  the code that must be among those of the verdicts; '' for none
    place      `file:line` of the answer; '' for those that no file has
    """

    unit: str
    name: str
    kind: str
    task: Task
    expected: dict[str, float]
    exercise: str = ""
    diagnosis: str = ""
    place: str = ""
    worth: dict[str, float] = field(default_factory=dict)


def trials(built: Built, answers: list[Answer], limits: Limits) -> list[Trial]:
    """All trials of a unit: the untouched notebook, the solution, and each answer."""
    unit = read_unit(built.unit, built.instructor)
    worth = {test.grade_id: test.points for test in unit.tests}
    prepared = prepare(built.instructor)

    def task(kind: str, name: str, notebook: Notebook) -> Task:
        restored = restore(prepared, json.dumps(notebook).encode("utf-8"))
        return Task(f"{kind} {name}", built.unit, restored.notebook, limits)

    found = [
        Trial(
            built.unit,
            UNTOUCHED,
            UNTOUCHED,
            task(UNTOUCHED, "", untouched(built)),
            dict.fromkeys(worth, 0.0),
            worth=worth,
        ),
        Trial(
            built.unit,
            SOLUTION,
            SOLUTION,
            task(SOLUTION, "", perfect(built)),
            dict(worth),
            worth=worth,
        ),
    ]
    found += [
        Trial(
            built.unit,
            answer.name,
            answer.kind,
            task(answer.kind, answer.name, submission_from(built, answer)),
            {name: points - answer.loses.get(name, 0) for name, points in worth.items()},
            answer.exercise,
            answer.diagnosis,
            f"source/answers/{answer.unit}.py:{answer.line}",
            worth,
        )
        for answer in answers
    ]
    return found
