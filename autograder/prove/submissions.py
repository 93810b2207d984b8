"""From answers to submissions: the student's notebook with its solution cells filled in."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from autograder.build import Answer, Built
from autograder.build.release import TEXT_STUB
from autograder.course import is_solution, is_written, nbgrader_of
from autograder.regions import SOLUTION, without_marks

Notebook = dict[str, Any]


def filled(
    released: Notebook, instructor: Notebook, replacements: Mapping[str, str | None]
) -> Notebook:
    """A submission: the released notebook with its solution cells filled in.

    replacements  exercise id -> the code handed in for it, or None for a cell left untouched;
                  exercises not named get the solution. For a written answer: its grade_id -> its
                  text; not named, it stays untouched.

    Raises KeyError for an id that the notebook does not have.
    """
    submission = copy.deepcopy(released)
    solutions = {
        nbgrader_of(cell)["grade_id"]: without_marks(cell["source"], SOLUTION)
        for cell in instructor["cells"]
        if is_solution(cell)
    }
    left = set(replacements)
    for cell in submission["cells"]:
        own = nbgrader_of(cell).get("grade_id", "")
        if is_solution(cell):
            answer = replacements.get(own, solutions[own])
            if own not in replacements or answer is not None:
                cell["source"] = answer
        elif is_written(cell) and replacements.get(own) is not None:
            cell["source"] = cell["source"].replace(TEXT_STUB, str(replacements[own]))
        else:
            continue
        left.discard(own)
    if left:
        raise KeyError(f"no exercise of this notebook: {', '.join(sorted(left))}")
    return submission


def submission_from(built: Built, answer: Answer) -> Notebook:
    """What a student hands in who gives this answer and the solution everywhere else."""
    return filled(built.released, built.instructor, {answer.exercise: answer.code})


def untouched(built: Built) -> Notebook:
    """The notebook as it was released."""
    return copy.deepcopy(built.released)


def perfect(built: Built) -> Notebook:
    """The notebook with the solution in each exercise."""
    return filled(built.released, built.instructor, {})
