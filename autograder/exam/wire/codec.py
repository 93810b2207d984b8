"""Values and shared objects together: what both sides' messages are made of.

["known", number]              an object that both sides have
["shared", number, state]      an array, tensor or generator, the first time
["shared", number, state, graph]    a tensor with a graph, and the number of the graph
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch

from autograder.exam.wire.checked import Reader, typed
from autograder.exam.wire.frames import WireFault
from autograder.exam.wire.object_table import Table
from autograder.exam.wire.objects import build
from autograder.exam.wire.states import RESULT, State, kind_of, read_state, state_of, write_state
from autograder.exam.wire.values import Node, Writer


class Graph:
    """How a tensor was computed: lives as long as somebody may still go backward through it."""

    def __init__(self, result: torch.Tensor | None = None) -> None:
        self.result = result


class SharedWriter(Writer):
    """A writer that knows the shared objects. `undo` forgets those that it has introduced."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self.fresh: list[int] = []

    def introduce(self, value: Any, state: State | None = None) -> int:
        number = self.table.add(value, state)
        self.fresh.append(number)
        return number

    def undo(self) -> None:
        for number in self.fresh:
            self.table.forget(number)

    def share(self, value: Any, depth: int) -> Node:
        """An array, tensor or generator."""
        number = self.table.number_of(value)
        if number is not None:
            return ["known", number]
        kind = kind_of(value)
        if kind is None or kind == "modes":
            return self.unshared(value, depth)
        state = state_of(value, kind)
        node = ["shared", self.introduce(value, state), write_state(self, state)]
        if kind == "tensor" and state[3] == RESULT:
            node += self.graph(value)
        return node

    def graph(self, value: torch.Tensor) -> list[int]:  # noqa: ARG002
        """[number of the graph] of a tensor, where this side offers one."""
        return []

    def unshared(self, value: Any, depth: int) -> Node:
        """An array of a dtype that is not shared: text goes as a list of strings."""
        if isinstance(value, np.ndarray):
            array = np.ndarray.view(value, np.ndarray)
            if array.dtype.kind == "U":
                return ["text-array", list(array.shape), *self.nodes(array.ravel().tolist(), depth)]
        return self.other(value, depth)


SharedWriter.TABLE = {
    **Writer.TABLE,
    np.ndarray: SharedWriter.share,
    torch.Tensor: SharedWriter.share,
}


class SharedReader(Reader):
    """A reader that knows the shared objects."""

    TABLE: ClassVar[dict[str, Any]]

    def __init__(self, table: Table, block: memoryview) -> None:
        super().__init__(block)
        self.table = table

    def known(self, node: list[Node], _: int) -> Any:
        found = self.table.get(typed(node[1], int))
        if found is None:
            raise WireFault("an object that is not known here")
        return found

    def new_number(self, number: Any) -> int:
        """A number that the other side gives to an object for the first time."""
        if typed(number, int) < 0 or number % 2 == self.table.next % 2:
            raise WireFault("a number of this side's own")
        if number in self.table.objects:
            raise WireFault("a number that is already taken")
        return number

    def shared(self, node: list[Node], _: int) -> Any:
        number = self.new_number(node[1])
        state = read_state(self, node[2])
        value = self.build(state, node[3] if len(node) > 3 else None)
        self.table.add(value, state_of(value, state[0], state), number)
        return value

    def build(self, state: State, graph: Node) -> Any:  # noqa: ARG002
        return build(state)

    def text_array(self, node: list[Node], depth: int) -> np.ndarray:
        shape, texts = typed(node[1], list), self.values(node[2:], depth)
        return np.array([typed(text, str) for text in texts], dtype=str).reshape(shape)


SharedReader.TABLE = {
    **Reader.TABLE,
    "known": SharedReader.known,
    "shared": SharedReader.shared,
    "text-array": SharedReader.text_array,
}
