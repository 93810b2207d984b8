"""The answers in `source/answers/<unit>.py`: wrong ones that tests must catch, right ones to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.build.source import Source, read_source
from autograder.course import Course


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    loses      points lost in each test cell, by grade_id; all other cells keep theirs
    diagnosis  the code that must be among those of the verdicts; '' for a right answer
    line       where it stands in its file
    """

    unit: str
    name: str
    exercise: str
    kind: str
    code: str
    loses: dict[str, float] = field(default_factory=dict)
    diagnosis: str = ""
    line: int = 0

    @property
    def wrong(self) -> bool:
        return self.kind == "wrong"


def answers_path(course: Course, unit: str) -> Path:
    return course.source / "answers" / f"{unit}.py"


def answers_in(source: Source) -> list[Answer]:
    """The answers of a file, in their order. `rules.answers` says what may be wrong with one."""
    unit, found = source.path.stem, []
    for cell, line in zip(source.cells, source.lines, strict=True):
        if cell.cell_type == "code" and cell.source.strip():
            meta = cell.metadata
            loses = meta.get("loses", {})
            found.append(
                Answer(
                    unit=unit,
                    name=str(meta.get("answer", "")),
                    exercise=str(meta.get("exercise", "")),
                    kind=str(meta.get("kind", "")),
                    code=cell.source.rstrip(),
                    loses=dict(loses) if isinstance(loses, dict) else {"": 0.0},
                    diagnosis=str(meta.get("diagnosis", "")),
                    line=line,
                )
            )
    return found


def read_answers(course: Course, unit: str) -> list[Answer]:
    """A unit's answers; none where it has no file of them."""
    path = answers_path(course, unit)
    return answers_in(read_source(path)) if path.is_file() else []
