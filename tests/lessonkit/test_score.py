"""Points part by part, and the text that a student reads."""

from __future__ import annotations

import sys

import pytest

from lessonkit import check
from lessonkit.check.score import number


def test_the_text_says_points_parts_causes_and_what_is_hidden(
    capsys: pytest.CaptureFixture[str],
) -> None:
    score = check.Score("Gradient of W1", 5)
    with score.part("shape", 1):
        check.shape("dW1", [[1.0]], (1, 1))
    with score.part("values", 2):
        check.close("dW1", [4.0, 2.0], [2.0, 1.0])
    assert score.total() == 1
    cause = check.CODES["missing-half"]
    assert capsys.readouterr().out == (
        "Gradient of W1 … 1 of 5 points\n"
        "  ✓ shape (1)\n"
        "  ✗ values (2)\n"
        "    [missing-half] dW1 is not right.\n"
        f"      Likely cause: {cause}\n"
        "      expected  shape (2,), float64: [2, 1]\n"
        "      yours     shape (2,), float64: [4, 2]\n"
        "      largest relative error 0.5, at index [0]\n"
        "  · 2 more when your work is graded, on cases that you do not see here\n"
    )


def test_full_points_are_an_int_and_half_points_a_float() -> None:
    score = check.Score("Halves", 2)
    for name in ("one", "two", "three"):
        with score.part(name, 0.5):
            pass
    assert score.total() == 1.5
    with score.part("four", 0.5):
        pass
    assert (score.total(), type(score.total())) == (2, int)
    assert [number(x) for x in (2.0, 0.5, 0)] == ["2", "0.5", "0"]


def test_a_part_that_fails_does_not_stop_the_next() -> None:
    score = check.Score("Two parts", 2)
    with score.part("first", 1):
        raise KeyError("W3")
    with score.part("second", 1):
        pass
    assert [part.failure and part.failure.code for part in score.parts] == ["crashed", None]
    assert score.total() == 1


def test_a_warning_in_a_part_does_not_reach_stderr_where_nbgrader_would_give_no_points(
    capsys: pytest.CaptureFixture[str],
) -> None:
    score = check.Score("Warned", 1)
    with score.part("all of it", 1):
        print("deprecated, they say", file=sys.stderr)
    assert score.total() == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines()[0] == "deprecated, they say"


@pytest.mark.parametrize(
    ("error", "code", "what"),
    [
        (NotImplementedError(), "not-written", "There is no answer here yet."),
        (ZeroDivisionError("division by zero"), "crashed", "ZeroDivisionError: division by zero"),
        (ValueError("first line\nsecond line"), "crashed", "ValueError: first line"),
        (AssertionError(), "crashed", "AssertionError"),
        (check.CheckFailed("sign", "It is negative."), "sign", "It is negative."),
    ],
)
def test_each_error_becomes_a_failure_with_a_code(error: Exception, code: str, what: str) -> None:
    score = check.Score("Errors", 1)
    with score.part("it", 1):
        raise error
    failure = score.parts[0].failure
    assert failure is not None
    assert (failure.code, failure.what) == (code, what)


def test_a_name_that_is_not_defined_is_missing() -> None:
    score = check.Score("Names", 1)
    with score.part("it", 1):
        forward  # type: ignore[name-defined]  # noqa: B018, F821
    assert score.parts[0].failure is not None
    assert score.parts[0].failure.code == "missing"


def test_stopping_is_not_caught() -> None:
    score = check.Score("Interrupted", 1)
    with pytest.raises(KeyboardInterrupt), score.part("it", 1):
        raise KeyboardInterrupt


def test_what_worked_before_and_stops_for_other_sizes_has_a_size_written_in() -> None:
    score = check.Score("Sizes", 3)
    with score.part("the example", 1):
        pass
    with score.part("7 samples", 1, other_sizes=True):
        check.close("f", [1.0, 2.0], [1.0, 2.0, 3.0])
    with score.part("other numbers", 1, other_sizes=True):
        check.close("f", [-1.0], [1.0])
    assert [p.failure.code for p in score.parts[1:] if p.failure] == ["hard-coded-shape", "sign"]


def test_nothing_is_called_hard_coded_that_never_worked() -> None:
    score = check.Score("Sizes", 2)
    for name in ("the example", "7 samples"):
        with score.part(name, 1, other_sizes=True):
            raise IndexError("out of range")
    assert [p.failure.code for p in score.parts if p.failure] == ["crashed", "crashed"]


def test_parts_worth_more_than_the_cell_are_the_authors_mistake() -> None:
    score = check.Score("Too much", 1)
    with score.part("it", 2):
        pass
    with pytest.raises(ValueError, match="parts of 2 points in a cell of 1"):
        score.total()


def test_what_utf8_cannot_hold_is_spelled_out(capsys):
    score = check.Score("Strange", 1)
    with score.part("an error", 1):
        raise ValueError("half of a pair: \ud800")
    assert score.total() == 0
    assert "half of a pair: \\ud800" in capsys.readouterr().out
