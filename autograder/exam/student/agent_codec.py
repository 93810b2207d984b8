"""The agent's end of the wire: arguments become the student's to use, results become nodes.

From the examiner, besides what `codec` has:

    ["mutable", slot, how, node]   a list, deque, dict or set argument, whose changes the caller wants
                                   to see; `how` names the kinds of dict, and the deque
    ["slot", slot]                 the same one again
    ["function", number]           a function of the test: the student's calls come back to the examiner
    ["library", module, name]      something of a library
    ["built", number, module, name, parts]    a stock object, to be built again here (`builders`)

To the examiner: `["handle", number, description]` for what stays here, and `["slot", slot]` for an
argument that is handed back.
"""

from __future__ import annotations

import collections
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from autograder.exam.student.describe import description
from autograder.exam.wire.checked import typed
from autograder.exam.wire.codec import Graph, SharedReader, SharedWriter
from autograder.exam.wire.frames import WireFault
from autograder.exam.wire.states import RESULT, State, state_of
from autograder.exam.wire.stock_objects import rebuild
from autograder.exam.wire.values import Node, Writer, flat_items, mro

if TYPE_CHECKING:
    from autograder.exam.student.agent import Agent

CONTAINERS = (list, dict, set, collections.deque)


class Arguments:
    """The containers among the arguments of the calls that are going on, and what was in them."""

    def __init__(self) -> None:
        self.slots: dict[int, Any] = {}
        self.slot_of: dict[int, int] = {}
        self.before: dict[int, list[Any]] = {}

    def mark(self) -> int:
        """Where the slots of the next call begin."""
        return max(self.slots, default=-1) + 1

    def add(self, slot: int, container: Any) -> None:
        self.slots[slot] = container
        self.slot_of[id(container)] = slot

    def snapshot(self) -> None:
        for slot, container in self.slots.items():
            self.before.setdefault(slot, inside(container))

    def write_changes(self, writer: Writer, mark: int) -> Node:
        """[slot, what is in it now] of each container that this call has changed."""
        changed = []
        for slot, container in self.slots.items():
            now = inside(container)
            was = self.before.get(slot, now)
            if slot >= mark and not (
                len(now) == len(was) and all(a is b for a, b in zip(now, was, strict=True))
            ):
                kind = next(base for base in mro(type(container)) if base in CONTAINERS)
                if kind is collections.deque:
                    changed.append([slot, ["list", *writer.nodes(now, 0)]])
                else:
                    changed.append([slot, Writer.TABLE[kind](writer, container, 0)])
        return changed

    def leave(self, mark: int) -> None:
        """A call is over, and so are its slots."""
        for slot in [slot for slot in self.slots if slot >= mark]:
            self.slot_of.pop(id(self.slots.pop(slot)), None)
            self.before.pop(slot, None)


def inside(container: Any) -> list[Any]:
    """What is in a container, in order: enough to see whether it has changed."""
    if isinstance(container, dict):
        return flat_items(container)
    return list(container)


class AgentWriter(SharedWriter):
    def __init__(self, agent: Agent) -> None:
        super().__init__(agent.table)
        self.agent = agent

    def container(self, value: Any, depth: int) -> Node:
        slot = self.agent.arguments.slot_of.get(id(value))
        if slot is not None:
            return ["slot", slot]
        if isinstance(value, collections.deque):
            return self.other(value, depth)
        kind = next(base for base in mro(type(value)) if base in Writer.TABLE)
        return Writer.TABLE[kind](self, value, depth)

    def graph(self, value: torch.Tensor) -> list[int]:
        return [self.introduce(Graph(value))]

    def other(self, value: Any, depth: int) -> Node:  # noqa: ARG002
        number = self.table.number_of(value)
        if number is not None:
            return ["known", number]
        return ["handle", self.introduce(value), self.node(description(value))]


AgentWriter.TABLE = {
    **SharedWriter.TABLE,
    **dict.fromkeys((*CONTAINERS, collections.OrderedDict), AgentWriter.container),
}


class Callback:
    """A function of the test, as the student's code sees it: it can be called, and nothing else."""

    def __init__(self, agent: Agent, number: int) -> None:
        self.agent = agent
        self.number = number
        self.__name__ = "f"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.agent.call_back(self.number, args, kwargs)


class AgentReader(SharedReader):
    TABLE: ClassVar[dict[str, Callable[..., Any]]]

    def __init__(self, agent: Agent, block: memoryview) -> None:
        super().__init__(agent.table, block)
        self.agent = agent

    def build(self, state: State, graph: Node) -> Any:
        value = super().build(state, graph)
        if state[0] == "tensor" and state[3] == RESULT:
            value.requires_grad_()  # a leaf here: the examiner's own graph goes on from its gradient
        return value

    def mutable(self, node: list[Node], depth: int) -> Any:
        _, slot, how, (tag, *nodes) = node
        container = self.empty(how, tag)
        self.agent.arguments.add(typed(slot, int), container)
        values = self.values(nodes, depth)
        if tag == "list":
            container.extend(values)
        elif tag == "set":
            container.update(values)
        else:
            for key, item in zip(values[::2], values[1::2], strict=True):
                container[key] = item
        return container

    def empty(self, how: list[Node], tag: str) -> Any:
        """The container to fill; a dict of a special kind behaves as it does for the test."""
        if not how:
            return {"list": list, "dict": dict, "set": set}[tag]()
        if how[0] == "default":
            return collections.defaultdict(self.value(how[1]))
        if how[0] == "deque":
            return collections.deque(maxlen=how[1])
        return {"counter": collections.Counter, "ordered": collections.OrderedDict}[how[0]]()

    def slot(self, node: list[Node], _: int) -> Any:
        return self.agent.arguments.slots[node[1]]

    def function(self, node: list[Node], _: int) -> Callback:
        callback = Callback(self.agent, typed(node[1], int))
        self.table.add(callback, number=callback.number)
        return callback

    def library(self, node: list[Node], _: int) -> Any:
        _, module, name = node
        found: Any = importlib.import_module(typed(module, str))
        for part in typed(name, str).split(".") if name else ():
            found = getattr(found, part)
        return found

    def built(self, node: list[Node], depth: int) -> Any:
        _, number, module, name, parts = node
        value = rebuild(module, name, self.value(parts, depth + 1))
        if value is None:
            raise WireFault("an object that cannot be built here")
        state = None
        if isinstance(value, torch.nn.Module):
            state = state_of(value, "modes")
            self.agent.ties.add(value)
        self.table.add(value, state, number)
        return value


AgentReader.TABLE = {
    **SharedReader.TABLE,
    "mutable": AgentReader.mutable,
    "slot": AgentReader.slot,
    "function": AgentReader.function,
    "library": AgentReader.library,
    "built": AgentReader.built,
}
