"""What hidden tests compare early stopping with: the curves of a right loop, and of wrong ones.

Only hidden tests import this.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from autograder.references import models

Part = tuple[torch.Tensor, torch.Tensor]
Curves = dict[str, Any]


def loss_on(model: nn.Module, part: Part, training: bool = False) -> float:
    """The cross-entropy of a model on a part of the data, in evaluation mode or (wrongly) not."""
    model.train(training)
    with torch.no_grad():
        return float(nn.functional.cross_entropy(model(part[0]), part[1]))


def stop(val_losses: Sequence[float], patience: int) -> tuple[int, int]:
    """The best epoch and the one after which to stop, both counted from 1."""
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best + 1, epoch + 1
    return best + 1, len(val_losses)


def train(
    model: nn.Module,
    train_part: Part,
    val_part: Part,
    lr: float,
    weight_decay: float,
    patience: int,
    max_epochs: int,
    mistake: str = "",
) -> Curves:
    """Train a copy of `model` with early stopping, with a named mistake in the loop.

    Returns its curves, "best_epoch" counted from 1, the loss of the "restored" model on val_part, and
    its parameters before training ("start") and with the best ones put back ("state").
    """
    model = copy.deepcopy(model)
    decay = 0.0 if mistake == "weight-decay-missing" else weight_decay
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=decay)
    curves: Curves = {"train_losses": [], "val_losses": [], "best_epoch": 0}
    curves["start"] = models.values_of(model)
    best = copy.deepcopy(model.state_dict())
    for _ in range(max_epochs):
        before = loss_on(model, val_part)
        model.train()
        if mistake != "accumulated":
            optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(train_part[0]), train_part[1])
        loss.backward()
        optimizer.step()
        curves["train_losses"].append(float(loss.detach()))
        after = loss_on(model, val_part, training=mistake == "eval-missing")
        curves["val_losses"].append(before if mistake == "off-by-one" else after)
        curves["best_epoch"], stopped = stop(curves["val_losses"], patience)
        if curves["best_epoch"] == len(curves["val_losses"]):
            best = copy.deepcopy(model.state_dict())
        elif stopped - curves["best_epoch"] >= patience:
            break
    model.load_state_dict(best)
    curves["restored"] = loss_on(model, val_part)
    curves["state"] = models.values_of(model)
    return curves


MISTAKES = ("weight-decay-missing", "accumulated", "off-by-one")


def mistakes(
    model: nn.Module,
    train_part: Part,
    val_part: Part,
    lr: float,
    weight_decay: float,
    patience: int,
    max_epochs: int,
) -> dict[str, Curves]:
    """Diagnosis code -> the curves that this mistake gives."""
    run = (train_part, val_part, lr, weight_decay, patience, max_epochs)
    return {code: train(model, *run, code) for code in MISTAKES}
