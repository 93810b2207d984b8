"""The errors of autograd are called by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lessonkit.check.crashes import crash_code


def leaf() -> torch.Tensor:
    return torch.tensor(1.0, requires_grad=True)


def backward_twice() -> None:
    loss = leaf() ** 2
    loss.backward()
    loss.backward()


def update_in_the_open() -> None:
    w = leaf()
    w -= 0.1


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda: torch.tensor(1.0).backward(), "graph-missing"),
        (lambda: (leaf() ** 2).item().backward(), "graph-missing"),
        (backward_twice, "graph-used-up"),
        (update_in_the_open, "leaf-in-place"),
        (lambda: torch.tensor(1, requires_grad=True), "leaf-not-float"),
        (lambda: torch.tensor(1).requires_grad_(), "leaf-not-float"),
        (lambda: leaf().numpy(), "detach-first"),
        (lambda: torch.zeros(2) @ torch.zeros(3), "crashed"),
    ],
)
def test_an_error_of_torch_is_called_by_name(action: Callable[[], object], code: str) -> None:
    with pytest.raises((RuntimeError, AttributeError)) as caught:
        action()
    assert crash_code(str(caught.value), ()) == code


def test_none_is_a_missing_gradient_only_where_the_line_asks_for_one() -> None:
    message = "unsupported operand type(s) for *: 'float' and 'NoneType'"
    assert crash_code(message, ("in `fit`, line 9:  w = w - lr * w.grad",)) == "grad-is-none"
    assert crash_code(message, ("in `fit`, line 9:  w = w - lr * step",)) == "crashed"
