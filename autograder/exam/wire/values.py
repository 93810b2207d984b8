"""Plain values as nodes that the wire can carry; `reading` turns them back.

None, bool, small integers, floats, strings and bytes stand for themselves. Everything else is a list
`[tag, …]`. Subclasses are normalised to the plain type with the base class's own methods, so an object
cannot lie about what it holds.
"""

from __future__ import annotations

import collections
import keyword
import pathlib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch

from autograder.exam.wire.frames import MAX_BLOCK, TooLarge

MAX_DEPTH = 32
MAX_NODES = 400_000
MAX_BITS = 4096  # of an integer
MAX_ODD_KEYS = (
    2000  # keys that are neither strings nor machine numbers: they can be made to collide
)

NUMPY_DTYPES = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
TORCH_DTYPES = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    )
}
NUMPY_NAMES = {dtype: name for name, dtype in NUMPY_DTYPES.items()}  # dtype.name is slow
Node = Any
mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__


class Writer:
    """Turns values into nodes; the contents of arrays go to `block`, in the order of the nodes."""

    TABLE: ClassVar[dict[type, Callable[[Any, Any, int], Node]]] = {}

    def __init__(self) -> None:
        self.block: list[bytes] = []
        self.size = 0
        self.count = 0

    def put(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > MAX_BLOCK:
            raise TooLarge(f"the values take more than {MAX_BLOCK >> 20} MiB")
        self.block.append(data)

    def node(self, value: Any, depth: int = 0) -> Node:
        """The node for `value`. Raises TooLarge, or what `other` raises."""
        self.count += 1
        if self.count > MAX_NODES:
            raise TooLarge(f"more than {MAX_NODES:,} values at once")
        if depth > MAX_DEPTH:
            raise TooLarge(f"values nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if kind is float or kind is bool or value is None:
            return value
        for base in mro(kind):
            write = self.TABLE.get(base)
            if write is not None:
                return write(self, value, depth)
        return self.other(value, depth)

    def nodes(self, values: Any, depth: int) -> list[Node]:
        return [self.node(value, depth + 1) for value in values]

    def other(self, value: Any, depth: int) -> Node:  # noqa: ARG002
        raise TypeError(f"a {type(value).__name__} cannot be handed over")

    def integer(self, value: int, _: int) -> Node:
        exact = int.__index__(value) if type(value) is int else int.__add__(value, 0)
        if -(1 << 63) <= exact < (1 << 63):
            return exact
        if exact.bit_length() > MAX_BITS:
            raise TooLarge(f"an integer of more than {MAX_BITS} bits")
        return ["int", hex(exact)]

    def scalar(self, value: np.generic, depth: int) -> Node:
        array = np.asarray(np.generic.__array__(value))
        name = NUMPY_NAMES.get(array.dtype)
        if name is None:
            if isinstance(value, np.str_):
                return str.__str__(value)
            return self.other(value, depth)
        self.put(array.tobytes())
        return ["scalar", name]

    def sequence(self, value: tuple[Any, ...], depth: int) -> Node:
        kind = type(value)
        if kind is tuple:
            return ["tuple", *self.nodes(value, depth)]
        names = kind.__dict__.get("_fields") or kind.__dict__.get("__match_args__")
        items = self.nodes(tuple.__iter__(value), depth)
        if type(names) is tuple and len(names) == len(items) and valid_fields(kind.__name__, names):
            return ["named", kind.__name__, list(names), *items]
        return ["tuple", *items]

    def pairs(self, value: dict[Any, Any], depth: int) -> list[Node]:
        return self.nodes(flat_items(value), depth)

    def as_dtype(self, value: np.dtype, depth: int) -> Node:
        if value.name not in NUMPY_DTYPES:
            return self.other(value, depth)
        return ["dtype", "numpy", value.name]

    def as_torch_dtype(self, value: torch.dtype, depth: int) -> Node:
        name = str(value).removeprefix("torch.")
        return ["dtype", "torch", name] if name in TORCH_DTYPES else self.other(value, depth)


Writer.TABLE = {
    type(None): lambda _w, _v, _d: None,
    bool: lambda _w, v, _d: v,
    int: Writer.integer,
    float: lambda _w, v, _d: float.__pos__(v),
    complex: lambda _w, v, _d: ["complex", complex.real.__get__(v), complex.imag.__get__(v)],
    str: lambda _w, v, _d: clean_text(str.__str__(v)),
    bytes: lambda _w, v, _d: (
        bytes.__getitem__(v, slice(None)) if type(v) is bytes else b"".join([v])
    ),
    bytearray: lambda _w, v, _d: ["bytearray", bytes(memoryview(v))],
    list: lambda w, v, d: ["list", *w.nodes(list.__iter__(v), d)],
    tuple: Writer.sequence,
    dict: lambda w, v, d: ["dict", *w.pairs(v, d)],
    collections.OrderedDict: lambda w, v, d: ["ordered", *w.pairs(v, d)],
    set: lambda w, v, d: ["set", *w.nodes(set.__iter__(v), d)],
    frozenset: lambda w, v, d: ["frozenset", *w.nodes(frozenset.__iter__(v), d)],
    range: lambda w, v, d: ["range", *w.nodes((v.start, v.stop, v.step), d)],
    slice: lambda w, v, d: ["slice", *w.nodes((v.start, v.stop, v.step), d)],
    type(...): lambda _w, _v, _d: ["ellipsis"],
    pathlib.PurePath: lambda _w, v, _d: ["path", clean_text(pathlib.PurePath.__str__(v))],
    np.generic: Writer.scalar,
    np.dtype: Writer.as_dtype,
    torch.dtype: Writer.as_torch_dtype,
    torch.device: lambda _w, v, _d: ["device", v.type],
    torch.Size: lambda w, v, d: ["size", *w.nodes(tuple.__iter__(v), d)],
}


def flat_items(value: dict[Any, Any]) -> list[Any]:
    """key, value, key, value, … in the order that its class keeps."""
    kind = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict
    return [part for item in kind.items(value) for part in item]


def clean_text(text: str) -> str:
    """`text` with lone surrogates, which UTF-8 cannot carry, replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def valid_fields(name: str, fields: tuple[Any, ...]) -> bool:
    """Whether a named tuple may have these field names."""

    def plain(text: Any) -> bool:
        return (
            type(text) is str
            and len(text) <= 64
            and text.isidentifier()
            and not text.startswith("_")
            and not keyword.iskeyword(text)
        )

    return (
        plain(name)
        and len(fields) <= 64
        and len(set(fields)) == len(fields)
        and all(plain(field) for field in fields)
    )
