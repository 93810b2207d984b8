"""The assertions: what they let pass, and what they say when they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lessonkit import check

Failing = Callable[..., check.CheckFailed]


@pytest.fixture
def failure() -> Failing:
    """Run an assertion that must fail, and give back its CheckFailed."""

    def run(assertion: Callable[..., Any], *args: Any, **options: Any) -> check.CheckFailed:
        with pytest.raises(check.CheckFailed) as caught:
            assertion(*args, **options)
        return caught.value

    return run


def test_close_takes_arrays_tensors_numbers_and_lists() -> None:
    for value in (np.array([1.0, 2.0]), torch.tensor([1.0, 2.0]), [1, 2], (np.float32(1), 2.0)):
        check.close("it", value, [1.0, 2.0])
    check.close("it", torch.tensor([1.0], requires_grad=True), np.array([1.0]))
    check.close("it", 3, 3.0)


def test_close_leaves_room_for_float32_and_for_no_mistake(failure: Failing) -> None:
    third = np.array([1 / 3, 2e3 / 3])
    check.close("it", third.astype(np.float32), third)
    assert failure(check.close, "it", third * 1.0001, third).code == "scaled"


def test_close_shows_expected_and_actual_and_where_they_differ(failure: Failing) -> None:
    text = str(failure(check.close, "dW1", [[1.0, 2.0], [3.0, 9.0]], [[1.0, 2.0], [3.0, 4.0]]))
    assert text.startswith("[wrong-value] dW1 is not right.\n  Likely cause: ")
    assert "expected  shape (2, 2), float64: [1, 2, 3, 4]" in text
    assert "yours     shape (2, 2), float64: [1, 2, 3, 9]" in text
    assert "at index [1, 1]" in text


def test_close_names_both_shapes(failure: Failing) -> None:
    failed = failure(check.close, "f", np.zeros((4, 1)), np.ones(4))
    assert failed.what == "f should have shape (4,), not (4, 1)."


def test_a_forgotten_return_is_told_from_other_values(failure: Failing) -> None:
    assert "f is None: is there a `return`?" in str(failure(check.close, "f", None, 1.0))
    assert failure(check.close, "f", "text", 1.0).what == "f should be numbers, not str."
    assert failure(check.close, "f", [[1.0], [1.0, 2.0]], 1.0).code == "wrong-type"


@pytest.mark.parametrize(
    ("actual", "expected", "code"),
    [
        (2, 3, "wrong-value"),
        ("3", 3, "wrong-type"),
        ([1], (1,), "wrong-type"),
        (None, 3, "wrong-type"),
    ],
)
def test_equal_tells_another_kind_from_another_value(
    failure: Failing, actual: Any, expected: Any, code: str
) -> None:
    assert failure(check.equal, "n", actual, expected).code == code


def test_equal_takes_a_whole_float_for_an_int() -> None:
    check.equal("n", 3.0, 3)
    check.equal("d", {"a": [1, 2]}, {"a": [1, 2]})


def test_shape_dtype_keys_instance_and_finite_say_what_is_wrong(failure: Failing) -> None:
    assert failure(check.shape, "W", np.zeros((2, 3)), (3, 2)).code == "transposed"
    assert failure(check.shape, "W", np.zeros((2, 3)), (2, 4)).code == "wrong-shape"
    what = failure(check.dtype, "x", torch.zeros(1), "float64").what
    assert what == "x should have dtype float64, not float32."
    check.dtype("x", torch.zeros(1), torch.float32)
    check.dtype("x", np.zeros(1), np.float64)
    assert (
        failure(check.keys, "The cache", {"a1": 0}, ["a1", "h"]).what
        == "The cache lacks the keys ['h']."
    )
    assert failure(check.instance, "blob", "text", bytes).what == "blob should be bytes, not str."
    assert failure(check.finite, "loss", [1.0, np.inf]).code == "not-finite"


def test_thresholds_say_the_number_and_the_threshold(failure: Failing) -> None:
    failed = failure(check.at_least, "the accuracy", 0.5, 0.9)
    assert (failed.code, failed.what) == (
        "low-accuracy",
        "the accuracy is 0.5; at least 0.9 is needed.",
    )
    failed = failure(check.at_most, "the loss", torch.tensor(2.0), 1)
    assert (failed.code, failed.what) == ("not-learning", "the loss is 2; at most 1 is allowed.")
    check.at_least("the accuracy", 0.9, 0.9)
    check.at_most("the loss", 1, 1.0)


def test_not_a_number_passes_no_threshold(failure: Failing) -> None:
    failure(check.at_least, "the accuracy", float("nan"), 0.9)
    failure(check.at_most, "the loss", float("nan"), 1.0)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a["X"].fill(0),
        lambda a: a["params"]["W"].add_(1),
        lambda a: a["params"].update(b=np.ones(2)),
        lambda a: a["params"].pop("W"),
        lambda a: a["names"].append(3),
    ],
)
def test_unchanged_sees_changes_at_any_depth(
    failure: Failing, change: Callable[[Any], Any]
) -> None:
    arguments = {"X": np.ones(3), "params": {"W": torch.ones(2)}, "names": [1, 2]}

    def changed() -> None:
        with check.unchanged(**arguments):
            change(arguments)

    assert failure(changed).code == "changed-argument"


def test_unchanged_lets_everything_else_pass() -> None:
    X, params = np.array([1.0, np.nan]), {"W": torch.ones(2, requires_grad=True)}
    with check.unchanged(X=X, params=params, pair=(X, 3)):
        X + 1


def test_gradient_is_checked_against_central_differences(failure: Failing) -> None:
    def loss(W: np.ndarray) -> float:
        return float((W**3).sum())

    W = np.array([[0.5, -1.0, 2.0], [1.5, 0.1, -0.3]])
    check.gradient("dW", loss, W, 3 * W**2)
    check.gradient("dW", loss, W.astype(np.float32), torch.tensor(3 * W**2))
    assert failure(check.gradient, "dW", loss, W, 6 * W**2).code == "missing-half"
    assert failure(check.gradient, "dW", loss, W, 12 * W**2, batch=4).code == "batch-mean"
    assert failure(check.gradient, "dW", loss, W, (3 * W**2).T).code == "transposed"
    assert (
        failure(check.gradient, "dW", loss, W, 3 * W, candidates={"inner-derivative": 3 * W}).code
        == "inner-derivative"
    )


def test_seed_makes_three_generators_start_again() -> None:
    import random

    draws = []
    for _ in range(2):
        check.seed(5)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]


def test_a_failed_check_shows_as_its_message_alone(failure: Failing) -> None:
    failed = failure(check.true, False, "It is not so.", "sign", "first\nsecond")
    assert failed._render_traceback_() == [f"✗ {failed}"]
    assert str(failed).splitlines()[2:] == ["  first", "  second"]
