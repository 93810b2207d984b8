"""What hidden tests ask of a student's model, which is believed in nothing that it says of itself.

The test writes numbers of its own into the parameters that the model shows, evaluates the architecture
itself, and compares outputs and gradients on data of its own. Only hidden tests import this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lessonkit import check

Values = dict[str, Tensor]
Compute = Callable[[Values, Tensor], Tensor]
SAME = 1e-3  # of the way that training goes: more than rounding, less than a step left out


def mlp(values: Iterable[Tensor], X: Tensor) -> Tensor:
    """The output for X (N, d) of linear layers W, b, W, b, …, with a ReLU between any two."""
    *hidden, (W_last, b_last) = pairs(list(values))
    for W, b in hidden:
        X = torch.relu(X @ W.T + b)
    return X @ W_last.T + b_last


def lines(values: Iterable[Tensor], X: Tensor) -> Tensor:
    """The same without a ReLU."""
    for W, b in pairs(list(values)):
        X = X @ W.T + b
    return X


def pairs(values: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    return list(zip(values[::2], values[1::2], strict=True))


def shown(model: Any) -> dict[str, nn.Parameter]:
    """Name -> parameter of a student's model, once all that it says of them agrees.

    Raises CheckFailed where there are none, where they are made anew each time, where one is no
    parameter or not finite, or where `parameters()` or `state_dict()` speaks of others.
    """
    named: dict[str, nn.Parameter] = dict(model.named_parameters())
    check.true(named, "model.parameters() is empty.", "not-registered")
    for name, value in named.items():
        real = isinstance(value, nn.Parameter) and value.requires_grad
        check.true(real, f"{name} is no parameter that asks for gradients.", "not-a-parameter")
        check.finite(f"the parameter {name}", value)
    again = [*dict(model.named_parameters()).values(), *model.parameters()]
    lasting = len(again) == 2 * len(named) and all(
        own is other for own, other in zip([*named.values()] * 2, again, strict=True)
    )
    check.true(lasting, "The model shows other parameters each time.", "other-parameters")
    agree(model, {name: value.detach() for name, value in named.items()})
    return named


def agree(model: Any, values: Values) -> None:
    """The state_dict of a model holds these values. Raises CheckFailed."""
    state = model.state_dict()
    for name, value in values.items():
        check.true(name in state, f"state_dict() has no {name!r}.", "not-a-parameter")
        same = isinstance(state[name], Tensor) and torch.equal(state[name].detach(), value)
        what = f"state_dict() and parameters() do not agree on {name!r}."
        check.true(same, what, "other-parameters")


def redraw(parameters: Mapping[str, nn.Parameter], seed: int | None = None) -> Values:
    """Write new random numbers into the parameters, in place, and return them.

    seed  of the numbers; without one they are others in each run, which nobody can know before
    """
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    values = {
        name: 0.7 * torch.randn(value.shape, generator=generator, dtype=value.dtype)
        for name, value in parameters.items()
    }
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(values[name])
    return values


def alive(model: Any, X: Tensor) -> None:
    """The output follows the parameters that the model shows, and gradients find their way back.

    What the model computes is not looked at. Its parameters end with random numbers. Raises
    CheckFailed.
    """
    parameters = shown(model)
    before = check.array("model(X)", model(X.clone()))
    values = redraw(parameters)
    f = model(X.clone())
    moved = (check.array("model(X)", f) != before).any()
    what = "The output stays as it was when the parameters change."
    check.true(moved, what, "other-parameters")
    agree(model, values)
    backward(f, torch.ones_like(f), parameters)


def computes(
    model: Any, compute: Compute, X: Tensor, mistakes: Mapping[str, Compute] | None = None
) -> None:
    """The model computes `compute(values, X)` from the values of the parameters that it shows, and
    its gradients are those of this formula.

    Its parameters end with random numbers. Raises CheckFailed.

    mistakes  diagnosis code -> what a model with this mistake computes
    """
    parameters = shown(model)
    before = check.array("model(X)", model(X.clone()))
    values = redraw(parameters)
    leaves = {name: value.clone().requires_grad_() for name, value in values.items()}
    right = compute(leaves, X)
    candidates = {code: wrong(values, X) for code, wrong in (mistakes or {}).items()}
    f = model(X.clone())
    check.close(
        "model(X) with other parameters",
        f,
        right,
        rtol=1e-4,
        atol=1e-5,
        candidates={**candidates, "other-parameters": before},
    )
    agree(model, values)
    upstream = torch.randn_like(right)
    (right * upstream).sum().backward()
    backward(f, upstream, parameters)
    for name, leaf in leaves.items():
        grad = leaf.grad if leaf.grad is not None else torch.zeros_like(leaf)
        check.close(f"the gradient by {name}", parameters[name].grad, grad, rtol=1e-3, atol=1e-4)


def backward(f: Tensor, upstream: Tensor, parameters: Mapping[str, nn.Parameter]) -> None:
    """Go back from the output to the parameters. Raises CheckFailed if none or not all are reached."""
    for value in parameters.values():
        value.grad = None
    check.true(f.requires_grad, "The output has forgotten how it was computed.", "graph-cut")
    (f * upstream).sum().backward()
    lost = [name for name, value in parameters.items() if value.grad is None]
    check.true(not lost, f"No gradient reaches {lost}.", "graph-cut")


def values_of(model: nn.Module) -> Values:
    """Copies of a model's parameters."""
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def flat(values: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([value.detach().double().reshape(-1) for value in values.values()])


def arrived(
    now: Mapping[str, Tensor],
    start: Mapping[str, Tensor],
    end: Mapping[str, Tensor],
    mistakes: Mapping[str, Mapping[str, Tensor]] | None = None,
    share: float = SAME,
) -> None:
    """Training has led the parameters from `start` to `end`, where the right loop leads. Raises
    CheckFailed.

    mistakes  diagnosis code -> where a loop with this mistake leads
    share     how far from `end` they may be, as a share of the way
    """
    for name, value in start.items():
        check.true(name in now, f"The model has no parameter {name!r} any more.", "other-path")
        check.shape(name, now[name], tuple(value.shape))
    here, begin, there = flat({name: now[name] for name in start}), flat(start), flat(end)
    check.finite("the trained parameters", here)
    way = float((there - begin).norm())
    if not 0 < way < float("inf"):
        raise ValueError("the right loop leads nowhere: this test compares nothing")
    if float((here - there).norm()) <= share * way:
        return
    stayed = float((here - begin).norm()) <= share * way
    check.true(not stayed, "The parameters are where they were before training.", "no-step")
    for code, wrong in (mistakes or {}).items():
        same = float((here - flat(wrong)).norm()) <= share * way
        check.true(not same, "The parameters end elsewhere than the right loop leads.", code)
    check.true(False, "The parameters end elsewhere than the right loop leads.", "other-path")
