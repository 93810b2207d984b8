"""The examiner's end of the wire: what a test hands to the student, and what it makes of the answers."""

from __future__ import annotations

import collections
import functools
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from autograder.exam.examiner.handle import Handle, handle_class
from autograder.exam.wire.checked import typed
from autograder.exam.wire.codec import Graph, SharedReader, SharedWriter
from autograder.exam.wire.objects import build
from autograder.exam.wire.states import RESULT, State
from autograder.exam.wire.stock_objects import take_apart
from autograder.exam.wire.values import Node, Writer, mro

if TYPE_CHECKING:
    from autograder.exam.examiner.session import Session

LIBRARIES = frozenset(
    (
        *("builtins", "math", "cmath", "operator", "random", "itertools", "functools"),
        *("collections", "numpy", "torch", "torchvision", "sklearn", "matplotlib"),
    )
)
PLACES = ("torch", "torch.nn.functional", "numpy", "torch.nn", "torch.linalg", "numpy.linalg")
FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)
MANY = 2000  # plain numbers in a list: too many to be worth a slot each


class ExamWriter(SharedWriter):
    def __init__(self, session: Session) -> None:
        super().__init__(session.table)
        self.session = session

    def handle(self, value: Handle, _: int) -> Node:
        return ["known", value._exam_number]  # noqa: SLF001

    def container(self, value: Any, depth: int) -> Node:
        """A list, deque, dict or set: the student's code may change it, and the test will see it."""
        slot = self.session.slot_of.get(id(value))
        if slot is not None:
            return ["slot", slot]
        how: list[Node] = []
        if isinstance(value, collections.defaultdict):
            how = ["default", self.node(value.default_factory, depth + 1)]
        elif isinstance(value, collections.deque):
            how = ["deque", value.maxlen]
        elif isinstance(value, collections.Counter | collections.OrderedDict):
            how = ["counter" if isinstance(value, collections.Counter) else "ordered"]
        slot = self.session.add_slot(value)
        if isinstance(value, collections.deque):
            return ["mutable", slot, how, ["list", *self.nodes(value, depth)]]
        kind = next(base for base in mro(type(value)) if base in (list, dict, set))
        return ["mutable", slot, how, Writer.TABLE[kind](self, value, depth)]

    def other(self, value: Any, depth: int) -> Node:
        number = self.table.number_of(value)
        if number is not None:
            return ["known", number]
        found = library_name(value)
        if found is not None:
            return ["library", *found]
        if isinstance(value, FUNCTIONS):
            number = self.introduce(value)
            self.session.functions[number] = value
            return ["function", number]
        parts = take_apart(value)
        if parts is None:
            raise TypeError(
                f"a {type(value).__name__} of the test's own cannot be handed to the student: "
                "make it from the student's classes, or from a library's"
            )
        before = len(self.fresh)
        node = Writer.TABLE[dict](self, parts, depth)
        self.session.parts.update(self.fresh[before:])
        kind = type(value)
        state = None
        if isinstance(value, torch.nn.Module):
            state = ("modes", tuple(bool(module.training) for module in value.modules()))
        return ["built", self.introduce(value, state), kind.__module__, kind.__qualname__, node]


ExamWriter.TABLE = {
    **SharedWriter.TABLE,
    **dict.fromkeys(
        (list, dict, set, collections.OrderedDict, collections.deque), ExamWriter.container
    ),
    np.random.Generator: ExamWriter.share,
    torch.Generator: ExamWriter.share,
    Handle: ExamWriter.handle,
}


def library_name(value: Any) -> tuple[str, str] | None:
    """(module, name) under which a function, class or module of a library is found again."""
    if isinstance(value, types.ModuleType):
        module_name = value.__name__
        return (module_name, "") if module_name.partition(".")[0] in LIBRARIES else None
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(name, str):
        return None
    module = getattr(value, "__module__", None)
    for place in (module, *PLACES):
        if isinstance(place, str) and place.partition(".")[0] in LIBRARIES:
            for candidate in (name, name.rpartition(".")[2]):
                found: Any = sys.modules.get(place)
                for part in candidate.split("."):
                    found = getattr(found, part, None)
                if found is value:
                    return place, candidate
    return None


class RemoteResult(torch.autograd.Function):
    """A tensor that the student's code computed, with its graph on the student's side.

    The backward pass goes on there: it leaves gradients in the student's leaves, and brings back those
    of the leaves that both sides know.
    """

    @staticmethod
    def forward(
        ctx: Any, session: Session, graph: Graph, result: torch.Tensor, _: Any, *leaves: Any
    ) -> torch.Tensor:
        ctx.session, ctx.graph, ctx.leaves = session, graph, leaves
        ctx.save_for_backward(torch.empty(0))
        return result.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        _ = ctx.saved_tensors  # raises on a second pass through a graph that was not retained
        return (None, None, None, None, *ctx.session.backward(ctx.graph, upstream, ctx.leaves))


class ExamReader(SharedReader):
    TABLE: ClassVar[dict[str, Callable[..., Any]]]

    def __init__(self, session: Session, block: memoryview) -> None:
        super().__init__(session.table, block)
        self.session = session

    def handle(self, node: list[Node], depth: int) -> Handle:
        _, number, description = node
        kind, bases = handle_class(self.value(description, depth + 1))
        value = kind(self.session, self.new_number(number), bases)
        self.table.add(value, number=number)
        return value

    def slot(self, node: list[Node], _: int) -> Any:
        return self.session.slots[typed(node[1], int)]

    def build(self, state: State, graph: Node) -> Any:
        result = build(state)
        if state[0] == "tensor" and state[3] == RESULT:
            known = Graph()
            self.table.add(known, number=self.new_number(graph))
            anchor = torch.empty(0, requires_grad=True)
            with torch.enable_grad():
                return RemoteResult.apply(
                    self.session, known, result, anchor, *self.session.leaves()
                )
        return result


ExamReader.TABLE = {
    **SharedReader.TABLE,
    "handle": ExamReader.handle,
    "slot": ExamReader.slot,
}
