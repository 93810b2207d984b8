"""Nodes back into plain values, each one checked before it is used."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch

from autograder.exam.wire.frames import WireFault
from autograder.exam.wire.values import (
    MAX_BITS,
    MAX_DEPTH,
    NUMPY_DTYPES,
    TORCH_DTYPES,
    Node,
    valid_fields,
)

MAX_RANGE = 10_000_000
MAX_ODD_KEYS = (
    2000  # keys that are neither strings nor machine numbers: they can be made to collide
)


Pairs = dict[Any, Any]  # inside the class, `dict` is a method


class Reader:
    """Turns the nodes of one frame back into values, checking everything. Raises WireFault."""

    TABLE: ClassVar[dict[str, Callable[[Any, list[Node], int], Any]]] = {}

    def __init__(self, block: memoryview) -> None:
        self.block = block
        self.at = 0
        self.odd_keys = 0

    def take(self, length: int) -> memoryview:
        """The next `length` bytes of the block."""
        if length < 0 or length > len(self.block) - self.at:
            raise WireFault("an array is longer than its contents")
        part = self.block[self.at : self.at + length]
        self.at += length
        return part

    def value(self, node: Node, depth: int = 0) -> Any:
        if type(node) is not list:
            return node
        if not node or type(node[0]) is not str or depth > MAX_DEPTH:
            raise WireFault("a malformed value")
        read = self.TABLE.get(node[0])
        if read is None:
            raise WireFault("a value of unknown kind")
        try:
            return read(self, node, depth)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            raise WireFault(f"a malformed {node[0]}: {type(error).__name__}") from None
        except (RuntimeError, MemoryError) as error:  # torch's; and what would take too much memory
            raise WireFault(f"a malformed {node[0]}: {type(error).__name__}") from None

    def values(self, nodes: list[Node], depth: int) -> list[Any]:
        return [self.value(node, depth + 1) for node in nodes]

    def done(self) -> None:
        if self.at != len(self.block):
            raise WireFault("contents that belong to no array")

    def keys(self, values: list[Any]) -> list[Any]:
        """`values`, all of them fit to be keys: of plain kinds, and hashed in bounded time."""
        for value in values:
            if type(value) is str or type(value) is float or type(value) is bool or value is None:
                continue
            if type(value) is int and -(1 << 63) <= value < (1 << 63):
                continue
            self.odd_keys += 1
            if self.odd_keys > MAX_ODD_KEYS:
                raise WireFault("too many keys that are neither text nor numbers")
            hash(value)
        return values

    def integer(self, node: list[Node], _: int) -> int:
        (_, text) = node
        if type(text) is not str or len(text) > MAX_BITS // 4 + 3:
            raise WireFault("a malformed integer")
        return int(text, 16)

    def complex(self, node: list[Node], _: int) -> complex:
        (_, real, imaginary) = node
        return complex(typed(real, float), typed(imaginary, float))

    def scalar(self, node: list[Node], _: int) -> np.generic:
        (_, name) = node
        dtype = named(name, NUMPY_DTYPES)
        return np.frombuffer(self.take(dtype.itemsize), dtype)[0]

    def dict(self, node: list[Node], depth: int) -> Pairs:
        flat = self.values(node[1:], depth)
        if len(flat) % 2:
            raise WireFault("a malformed dict")
        return dict(zip(self.keys(flat[::2]), flat[1::2], strict=True))

    def range(self, node: list[Node], depth: int) -> range:
        result = range(*(typed(part, int) for part in self.values(node[1:], depth)))
        if len(result) > MAX_RANGE:
            raise WireFault("a range that is too long")
        return result

    def slice(self, node: list[Node], depth: int) -> slice:
        start, stop, step = self.values(node[1:], depth)
        return slice(start, stop, step)

    def named(self, node: list[Node], depth: int) -> tuple[Any, ...]:
        _, name, fields, *nodes = node
        if type(name) is not str or type(fields) is not list or len(fields) != len(nodes):
            raise WireFault("a malformed named tuple")
        if not valid_fields(name, tuple(fields)):
            raise WireFault("a malformed named tuple")
        return named_tuple(name, tuple(fields))._make(self.values(nodes, depth))

    def dtype(self, node: list[Node], _: int) -> Any:
        (_, library, name) = node
        return named(name, NUMPY_DTYPES if library == "numpy" else TORCH_DTYPES)


Reader.TABLE = {
    "int": Reader.integer,
    "complex": Reader.complex,
    "bytearray": lambda _r, n, _d: bytearray(typed(n[1], bytes)),
    "list": lambda r, n, d: r.values(n[1:], d),
    "tuple": lambda r, n, d: tuple(r.values(n[1:], d)),
    "named": Reader.named,
    "dict": Reader.dict,
    "ordered": lambda r, n, d: collections.OrderedDict(r.dict(n, d)),
    "set": lambda r, n, d: set(r.keys(r.values(n[1:], d))),
    "frozenset": lambda r, n, d: frozenset(r.keys(r.values(n[1:], d))),
    "range": Reader.range,
    "slice": Reader.slice,
    "ellipsis": lambda _r, _n, _d: ...,
    "path": lambda _r, n, _d: pathlib.PurePosixPath(typed(n[1], str)),
    "scalar": Reader.scalar,
    "dtype": Reader.dtype,
    "device": lambda _r, _n, _d: torch.device("cpu"),
    "size": lambda r, n, d: torch.Size([typed(v, int) for v in r.values(n[1:], d)]),
}


def typed(value: Any, kind: type) -> Any:
    """`value`, which must be exactly a `kind`."""
    if type(value) is not kind:
        raise WireFault("a part of another kind than expected")
    return value


def named(name: Any, table: dict[str, Any]) -> Any:
    """The entry of `table` that a peer asks for."""
    if type(name) is not str or name not in table:
        raise WireFault("an unknown name")
    return table[name]


_named_tuples: dict[tuple[str, tuple[str, ...]], Any] = {}


def named_tuple(name: str, fields: tuple[str, ...]) -> Any:
    """The class of named tuples with these (valid) names; at most a few dozen are remembered."""
    key = (name, fields)
    if key not in _named_tuples:
        if len(_named_tuples) > 64:
            _named_tuples.clear()
        _named_tuples[key] = collections.namedtuple(name, fields)
    return _named_tuples[key]
