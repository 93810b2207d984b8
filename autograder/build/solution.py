"""From the instructor's notebook to the solution notebook: answers filled in, visible tests only."""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.build.steps import each_cell

BEGIN_SOLUTION, END_SOLUTION = "BEGIN SOLUTION", "END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


def without_markers(source: str) -> str:
    """Without the lines that mark a solution."""
    lines = source.split("\n")
    return "\n".join(li for li in lines if BEGIN_SOLUTION not in li and END_SOLUTION not in li)


def without_hidden(source: str) -> str:
    """Without the hidden tests."""
    kept, hidden = [], False
    for line in source.split("\n"):
        if BEGIN_HIDDEN in line:
            hidden = True
        elif END_HIDDEN in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


def solution(instructor: NotebookNode) -> NotebookNode:
    """The solution notebook, not yet executed."""

    def change(cell: NotebookNode) -> NotebookNode:
        cell.source = without_hidden(without_markers(cell.source))
        return cell

    return each_cell(instructor, change)
