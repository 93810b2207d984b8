"""What hidden tests compare a training loop with: the curves of a right one, and of wrong ones.

Only hidden tests import this.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from autograder.references import models

Curves = dict[str, Any]


def optimizer_for(name: str, model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """The optimizer that `train_model` uses under this name."""
    if name == "adam":
        return torch.optim.Adam(model.parameters(), lr=lr)
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9 if name == "momentum" else 0.0)


def measure(model: nn.Module, loader: Any) -> tuple[float, float]:
    """Mean cross-entropy and accuracy over a loader, in evaluation mode."""
    model.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
            loss += nn.functional.cross_entropy(f, y, reduction="sum").item()
            right += int((f.argmax(dim=1) == y).sum())
            count += len(y)
    return loss / count, right / count


def train(
    model: nn.Module,
    train_loader: Any,
    val_loader: Any,
    epochs: int,
    lr: float,
    optimizer_name: str = "sgd",
    mistake: str = "",
) -> Curves:
    """Train a copy of `model`, with a named mistake in the loop.

    Returns its curves, and its parameters before ("start") and after ("state").
    """
    model = copy.deepcopy(model)
    optimizer = optimizer_for(optimizer_name, model, lr)
    curves: Curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    curves["start"] = models.values_of(model)
    for _ in range(epochs):
        before = measure(model, val_loader)
        model.train()
        losses, sizes = [], []
        for X, y in train_loader:
            if mistake != "accumulated":
                optimizer.zero_grad()
            f = model(X)
            if mistake == "softmax-twice":
                f = f.softmax(dim=1)
            loss = nn.functional.cross_entropy(f, y)
            loss.backward()
            if mistake != "no-step":
                optimizer.step()
            losses.append(float(loss.detach()))
            sizes.append(1 if mistake == "piece-weights" else len(y))
        total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
        curves["train_losses"].append(total / sum(sizes))
        val_loss, accuracy = before if mistake == "off-by-one" else measure(model, val_loader)
        curves["val_losses"].append(val_loss)
        curves["val_accs"].append(accuracy)
    curves["state"] = models.values_of(model)
    return curves


MISTAKES = ("accumulated", "softmax-twice", "no-step", "piece-weights", "off-by-one")


def mistakes(
    model: nn.Module,
    train_loader: Any,
    val_loader: Any,
    epochs: int,
    lr: float,
    optimizer_name: str = "sgd",
) -> dict[str, Curves]:
    """Diagnosis code -> the curves that this mistake gives."""
    run = (train_loader, val_loader, epochs, lr, optimizer_name)
    return {code: train(model, *run, code) for code in MISTAKES}
