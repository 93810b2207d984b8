"""From numbers to the name of the mistake that made them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lessonkit import check
from lessonkit.check.codes import CODES, cause
from lessonkit.check.diagnosis import diagnose

RIGHT = np.array([[1.0, -2.0, 0.0], [4.0, 0.5, 3.0]])
SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("code", "actual", "options"),
    [
        ("batch-mean", 5 * RIGHT, {"batch": 5}),
        ("batch-mean", 10 * RIGHT, {"batch": 5}),  # and the half is missing, too
        ("batch-mean-twice", RIGHT / 5, {"batch": 5}),
        ("accumulated", 3 * RIGHT, {"calls": 3}),
        ("accumulated", 3 * RIGHT, {"calls": 3, "batch": 3}),
        ("missing-half", 2 * RIGHT, {}),
        ("extra-half", RIGHT / 2, {}),
        ("sign", -RIGHT, {}),
        ("scaled", 7 * RIGHT, {}),
        ("transposed", RIGHT.T, {}),
        ("bias-not-summed", np.stack([RIGHT / 4, 3 * RIGHT / 4]), {}),
        ("wrong-shape", RIGHT[:, :2], {}),
        ("not-finite", np.where(RIGHT == 0, np.nan, RIGHT), {}),
        ("not-finite", np.where(RIGHT == 0, np.inf, RIGHT), {}),
        ("wrong-value", RIGHT + 1, {}),
        ("wrong-value", np.zeros_like(RIGHT), {}),
    ],
)
def test_each_mistake_is_named(code: str, actual: np.ndarray, options: dict[str, Any]) -> None:
    assert diagnose(actual, RIGHT, **options) == code


def test_a_square_matrix_can_be_transposed_too() -> None:
    assert diagnose(SQUARE.T, SQUARE) == "transposed"


def test_a_known_wrong_result_is_named_before_anything_else() -> None:
    known = {"relu-missing": RIGHT - 1, "wrong-axis": 2 * RIGHT}
    assert diagnose(2 * RIGHT, RIGHT, candidates=known) == "wrong-axis"
    assert diagnose(RIGHT - 1, RIGHT, candidates=known) == "relu-missing"
    assert diagnose(3 * RIGHT, RIGHT, candidates=known) == "scaled"


def test_the_first_of_two_fitting_names_is_taken() -> None:
    known = {"relu-missing": RIGHT + 1, "bias-missing": RIGHT + 1}
    assert diagnose(RIGHT + 1, RIGHT, candidates=known) == "relu-missing"


def test_a_mistake_that_changes_nothing_here_is_not_named() -> None:
    known = {"relu-missing": RIGHT.copy()}
    assert diagnose(RIGHT + 1e-9, RIGHT, candidates=known) != "relu-missing"


def test_names_hold_for_answers_in_float32() -> None:
    for code, factor in (("batch-mean", 8), ("missing-half", 2), ("sign", -1)):
        assert diagnose(np.float32(factor) * RIGHT.astype(np.float32), RIGHT, batch=8) == code


def test_a_batch_of_one_has_no_missing_mean() -> None:
    assert diagnose(2 * RIGHT, RIGHT, batch=1) == "missing-half"


def test_a_factor_is_named_only_if_zeros_stay_zero() -> None:
    assert diagnose(np.where(RIGHT == 0, 1.0, 2 * RIGHT), RIGHT) == "wrong-value"


def test_each_code_has_a_sentence_for_the_student() -> None:
    for code, text in CODES.items():
        assert text == cause(code)
        assert text.endswith((".", "?")), code
        assert len(text) < 320, code


def test_an_unregistered_code_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown diagnosis code 'nonsense'.*codes\.py"):
        check.CheckFailed("nonsense", "Something.")
