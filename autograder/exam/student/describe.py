"""What the agent tells about an object that stays with the student.

    [name of its type, what can be done with it, known classes it is an instance of,
     known classes it derives from (when it is a class itself)]

A known class is one of a library that test cells may ask about with isinstance or issubclass.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from autograder.exam.wire.values import clean_text, mro

LIBRARIES = frozenset(
    ("torch", "torchvision", "numpy", "matplotlib", "sklearn", "types", "collections", "tqdm")
)
BINARY = tuple(
    f"__{prefix}{name}__"
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
        *("and", "or", "xor"),
    )
    for prefix in ("", "r")
)
UNARY = ("__neg__", "__pos__", "__abs__", "__invert__")
TRAITS = (
    *("__call__", "__len__", "__bool__", "__iter__", "__next__", "__contains__", "__getitem__"),
    *("__setitem__", "__delitem__", "__enter__", "__exit__"),
    *("__instancecheck__", "__subclasscheck__", *UNARY, *BINARY),
)
PLAIN_TYPES: dict[type, list[str]] = {
    types.FunctionType: ["types", "FunctionType"],
    types.BuiltinFunctionType: ["types", "BuiltinFunctionType"],
    types.MethodType: ["types", "MethodType"],
    types.ModuleType: ["types", "ModuleType"],
    types.GeneratorType: ["types", "GeneratorType"],
    type: ["builtins", "type"],
}
MAX_CLAIMS = 12


def claims(bases: tuple[type, ...]) -> list[list[str]]:
    """[module, name] of the library classes among `bases`."""
    found = []
    for base in bases:
        if base in PLAIN_TYPES:
            found.append(PLAIN_TYPES[base])
            continue
        module, name = base.__module__, base.__qualname__
        if type(module) is not str or type(name) is not str:
            continue
        library = sys.modules.get(module)
        if module.partition(".")[0] in LIBRARIES and vars(library or base).get(name) is base:
            found.append([module, name])
    return found[:MAX_CLAIMS]


def description(value: Any) -> list[Any]:
    kind = type(value)
    bases = mro(kind)
    own = set().union(*(type.__dict__["__dict__"].__get__(base) for base in bases))
    traits = [trait for trait in TRAITS if trait in own]
    name = clean_text(type.__dict__["__name__"].__get__(kind))[:100]
    derived = claims(mro(value)) if type in bases else []
    return [name, traits, claims(bases), derived]
