"""Submissions made out of answers."""

from __future__ import annotations

import pytest

from autograder.build import Built, build_unit, read_answers
from autograder.build.release import TEXT_STUB, to_text
from autograder.course import Course
from autograder.prove import filled, perfect, submission_from, untouched

UNIT = "01_tiny"


@pytest.fixture
def unit(course: Course) -> Built:
    return build_unit(course, UNIT)


def source(notebook: dict, cell: str) -> str:
    return str(next(c["source"] for c in notebook["cells"] if c["id"] == cell))


def test_the_solution_stands_in_each_exercise_unless_replaced(unit: Built) -> None:
    submission = filled(unit.released, unit.instructor, {"double": "double = None"})
    assert source(submission, "double") == "double = None"
    assert source(submission, "mean").endswith("    return X.mean(axis=0)")
    assert "BEGIN" not in source(submission, "mean")


def test_an_exercise_can_be_left_untouched(unit: Built) -> None:
    submission = filled(unit.released, unit.instructor, {"double": None})
    assert source(submission, "double") == source(unit.released, "double")
    assert "NotImplementedError" in source(submission, "double")


def test_a_written_answer_is_given_only_where_it_is_named(unit: Built) -> None:
    assert source(perfect(unit), "explain") == source(unit.released, "explain")
    submission = filled(unit.released, unit.instructor, {"explain": "Because."})
    assert source(submission, "explain").endswith("\n\nBecause.")
    assert TEXT_STUB not in source(submission, "explain")


def test_everything_else_is_as_it_was_released(unit: Built) -> None:
    before = to_text(unit.released)
    submission = perfect(unit)
    for ours, theirs in zip(submission["cells"], unit.released.cells, strict=True):
        if ours["id"] not in ("double", "mean"):
            assert ours == theirs
    assert to_text(unit.released) == before
    assert untouched(unit) == unit.released


def test_a_submission_can_be_made_from_each_answer(course: Course, unit: Built) -> None:
    for answer in read_answers(course, UNIT):
        assert source(submission_from(unit, answer), answer.exercise) == answer.code


def test_an_exercise_that_is_not_there_is_an_error(unit: Built) -> None:
    with pytest.raises(KeyError, match="trible"):
        filled(unit.released, unit.instructor, {"trible": "x"})
