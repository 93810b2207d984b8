"""`check.Score` in the exam: the parts of a test go to the examiner as data, not as printed text.

Which of them are hidden is told by the line of the test that is running, not by a part's name or by
anything that came from the student.
"""

from __future__ import annotations

import inspect
import traceback
from dataclasses import dataclass

from autograder.exam.examiner.cell_code import FILENAME
from autograder.model import Part
from autograder.text import clean, line
from lessonkit.check import score as home

MAX_PARTS = 200
MAX_DETAILS = 4000  # characters of one part


@dataclass
class Collected:
    """What the scores of one test cell have told: the title and the parts of the last total."""

    hidden: frozenset[int]
    title: str = ""
    parts: tuple[Part, ...] = ()


def collecting(hidden: frozenset[int]) -> tuple[Collected, type[home.Score]]:
    """Where the parts of a test cell will be, and the `Score` that puts them there.

    hidden  the lines of the test that are hidden: `hidden.hidden_lines`
    """
    collected = Collected(hidden)

    class Score(home.Score):
        def __init__(self, name: str, points: float) -> None:
            super().__init__(name, points)
            self.told: list[Part] = []

        def add(self, part: home.Part, error: Exception | None = None) -> None:
            super().add(part, error)
            self.told.append(as_data(part, not collected.hidden.isdisjoint(lines_at_work(error))))

        def total(self) -> float:
            earned = super().total()
            collected.title = line(str(self.name))
            collected.parts = tuple(self.told[:MAX_PARTS])
            return earned

    return collected, Score


def lines_at_work(error: BaseException | None) -> set[int]:
    """The lines of the test that are running now, and those that an error has come through."""
    frame = inspect.currentframe()
    lines = set()
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            lines.add(frame.f_lineno)
        frame = frame.f_back
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for inner, number in traceback.walk_tb(error.__traceback__):
            if inner.f_code.co_filename == FILENAME:
                lines.add(number)
        error = error.__cause__ or error.__context__
    return lines


def as_data(part: home.Part, hidden: bool) -> Part:
    """A part as it travels."""
    failure = part.failure
    if failure is None:
        return Part(line(str(part.name)), float(part.points), float(part.points), hidden=hidden)
    text = clean("\n".join((failure.what, *failure.details)), MAX_DETAILS)
    return Part(
        line(str(part.name)),
        float(part.points),
        0.0,
        failure.code,
        tuple(text.split("\n")),
        hidden,
    )
