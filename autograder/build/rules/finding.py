"""What a rule looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.build.answers import Answer
from autograder.build.source import Source
from autograder.course import is_solution, is_test


@dataclass(frozen=True, order=True)
class Finding:
    """An authoring mistake: where it is, what is wrong, and how to mend it."""

    file: str
    line: int
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}\n    {self.hint}"


@dataclass(frozen=True)
class Cell:
    """A cell of the source and the line of its `# %%`."""

    node: NotebookNode
    line: int

    @property
    def source(self) -> str:
        return str(self.node.source)

    @property
    def meta(self) -> dict[str, Any]:
        return dict(self.node.metadata)

    @property
    def exercise(self) -> dict[str, Any] | None:
        found = self.meta.get("exercise")
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Draft:
    """A unit as its author left it. `file` and `answers_file` are names for messages."""

    file: str
    source: Source
    answers_file: str
    answers: tuple[Answer, ...]

    @property
    def cells(self) -> list[Cell]:
        pairs = zip(self.source.cells, self.source.lines, strict=True)
        return [Cell(node, line) for node, line in pairs]

    @property
    def exercises(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.exercise is not None]

    @property
    def exercise_ids(self) -> list[str]:
        return [str(cell.exercise.get("id", "")) for cell in self.exercises if cell.exercise]

    @property
    def tests(self) -> list[Cell]:
        return [cell for cell in self.cells if is_test(cell.node)]

    @property
    def solutions(self) -> list[Cell]:
        return [cell for cell in self.cells if is_solution(cell.node)]

    def finding(self, line: int, what: str, hint: str) -> Finding:
        return Finding(self.file, line, what, hint)
