"""What an examiner may ask of the student's objects: one function for each operation.

Each takes the agent and the decoded operands, runs in the student's process, and returns the result.
"""

from __future__ import annotations

import copy
import operator
import random
from collections.abc import Callable
from itertools import islice
from types import GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from autograder.exam.student.describe import BINARY, UNARY
from autograder.exam.wire.values import clean_text, mro

if TYPE_CHECKING:
    from autograder.exam.student.agent import Agent

MAX_TEXT = 20_000
MAX_BATCH = 10_000
MODULE_FILE = torch.nn.Module.parameters.__code__.co_filename


def look_up(agent: Agent, name: str) -> tuple[Any, ...]:
    """(value,) of a name of the student's, () if there is none."""
    if name not in agent.names:
        return ()
    agent.told[name] = agent.names[name]
    return (agent.names[name],)


def call(_: Agent, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def advance(_: Agent, iterator: Any) -> list[Any]:
    """The next item of an iterator; of one over a module's parameters or parts, all of them.

    An empty list is the end.
    """
    count = 1
    code = getattr(iterator, "gi_code", None) if type(iterator) is GeneratorType else None
    if code is not None and code.co_filename == MODULE_FILE:
        count = MAX_BATCH
    return list(islice(iterator, count))


def text(_: Agent, value: Any, form: str) -> str:
    return clean_text(str(value) if form == "str" else repr(value))[:MAX_TEXT]


def seed(_: Agent, which: str, number: int) -> None:
    """Seed one of the three global generators."""
    seeds: dict[str, Callable[[int], Any]] = {
        "python": random.seed,
        "numpy": np.random.seed,
        "torch": torch.manual_seed,
    }
    seeds[which](number)


def default_dtype(_: Agent) -> str:
    """The dtype, by name, that tensors have by default: the test's own are to be of the same."""
    return str(torch.get_default_dtype()).removeprefix("torch.")


def vector_jacobian(_: Agent, graph: Any, upstream: Any, inputs: list[Any]) -> list[Any]:
    """What backward() through a result does on this side, and the gradients that flow out of it.

    graph     of a tensor that an earlier call returned
    upstream  the gradient that arrives at it
    inputs    leaves that both sides know: their gradients are returned, None where none flows;
              all other leaves accumulate theirs in .grad
    """
    result = graph.result
    theirs = {id(leaf) for leaf in inputs}
    own = [leaf for leaf in leaves(result.grad_fn) if id(leaf) not in theirs]
    gradients = torch.autograd.grad(
        result, [*inputs, *own], upstream, retain_graph=True, allow_unused=True
    )
    for leaf, gradient in zip(own, gradients[len(inputs) :], strict=True):
        if gradient is not None:
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient
    return list(gradients[: len(inputs)])


def leaves(node: Any) -> list[Any]:
    """The tensors in which a backward pass from `node` would accumulate gradients."""
    found, seen, waiting = [], set(), [node]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            found.append(variable)
        waiting.extend(following for following, _ in node.next_functions)
    return found


def operators() -> dict[str, Callable[..., Any]]:
    """`__add__`, `__radd__` and so on, applied as Python does."""
    table: dict[str, Callable[..., Any]] = {}
    for name in BINARY:
        plain = name.strip("_").removeprefix("r") if name not in LEFT else name.strip("_")
        function = getattr(operator, {"and": "and_", "or": "or_"}.get(plain, plain))
        if name in LEFT:
            table[name] = lambda _, a, b, f=function: f(a, b)
        else:
            table[name] = lambda _, a, b, f=function: f(b, a)
    for name in UNARY:
        function = getattr(operator, name)
        table[name] = lambda _, a, f=function: f(a)
    return table


LEFT = frozenset(BINARY[::2])


def special(name: str) -> Callable[..., Any]:
    """A special method, looked up on the type as Python does."""

    def run(_: Agent, value: Any, *args: Any) -> Any:
        for base in mro(type(value)):
            if name in vars(base):
                return vars(base)[name].__get__(value, type(value))(*args)
        raise TypeError(f"'{type(value).__name__}' object has no {name}")

    return run


OPERATIONS: dict[str, Callable[..., Any]] = {
    "name": look_up,
    "call": call,
    "get": lambda _, value, name: getattr(value, name),
    "set": lambda _, value, name, new: setattr(value, name, new),
    "delete": lambda _, value, name: delattr(value, name),
    "names": lambda _, value: [name for name in dir(value)[:2000] if isinstance(name, str)],
    "item": lambda _, value, key: value[key],
    "set-item": lambda _, value, key, new: operator.setitem(value, key, new),
    "delete-item": lambda _, value, key: operator.delitem(value, key),
    "length": lambda _, value: len(value),
    "truth": lambda _, value: bool(value),
    "contains": lambda _, value, item: item in value,
    "instance": lambda _, value, kind: isinstance(value, kind),
    "subclass": lambda _, kind, base: issubclass(kind, base),
    "iterate": lambda _, value: iter(value),
    "advance": advance,
    "text": text,
    "enter": special("__enter__"),
    "exit": special("__exit__"),
    "copy": lambda _, value: copy.copy(value),
    "deep-copy": lambda _, value: copy.deepcopy(value),
    "seed": seed,
    "default-dtype": default_dtype,
    "vjp": vector_jacobian,
    **operators(),
}
