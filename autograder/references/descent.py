"""Gradient descent on a two-layer network with any fold, in torch: right, or with one mistake."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Params = dict[str, Tensor]
Fold = Callable[[Tensor], Tensor]


def loss_of(params: Params, X: Tensor, y: Tensor, fold: Fold) -> Tensor:
    """The mean over the samples of ½ |f − y|² for f = fold(X W1ᵀ + b1) W2ᵀ + b2."""
    hidden = fold(torch.addmm(params["b1"], X, params["W1"].T))
    f = torch.addmm(params["b2"], hidden, params["W2"].T)
    return (f - y).square().sum() / (2 * len(X))


def descend(
    start: Params,
    X: Tensor,
    y: Tensor,
    lr: float,
    epochs: int,
    fold: Fold,
    *,
    add_up: bool = False,
    late: bool = False,
    uphill: bool = False,
) -> tuple[Params, list[float]]:
    """The parameters after full-batch gradient descent, and the losses before each step.

    add_up  the mistake that gradients are never set back
    late    the mistake that losses are noted after the step
    uphill  the mistake that the step has the wrong sign
    """
    leaves = {name: value.detach().clone().requires_grad_() for name, value in start.items()}
    losses: list[float] = []
    for _ in range(epochs):
        loss = loss_of(leaves, X, y, fold)
        if not add_up:
            for leaf in leaves.values():
                leaf.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for leaf in leaves.values():
                assert leaf.grad is not None
                leaf += (lr if uphill else -lr) * leaf.grad
            losses.append(float(loss_of(leaves, X, y, fold) if late else loss))
    return {name: leaf.detach() for name, leaf in leaves.items()}, losses
