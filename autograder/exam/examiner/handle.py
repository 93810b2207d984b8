"""What a test sees of an object that stays with the student: a stand-in that passes everything on.

A handle's class is made for it: it has the name of the student's class, and only those special methods
that the student's class has, so that `callable`, `len` and `iter` mean what they would mean at home. It
compares by identity, whatever the student's `__eq__` says.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from autograder.exam.student.describe import BINARY, LIBRARIES, TRAITS, UNARY
from autograder.exam.wire.checked import typed
from autograder.exam.wire.frames import WireFault

if TYPE_CHECKING:
    from autograder.exam.examiner.session import Session

VALUES: tuple[type, ...] = (
    *(int, float, complex, str, bytes, list, tuple, dict, set, frozenset),
    *(BaseException, np.ndarray, np.generic, torch.Tensor),
)
READABLE = frozenset(("__name__", "__qualname__", "__dict__", "__wrapped__"))
MAX_CLAIMS = 12


class Handle:
    """An object of the student's. The three attributes below are the handle's own."""

    __slots__ = ("__weakref__", "_exam_bases", "_exam_number", "_exam_session")
    _exam_claim: type | None = None

    def __init__(self, session: Session, number: int, bases: tuple[type, ...]) -> None:
        object.__setattr__(self, "_exam_session", session)
        object.__setattr__(self, "_exam_number", number)
        object.__setattr__(self, "_exam_bases", bases)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """What isinstance goes by: the library class that the student's object is one of."""
        return type(self)._exam_claim or type(self)  # noqa: SLF001

    def __getattr__(self, name: str) -> Any:
        if name == "__bases__" and self._exam_bases:
            return self._exam_bases
        if name.startswith("__") and name.endswith("__") and name not in READABLE:
            raise AttributeError(name)
        return self._exam_session.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._exam_session.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._exam_session.ask("delete", self, name)

    def __dir__(self) -> list[str]:
        return list(self._exam_session.ask("names", self))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return self._exam_number

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return typed(self._exam_session.ask("text", self, "str"), str)

    def __repr__(self) -> str:
        return typed(self._exam_session.ask("text", self, "repr"), str)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __copy__(self) -> Any:
        return self._exam_session.ask("copy", self)

    def __deepcopy__(self, _: Any) -> Any:
        return self._exam_session.ask("deep-copy", self)

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError("an object of the student's cannot be pickled")


def _call(self: Handle, *args: Any, **kwargs: Any) -> Any:
    return self._exam_session.ask("call", self, list(args), kwargs)


def _iter(self: Handle) -> Any:
    found = self._exam_session.ask("iterate", self)
    return found if isinstance(found, Handle) else iter(found)


def _next(self: Handle) -> Any:
    return self._exam_session.advance(self)


def _len(self: Handle) -> int:
    length = self._exam_session.ask("length", self)
    if type(length) is not int or length < 0:
        raise TypeError("a length that is no number")
    return length


def _exit(self: Handle, *_: Any) -> Any:
    return self._exam_session.ask("exit", self, None, None, None)


def _operation(name: str) -> Any:
    return lambda self, *args: self._exam_session.ask(name, self, *args)


METHODS = {
    "__call__": _call,
    "__iter__": _iter,
    "__next__": _next,
    "__len__": _len,
    "__bool__": lambda self: self._exam_session.ask("truth", self) is True,
    "__contains__": lambda self, item: self._exam_session.ask("contains", self, item) is True,
    "__getitem__": _operation("item"),
    "__setitem__": _operation("set-item"),
    "__delitem__": _operation("delete-item"),
    "__enter__": _operation("enter"),
    "__exit__": _exit,
    "__instancecheck__": lambda self, value: (
        self._exam_session.ask("instance", value, self) is True
    ),
    "__subclasscheck__": lambda self, kind: self._exam_session.ask("subclass", kind, self) is True,
    **{name: _operation(name) for name in (*UNARY, *BINARY)},
}

_classes: dict[tuple[Any, ...], type[Handle]] = {}


def known_class(claim: Any) -> type | None:
    """The library class that a claim `[module, name]` names, if tests may ask about it."""
    module, name = typed(claim, list)
    if (module, name) == ("builtins", "type"):
        return type
    library = sys.modules.get(typed(module, str))
    if library is None or module.partition(".")[0] not in LIBRARIES:
        return None
    found = vars(library).get(typed(name, str))
    return found if isinstance(found, type) and not issubclass(found, VALUES) else None


def known_classes(claims: Any) -> tuple[type, ...]:
    found = [known_class(claim) for claim in typed(claims, list)[:MAX_CLAIMS]]
    return tuple(kind for kind in found if kind is not None)


def joint_class(name: str, bases: tuple[type, ...]) -> type | None:
    """A class that is a subclass of all `bases`, as far as they allow one."""
    if len(bases) <= 1 or all(issubclass(bases[0], base) for base in bases):
        return bases[0] if bases else None
    try:
        return type(name, bases, {})
    except TypeError:
        return bases[0]


def handle_class(description: Any) -> tuple[type[Handle], tuple[type, ...]]:
    """The class for a handle, and the library classes that it derives from if it is a class.

    Raises WireFault.
    """
    parts = typed(description, list)
    if len(parts) != 4:
        raise WireFault("a malformed description")
    name = typed(parts[0], str)
    name = name if name.isidentifier() and len(name) <= 100 else "object"
    traits = tuple(trait for trait in TRAITS if trait in typed(parts[1], list))
    bases = known_classes(parts[2])
    key = (name, traits, bases)
    if key not in _classes:
        if len(_classes) > 1000:
            _classes.clear()
        methods = {trait: METHODS[trait] for trait in traits}
        if "__len__" in traits and "__bool__" not in traits:
            methods["__bool__"] = lambda self: len(self) > 0
        own = {"__slots__": (), "_exam_claim": joint_class(name, bases), **methods}
        _classes[key] = type(name, (Handle,), own)
    return _classes[key], known_classes(parts[3])
