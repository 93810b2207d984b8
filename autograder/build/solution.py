"""From the instructor's notebook to the solution notebook: answers filled in, visible tests only."""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.build.steps import each_cell
from autograder.regions import HIDDEN_TESTS, SOLUTION, without, without_marks


def solution(instructor: NotebookNode) -> NotebookNode:
    """The solution notebook, not yet executed."""

    def change(cell: NotebookNode) -> NotebookNode:
        cell.source = without(without_marks(cell.source, SOLUTION), HIDDEN_TESTS)
        return cell

    return each_cell(instructor, change)
