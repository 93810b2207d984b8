"""Whatever a student's function returns, a check passes or says what is wrong: it does not crash."""

from __future__ import annotations

import collections
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import pytest
import torch

from lessonkit import check
from lessonkit.check import CheckFailed


class Colour(Enum):
    RED = 1


@dataclass
class Point:
    x: float = 1.0


class Strange:
    def __repr__(self) -> str:
        raise ValueError("no repr")

    def __eq__(self, other: object) -> Any:
        return np.array([True, False])

    __hash__ = None  # type: ignore[assignment]


Pair = collections.namedtuple("Pair", "a b")
NUMBER: dict[str, Any] = {
    "an int": 1,
    "a float": 1.0,
    "a truth value": True,
    "a NumPy number": np.float64(1.0),
    "a 0-d array": np.array(1.0),
    "an array of one": np.array([1.0]),
    "a matrix of one": np.array([[1.0]]),
    "an array of one int": np.array([1]),
    "an array of one truth value": np.array([True]),
    "a 0-d tensor": torch.tensor(1.0),
    "a tensor of one": torch.tensor([1.0]),
    "a tensor with a graph": torch.tensor([1.0], requires_grad=True) * 1,
    "a half tensor": torch.tensor(1.0, dtype=torch.float16),
    "a bfloat16 tensor": torch.tensor([1.0], dtype=torch.bfloat16),
    "a list of one": [1.0],
    "a list of a tensor with a graph": [torch.tensor(1.0, requires_grad=True)],
    "a Parameter": torch.nn.Parameter(torch.ones(1)),
}
OTHER: dict[str, Any] = {
    "None": None,
    "a text": "1.0",
    "an empty text": "",
    "bytes": b"1",
    "an empty list": [],
    "a ragged list": [[1], [1, 2]],
    "a list of None": [None],
    "a list of texts": ["a"],
    "a dict": {"a": 1},
    "a dict of arrays": {"a": np.ones(2)},
    "a set": {1, 2},
    "a tuple of arrays": (np.ones(2), np.ones(3)),
    "a namedtuple": Pair(1, 2),
    "a defaultdict": collections.defaultdict(list),
    "a deque": collections.deque([1.0]),
    "a dataclass": Point(),
    "a member of an Enum": Colour.RED,
    "a function": len,
    "a class": Point,
    "a generator": (x for x in (1, 2)),
    "a module": torch.nn.Linear(1, 1),
    "an object that lies": Strange(),
    "NaN": float("nan"),
    "inf": float("inf"),
    "an array with NaN": np.array([np.nan, 1.0]),
    "a NaN tensor": torch.tensor(float("nan")),
    "an empty array": np.array([]),
    "an empty tensor": torch.empty(0, 2),
    "a vector": np.array([1.0, 2.0]),
    "a tensor vector": torch.tensor([1.0, 2.0]),
    "a matrix": np.ones((2, 3)),
    "an object array": np.array([None, "a"], dtype=object),
    "an array of texts": np.array(["a", "b"]),
    "a complex number": 1 + 2j,
    "a complex array": np.array([1j, 2.0, 3.0]),
    "a complex tensor": torch.tensor([1 + 1j]).conj(),
    "a huge int": 10**400,
    "an int too long to print": 10**5000,
    "truth values": np.array([True, False]),
    "a sparse tensor": torch.eye(2).to_sparse(),
    "a meta tensor": torch.empty(2, device="meta"),
    "a date": np.datetime64("2026-01-01"),
    "an array of structures": np.zeros(2, dtype=[("a", int)]),
    "large unsigned": np.array([2**64 - 1], dtype=np.uint64),
}


def slope(value: Any) -> None:
    check.gradient("dL", lambda _: value, np.ones(1), np.zeros(1))


def kept(value: Any) -> None:
    with check.unchanged(value=value, nested={"a": [value, (value,)]}):
        pass


CHECKS: dict[str, Callable[[Any], None]] = {
    "array": lambda v: void(check.array("it", v)),
    "true": lambda v: check.true(v, "It does not hold."),
    "equal to an int": lambda v: check.equal("it", v, 1),
    "equal to a float": lambda v: check.equal("it", v, 1.0),
    "equal to a text": lambda v: check.equal("it", v, "one"),
    "equal to a list": lambda v: check.equal("it", v, [1.0]),
    "equal to a dict": lambda v: check.equal("it", v, {"a": 1}),
    "equal to None": lambda v: check.equal("it", v, None),
    "equal within a list": lambda v: check.equal("it", [v], [1.0]),
    "instance": lambda v: check.instance("it", v, float),
    "instance of several": lambda v: check.instance("it", v, (int, float)),
    "keys": lambda v: check.keys("it", v, ("a", "b")),
    "shape": lambda v: check.shape("it", v, (2, 3)),
    "shape of a number": lambda v: check.shape("it", v, ()),
    "dtype": lambda v: check.dtype("it", v, np.float64),
    "finite": lambda v: check.finite("it", v),
    "close to a number": lambda v: check.close("it", v, 1.0, batch=4, calls=3),
    "close to a vector": lambda v: check.close("it", v, [1.0, 3.0], candidates={"sign": [-1, 0]}),
    "close to a matrix": lambda v: check.close("it", v, np.ones((3, 2))),
    "close to a complex vector": lambda v: check.close("it", v, np.array([1j, 2, 4])),
    "close to truth values": lambda v: check.close("it", v, np.array([True, True])),
    "gradient": lambda v: check.gradient("dL", lambda x: float(x.sum()), np.ones(2), v),
    "loss of a gradient": slope,
    "at_least": lambda v: check.at_least("it", v, 0.5),
    "at_most": lambda v: check.at_most("it", v, 1.5),
    "unchanged": kept,
}  # fmt: skip


def void(_: Any) -> None: ...


def failed(checked: Callable[[Any], None], value: Any) -> CheckFailed | None:
    try:
        checked(value)
    except CheckFailed as failure:
        return failure
    return None


@pytest.mark.parametrize("kind", [*NUMBER, *OTHER])
@pytest.mark.parametrize("name", CHECKS)
def test_a_check_passes_or_says_what_is_wrong(name: str, kind: str) -> None:
    value = {**NUMBER, **OTHER}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        failure = failed(CHECKS[name], value)
    if failure is not None:
        assert failure.code in check.CODES
        assert len(failure.what) < 1000
        assert "object at 0x" not in failure.what


def test_every_public_check_is_in_the_table() -> None:
    others = {"CODES", "CheckFailed", "Score", "seed"}
    assert {name.split()[0] for name in CHECKS} | others | {"loss"} >= set(check.__all__)
    assert len(CHECKS) * (len(NUMBER) + len(OTHER)) > 1500


@pytest.mark.parametrize("kind", NUMBER)
def test_a_single_number_in_whatever_clothes_is_a_number(kind: str) -> None:
    check.at_least("it", NUMBER[kind], 1.0)
    check.at_most("it", NUMBER[kind], 1.0)
    with pytest.raises(CheckFailed, match=r"it is 1; at least 2 is needed"):
        check.at_least("it", NUMBER[kind], 2.0)
    with pytest.raises(CheckFailed, match=r"it is 1; at most 0.5 is allowed"):
        check.at_most("it", NUMBER[kind], 0.5)


@pytest.mark.parametrize("kind", OTHER)
def test_nothing_else_is_at_least_something(kind: str) -> None:
    if kind in ("large unsigned", "a deque"):
        return
    for compare in (check.at_least, check.at_most):
        with pytest.raises(CheckFailed):
            compare("it", OTHER[kind], 0.0)


def test_an_empty_array_does_not_hold() -> None:
    with pytest.raises(CheckFailed):
        check.true(np.array([]) == 1.0, "It is not 1.")


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({"lr": 0.1, "name": "adam", "none": None}, lambda v: v.update(name="sgd")),
        ({"lr": 0.1, "name": "adam", "none": None}, lambda v: v.update(none=1)),
        ([1, "a", np.ones(2)], lambda v: v[2].fill(0)),
        (collections.deque([1, 2]), lambda v: v.append(3)),
        ({1, 2}, lambda v: v.add(3)),
        (collections.defaultdict(list, a=[1]), lambda v: v["b"]),
        (collections.Counter("aab"), lambda v: v.update("c")),
        (torch.ones(2, dtype=torch.bfloat16), lambda v: v.zero_()),
        (np.array(["a", "b"]), lambda v: v.fill("c")),
    ],
)
def test_a_change_of_any_argument_is_seen(value: Any, change: Callable[[Any], Any]) -> None:
    with check.unchanged(value=value):
        pass
    with pytest.raises(CheckFailed, match="other values after"), check.unchanged(value=value):
        change(value)
