"""Gradient descent in torch, right or with one mistake: what units 03 and 04 compare loops with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Params = dict[str, Tensor]
Fold = Callable[[Tensor], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]
Log = dict[str, Any]


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
        loss.backward()
        with torch.no_grad():
            for leaf in leaves.values():
                assert leaf.grad is not None
                leaf += (lr if uphill else -lr) * leaf.grad  # noqa: PLW2901
            losses.append(float(loss_of(leaves, X, y, fold) if late else loss))
    return {name: leaf.detach() for name, leaf in leaves.items()}, losses


def fit(
    model: nn.Module,
    loss_fn: Loss,
    batches: Sequence[tuple[Tensor, Tensor]],
    lr: float,
    epochs: int,
    mistake: str = "",
    kind: Callable[..., Any] = torch.optim.SGD,
) -> Log:
    """Train a copy of `model`, with a named mistake in the loop.

    batches  (X, y) of each step of an epoch, the same in each epoch
    kind     the optimizer

    Returns, for each epoch, the mean loss over the samples, the norm of the last gradient, and the
    parameters after it in "states"; "start" and "state" are the first and the last of these.
    """
    model = copy.deepcopy(model)
    model.train(mistake != "train-mode-missing")
    optimizer = kind(model.parameters(), lr=lr)
    log: Log = {"loss": [], "grad_norm": [], "start": state_of(model), "states": []}
    for _ in range(epochs):
        losses, sizes, norm = [], [], 0.0
        for X, y in batches:
            if mistake != "accumulated":
                optimizer.zero_grad()
            loss = loss_fn(model(X), y)
            loss.backward()
            gradients = [p.grad for p in model.parameters() if p.grad is not None]
            norm = float(torch.cat([g.reshape(-1) for g in gradients]).norm())
            if mistake != "no-step":
                optimizer.step()
            losses.append(float(loss.detach()))
            sizes.append(1 if mistake == "piece-weights" else len(X))
        weighted = sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)
        log["loss"].append(losses[-1] if mistake == "last-batch-only" else weighted)
        log["grad_norm"].append(norm**2 if mistake == "root-missing" else norm)
        log["states"].append(state_of(model))
    log["state"] = log["states"][-1]
    return log


def state_of(model: nn.Module) -> Params:
    """A copy of a model's parameters and buffers."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
