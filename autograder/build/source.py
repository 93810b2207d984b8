"""Reading a text notebook (jupytext py:percent), and where each of its cells stands in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from autograder.errors import UserError

MARKER = re.compile(r"^# ?%%")
BAD_METADATA = "incorrectly_encoded_metadata"  # jupytext's name for what it could not read


@dataclass(frozen=True)
class Source:
    """A text notebook: its cells as jupytext reads them, and the line of each one's `# %%`."""

    path: Path
    text: str
    notebook: NotebookNode
    lines: tuple[int, ...]

    @property
    def cells(self) -> list[NotebookNode]:
        cells: list[NotebookNode] = self.notebook.cells
        return cells


@dataclass(frozen=True)
class Place:
    """Where things stand in a source file: its name, its text, and each cell id's first line."""

    name: str
    text: tuple[str, ...]
    lines: dict[str, int]

    def at(self, cell: str, code: str = "") -> str:
        """`file:line` of a cell, or of the first line in it that reads (or else holds) `code`."""
        return f"{self.name}:{self.line(cell, code)}"

    def line(self, cell: str, code: str = "") -> int:
        first = self.lines.get(cell, 1)
        later = [number for number in self.lines.values() if number > first]
        body = self.text[first : min(later, default=len(self.text) + 1) - 1]
        lines = list(enumerate((line.strip() for line in body), first + 1))
        wanted = code.strip()
        same = [number for number, line in lines if wanted and line == wanted]
        within = [number for number, line in lines if wanted and wanted in line]
        return next(iter([*same, *within]), first)


def read_text(path: Path) -> str:
    """A source file's text. Raises UserError when it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(
            f"{path}:{line}: this is not UTF-8 text ({error.reason}).",
            "Save the file as UTF-8 in your editor.",
        ) from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", "Check its name and its permissions."
        ) from error


def cell_lines(text: str, cells: list[Any]) -> tuple[int, ...]:
    """The line number of each cell's marker; jupytext does not tell them.

    A marker-like line inside a string belongs to the cell that it stands in, so a code cell
    swallows as many candidates as its own source has.
    """
    candidates = [n for n, line in enumerate(text.splitlines(), 1) if MARKER.match(line)]
    lines, at = [], 0
    for cell in cells:
        if at >= len(candidates):
            return ()
        lines.append(candidates[at])
        inside = 0
        if cell["cell_type"] == "code":
            inside = sum(1 for line in cell["source"].splitlines() if MARKER.match(line))
        at += 1 + inside
    return tuple(lines) if at == len(candidates) else ()


def read_source(path: Path) -> Source:
    """A text notebook from its file. Raises UserError for one that cannot be read."""
    text = read_text(path)
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # jupytext and YAML raise whatever they meet; the file is at fault
        first = str(error).strip().splitlines() or [type(error).__name__]
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise UserError(
            f"{path}:{line}: this file cannot be read as a text notebook: {first[0]}",
            "Look at its header (between the two `# ---`) and at its `# %%` lines.",
        ) from error
    lines = cell_lines(text, notebook.cells)
    if len(lines) != len(notebook.cells) or not lines:
        raise UserError(
            f"{path}:1: there is text before the first `# %%`, or no cell at all.",
            "Begin each cell with a line `# %%` or `# %% [markdown]`.",
        )
    for cell, line in zip(notebook.cells, lines, strict=True):
        if BAD_METADATA in cell.metadata:
            raise UserError(
                f"{path}:{line}: the metadata of this cell cannot be read: "
                f"{cell.metadata[BAD_METADATA]}",
                'Write key=value pairs, each value as JSON: tags=["setup"] or '
                'exercise={"id": "forward", "difficulty": 1, "minutes": 5}.',
            )
    return Source(path, text, notebook, lines)
