"""What hidden tests hold against a model: each way to lie has its name, and no honest model has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autograder.references import descent, models, unseen
from lessonkit import check
from lessonkit.check import CheckFailed

X = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))


def layers() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))


def formula(values: models.Values, X: Tensor) -> Tensor:
    return models.mlp(values.values(), X)


class Net(nn.Module):
    """An honest network; what lies is derived from it."""

    def __init__(self) -> None:
        super().__init__()
        self.net = layers()

    def forward(self, X: Tensor) -> Tensor:
        out: Tensor = self.net(X)
        return out


class Functional(Net):
    def forward(self, X: Tensor) -> Tensor:
        first: Any = self.net[0]
        last: Any = self.net[2]
        return (X @ first.weight.T + first.bias).clamp(min=0) @ last.weight.T + last.bias


class Constant(Net):
    def forward(self, X: Tensor) -> Tensor:
        return torch.ones(len(X), 2)


class Detached(Net):
    def forward(self, X: Tensor) -> Tensor:
        return super().forward(X).detach()


class Copies(Net):
    def __init__(self) -> None:
        super().__init__()
        self.copy = [p.detach().clone() for p in self.net.parameters()]

    def forward(self, X: Tensor) -> Tensor:
        return models.mlp(self.copy, X)


class MadeAnew(Net):
    def named_parameters(self, *_: Any, **__: Any) -> Iterator[tuple[str, nn.Parameter]]:
        return ((name, nn.Parameter(p.detach())) for name, p in super().named_parameters())


class OthersInParameters(Net):
    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        return (nn.Parameter(p.detach()) for p in super().parameters(recurse))


class OthersInState(Net):
    def __init__(self) -> None:
        super().__init__()
        self.given = {name: value.clone() for name, value in super().state_dict().items()}

    def state_dict(self, *_: Any, **__: Any) -> Any:
        return self.given


class PlainTensors(Net):
    def named_parameters(self, *_: Any, **__: Any) -> Any:
        return self.state_dict().items()


class OtherStateAtBirth(Net):
    def state_dict(self, *_: Any, **__: Any) -> Any:
        return {name: value + 1 for name, value in super().state_dict().items()}


class BiasDetached(Net):
    def forward(self, X: Tensor) -> Tensor:
        last: Any = self.net[2]
        out: Tensor = self.net[:2](X) @ last.weight.T + last.bias.detach()
        return out


class TwiceTheGradient(Net):
    """The right output, from which gradients come back twice as large."""

    def forward(self, X: Tensor) -> Tensor:
        out = super().forward(X)
        return 2 * out - out.detach()


class Unregistered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = [layers()]

    def forward(self, X: Tensor) -> Tensor:
        out: Tensor = self.net[0](X)
        return out


class ZeroWithoutRelu(nn.Module):
    """At birth it agrees with every architecture of its sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2))
        for value in self.parameters():
            nn.init.zeros_(value)

    def forward(self, X: Tensor) -> Tensor:
        out: Tensor = self.net(X)
        return out


def code_of(look: Callable[[], object]) -> str:
    """The diagnosis code that a look ends with; '' for none."""
    try:
        look()
    except CheckFailed as failed:
        return failed.code
    return ""


@pytest.mark.parametrize("honest", [layers, Net, Functional])
def test_an_honest_model_passes_both_looks(honest: Callable[[], nn.Module]) -> None:
    for _ in range(20):  # the numbers are others each time
        models.alive(honest(), X)
        models.computes(
            honest(), formula, X, {"relu-missing": lambda v, X: models.lines(v.values(), X)}
        )


LIES = {
    Constant: "other-parameters",
    Copies: "other-parameters",
    MadeAnew: "other-parameters",
    OthersInParameters: "other-parameters",
    OthersInState: "other-parameters",
    OtherStateAtBirth: "other-parameters",
    BiasDetached: "graph-cut",
    PlainTensors: "not-a-parameter",
    Unregistered: "not-registered",
    Detached: "graph-cut",
}


@pytest.mark.parametrize("kind", LIES, ids=lambda kind: kind.__name__)
def test_each_lie_has_its_name_in_both_looks(kind: Callable[[], nn.Module]) -> None:
    assert code_of(lambda: models.alive(kind(), X)) == LIES[kind]  # type: ignore[index]
    assert code_of(lambda: models.computes(kind(), formula, X)) == LIES[kind]  # type: ignore[index]


def test_gradients_are_those_of_the_formula() -> None:
    models.alive(TwiceTheGradient(), X)
    assert code_of(lambda: models.computes(TwiceTheGradient(), formula, X)) == "missing-half"


def test_what_a_model_shows_is_compared_before_anything_is_written() -> None:
    assert code_of(lambda: models.shown(OtherStateAtBirth())) == "other-parameters"


def test_a_network_of_zeros_is_asked_with_other_numbers() -> None:
    zeros = ZeroWithoutRelu()
    assert torch.equal(zeros(X), formula(models.values_of(zeros), X))
    wrong = {"relu-missing": lambda values, X: models.lines(values.values(), X)}
    assert code_of(lambda: models.computes(zeros, formula, X, wrong)) == "relu-missing"


BATCHES = [(X[:4], X[:4, :2].abs()), (X[4:], X[4:, :2].abs())]


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_the_path_of_training_is_compared_and_not_what_a_loop_says(optimizer: Any) -> None:
    model = layers()
    way = descent.fit(model, nn.MSELoss(), BATCHES, 0.05, 4, kind=optimizer)
    other = descent.fit(model, nn.MSELoss(), BATCHES, 0.05, 4, "accumulated", kind=optimizer)
    start, end = way["start"], way["state"]
    shaken = {name: value + 0.05 * torch.randn_like(value) for name, value in start.items()}
    broken = {name: value + torch.inf for name, value in start.items()}
    named = {"accumulated": other["state"]}
    looks = {"": end, "no-step": start, "accumulated": other["state"], "other-path": shaken}
    for code, now in {**looks, "not-finite": broken}.items():
        assert code_of(lambda now=now: models.arrived(now, start, end, named)) == code  # type: ignore[misc]
    assert len(way["states"]) == 4
    assert all((way["states"][-1][name] == end[name]).all() for name in end)


def test_a_reference_that_goes_nowhere_compares_nothing_and_says_so() -> None:
    values = models.values_of(layers())
    with pytest.raises(ValueError, match="compares nothing"):
        models.arrived(values, values, values)
    broken = {name: value + torch.inf for name, value in values.items()}
    with pytest.raises(ValueError, match="compares nothing"):
        models.arrived(values, values, broken)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CheckFailed("wrong-value", "expected 0.125"), "memorised"),
        (CheckFailed("no-step", "expected 0.125"), "no-step"),
        (ValueError("0.125"), "memorised"),
        (NotImplementedError("0.125"), "memorised"),
    ],
)
def test_the_unseen_end_of_a_part_gives_nothing_away(error: Exception, code: str) -> None:
    score = check.Score("A part", 1)
    with score.part("the example", 1), unseen.other_numbers():
        raise error
    (part,) = score.parts
    assert part.failure is not None
    assert part.failure.code == code
    assert "0.125" not in str(part.failure)
    assert score.earned == 0
