"""What hidden tests compare hand-written optimizers with: torch.optim, and how one goes wrong.

Only hidden tests import this. Parameters are dicts of float64 tensors; gradients are given by a formula,
so that a wrong step leads to other gradients from there on, as it would in training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

Params = dict[str, torch.Tensor]


def start(seed: int) -> Params:
    """Parameters of a small network, from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64)
        for name, shape in shapes.items()
    }


def zeros(params: Params) -> Params:
    return {name: torch.zeros_like(value) for name, value in params.items()}


def gradient(params: Params) -> Params:
    """The gradient of the sum of ¼ θ⁴ − θ² − 1.5 cos(2θ), a surface with several valleys."""
    return {name: value**3 - 2 * value + 3 * torch.sin(2 * value) for name, value in params.items()}


def by_torch(kind: Callable[..., Any], params: Params, steps: int, **options: Any) -> Params:
    """Where `steps` steps of an optimizer of torch.optim lead."""
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    optimizer = kind(list(leaves.values()), **options)
    for _ in range(steps):
        grads = gradient({name: leaf.detach() for name, leaf in leaves.items()})
        for name, leaf in leaves.items():
            leaf.grad = grads[name]
        optimizer.step()
    return {name: leaf.detach() for name, leaf in leaves.items()}


def descend(
    params: Params, steps: int, lr: float, momentum: float = 0.0, mistake: str = ""
) -> tuple[Params, Params]:
    """Where `steps` steps of SGD lead, and the velocity there; with a named mistake in it."""
    velocity = zeros(params)
    share = 1 - momentum if mistake == "velocity-damped" else 1.0
    for _ in range(steps):
        grads = gradient(params)
        if mistake == "state-lost":
            velocity = zeros(params)
        new = {name: momentum * velocity[name] + share * grads[name] for name in params}
        used = velocity if mistake == "velocity-late" else new
        sign = -1 if mistake == "sign" else 1
        params = {name: params[name] - sign * lr * used[name] for name in params}
        velocity = new
    return params, velocity


def adam(
    params: Params,
    steps: int,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    mistake: str = "",
) -> Params:
    """Where `steps` steps of Adam lead, with a named mistake in it."""
    first, second = betas[::-1] if mistake == "betas-swapped" else betas
    m, v = zeros(params), zeros(params)
    for t in range(1, steps + 1):
        grads, new = gradient(params), {}
        if mistake == "state-lost":
            m, v, t = zeros(params), zeros(params), 1  # noqa: PLW2901
        for name, g in grads.items():
            m[name] = first * m[name] + (1 - first) * g
            v[name] = second * v[name] + (1 - second) * (g if mistake == "square-missing" else g**2)
            mean, square = m[name] / (1 - first**t), v[name] / (1 - second**t)
            if mistake == "bias-correction":
                mean, square = m[name], v[name]
            if mistake == "corrected-state":
                m[name], v[name] = mean, square
            root = (square + eps).sqrt() if mistake == "eps-inside-root" else square.sqrt() + eps
            new[name] = params[name] - lr * mean / root
        params = new
    return params


def descend_mistakes(params: Params, steps: int, lr: float, momentum: float) -> dict[str, Params]:
    """Diagnosis code -> where SGD with momentum leads with this mistake."""
    codes = ("velocity-damped", "velocity-late", "state-lost", "sign")
    return {code: descend(params, steps, lr, momentum, code)[0] for code in codes}


def adam_mistakes(params: Params, steps: int, lr: float, **options: Any) -> dict[str, Params]:
    """Diagnosis code -> where Adam leads with this mistake."""
    codes = ("bias-correction", "corrected-state", "eps-inside-root", "betas-swapped", "state-lost")
    return {code: adam(params, steps, lr, mistake=code, **options) for code in codes}
