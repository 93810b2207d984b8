"""The assertions: each compares one thing and, when it differs, says what and probably why."""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Number
from typing import Any

import numpy as np

from lessonkit.check.diagnosis import diagnose, same
from lessonkit.check.failure import CheckFailed

Nested = Any  # numbers, arrays, tensors, and lists, tuples or dicts of them


def as_array(name: str, value: Any) -> np.ndarray:
    """`value` (array, tensor, number, nested list) as a NumPy array of numbers, without its graph."""
    if value is None:
        raise CheckFailed("wrong-type", f"{name} is None: is there a `return`?")
    try:
        array = np.asarray(_without_graph(value))
    except Exception:  # an object that cannot be an array at all  # noqa: BLE001
        array = np.asarray(None)
    if array.dtype.kind not in "biufc":
        what = "numbers that fit into an array" if isinstance(value, int) else "numbers"
        raise CheckFailed("wrong-type", f"{name} should be {what}, not {type(value).__name__}.")
    return array


def _without_graph(value: Any) -> Any:
    """A tensor as an array; lists, tuples and dicts of tensors with arrays in their place."""
    if isinstance(value, list | tuple):
        return [_without_graph(item) for item in value]
    if not hasattr(value, "detach"):
        return value
    if value.is_meta:  # it has no entries
        return np.full(tuple(value.shape), np.nan)
    tensor = value.detach().cpu().to_dense().resolve_conj().resolve_neg()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def as_number(name: str, value: Any) -> float:
    """`value` (a number, or an array or tensor with one entry) as a float that is finite."""
    array = as_array(name, value)
    if array.size != 1:
        raise CheckFailed(
            "wrong-shape", f"{name} should be a single number, not an array of shape {array.shape}."
        )
    if array.dtype.kind == "c":
        raise CheckFailed("wrong-dtype", f"{name} should be a real number, not {array.dtype}.")
    number = float(array.reshape(-1)[0])
    true(np.isfinite(number), f"{name} is {number:g}.", "not-finite")
    return number


def shown(value: Any, limit: int = 300) -> str:
    """`repr(value)`, as far as it has one, cut to `limit` characters."""
    try:
        text = repr(value)
    except Exception:  # a repr of the student's own; an integer of 5,000 digits  # noqa: BLE001
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= limit else text[:limit] + " …"


def preview(value: np.ndarray, limit: int = 6) -> str:
    """A number as it is; for an array its shape, its dtype and the first entries, on one line."""
    of = complex if value.dtype.kind == "c" else float
    entries = ", ".join(f"{of(v):.6g}" for v in value.reshape(-1)[:limit])
    if value.ndim == 0:
        return entries
    dots = ", …" if value.size > limit else ""
    return f"shape {value.shape}, {value.dtype}: [{entries}{dots}]"


def against(actual: np.ndarray, expected: np.ndarray) -> tuple[str, ...]:
    """Expected and actual, and the largest relative error where the shapes allow one."""
    lines = [f"expected  {preview(expected)}", f"yours     {preview(actual)}"]
    if actual.shape == expected.shape and actual.size > 1 and np.isfinite(actual).all():
        scale = np.maximum(np.maximum(np.abs(actual), np.abs(expected)), 1e-12)
        wide = complex if "c" in actual.dtype.kind + expected.dtype.kind else float
        error = np.abs(actual.astype(wide) - expected.astype(wide)) / scale
        where = [int(i) for i in np.unravel_index(int(error.argmax()), error.shape)]
        lines.append(f"largest relative error {float(error.max()):.2g}, at index {where}")
    return tuple(lines)


def true(condition: Any, what: str, code: str = "wrong-value", *details: str) -> None:
    """Fail with `what` and the diagnosis `code` unless `condition` holds; of an array, each entry."""
    if not _holds(condition):
        raise CheckFailed(code, what, details)


def _holds(condition: Any) -> bool:
    if hasattr(condition, "detach") or isinstance(condition, np.ndarray):
        entries = as_array("the condition", condition)
        return entries.size > 0 and bool(entries.all())
    return bool(condition)


def equal(name: str, actual: Any, expected: Any, code: str = "wrong-value") -> None:
    """Two plain values (numbers, strings, tuples, lists, dicts of them) are the same."""
    if type(actual) is not type(expected) and not (
        isinstance(actual, int | float) and isinstance(expected, int | float)
    ):
        raise CheckFailed(
            "wrong-type",
            f"{name} should be {type(expected).__name__}, not {_kind(actual)}.",
        )
    if not _equal(actual, expected):
        raise CheckFailed(code, f"{name} should be {shown(expected)}, not {shown(actual)}.")


def _equal(a: Any, b: Any) -> bool:
    """a == b, for arrays and tensors within lists, tuples and dicts as well."""
    if isinstance(a, np.ndarray) or hasattr(a, "detach"):
        alike = type(a) is type(b) and a.dtype == b.dtype
        return alike and np.array_equal(_without_graph(a), _without_graph(b))
    if type(a) is type(b) and isinstance(a, list | tuple):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    if type(a) is type(b) and isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    alike = type(a) is type(b) or (isinstance(a, Number) and isinstance(b, Number))
    return alike and _holds(a == b)


def _kind(value: Any) -> str:
    return "None (is there a `return`?)" if value is None else type(value).__name__


def instance(name: str, actual: Any, kind: type | tuple[type, ...]) -> None:
    """`actual` is an instance of `kind`, or of one of several."""
    if not isinstance(actual, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join(each.__name__ for each in kinds)
        raise CheckFailed("wrong-type", f"{name} should be {wanted}, not {_kind(actual)}.")


def keys(name: str, actual: Any, expected: Any) -> None:
    """A dict has all the keys in `expected`."""
    instance(name, actual, dict)
    lacking = [key for key in expected if key not in actual]
    true(not lacking, f"{name} lacks the keys {lacking}.", "wrong-type")


def shape(name: str, actual: Any, expected: tuple[int, ...]) -> None:
    """An array or tensor has the shape `expected`."""
    array = as_array(name, actual)
    if array.shape != tuple(expected):
        turned = array.ndim == 2 and array.shape[::-1] == tuple(expected)
        raise CheckFailed(
            "transposed" if turned else "wrong-shape",
            f"{name} should have shape {tuple(expected)}, not {array.shape}.",
        )


def dtype(name: str, actual: Any, expected: Any) -> None:
    """An array or tensor has the dtype `expected` (a NumPy or torch dtype, or its name)."""
    have = str(getattr(actual, "dtype", type(actual).__name__)).removeprefix("torch.")
    want = str(getattr(expected, "__name__", expected)).removeprefix("torch.")
    true(have == want, f"{name} should have dtype {want}, not {have}.", "wrong-dtype")


def finite(name: str, actual: Any) -> None:
    """No NaN and no infinity."""
    array = as_array(name, actual)
    true(np.isfinite(array).all(), f"{name} is not finite.", "not-finite", preview(array))


def close(
    name: str,
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    batch: int | None = None,
    calls: int | None = None,
    candidates: Mapping[str, Any] | None = None,
) -> None:
    """An array, tensor or number equals `expected`: same shape, same values within tolerance.

    The default tolerance leaves room for an answer in float32, and for no mistake.

    batch       N, if a missing or doubled mean over the batch could be the mistake
    calls       how often the function has been called, if gradients could have added up
    candidates  diagnosis code -> the result that this mistake would give, tried in order
    """
    got, want = as_array(name, actual), as_array(f"expected {name}", expected)
    if same(got, want, rtol, atol):
        return
    named = {code: as_array(code, wrong) for code, wrong in (candidates or {}).items()}
    code = diagnose(got, want, batch=batch, calls=calls, candidates=named, rtol=rtol, atol=atol)
    what = f"{name[0].upper() + name[1:] if name.startswith('the ') else name} is not right."
    if got.shape != want.shape:
        what = f"{name} should have shape {want.shape}, not {got.shape}."
    raise CheckFailed(code, what, against(got, want))


def gradient(
    name: str,
    loss: Callable[[np.ndarray], float],
    at: Any,
    actual: Any,
    *,
    eps: float = 1e-5,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    **diagnosis: Any,
) -> None:
    """`actual` is the gradient of `loss` at the point `at`, by central differences in float64.

    loss takes an array of `at`'s shape and returns a number; keep clear of kinks by more than eps.
    Error of the differences: O(eps²) from the formula, O(1e-16/eps) from rounding.
    """
    point = as_array("the point", at).astype(np.float64)
    numeric = np.empty_like(point)
    for index in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[index] = eps
        above, below = (as_number("the loss", loss(point + move)) for move in (step, -step))
        numeric[index] = (above - below) / (2 * eps)
    close(name, actual, numeric, rtol=rtol, atol=atol, **diagnosis)


def at_least(name: str, actual: Any, threshold: float, code: str = "low-accuracy") -> None:
    """A number (or the one entry of an array) is `threshold` or more."""
    value = as_number(name, actual)
    true(value >= threshold, f"{name} is {value:.3g}; at least {threshold:.3g} is needed.", code)


def at_most(name: str, actual: Any, threshold: float, code: str = "not-learning") -> None:
    """A number (or the one entry of an array) is `threshold` or less."""
    value = as_number(name, actual)
    true(value <= threshold, f"{name} is {value:.3g}; at most {threshold:.3g} is allowed.", code)


def _copy(value: Nested) -> Nested:
    if isinstance(value, dict):
        kind = OrderedDict if isinstance(value, OrderedDict) else dict
        return kind((key, _copy(item)) for key, item in value.items())
    if isinstance(value, list | tuple | deque):
        return [_copy(item) for item in value]
    if isinstance(value, set):
        return set(value)
    if isinstance(value, np.ndarray) or hasattr(value, "detach"):
        return np.array(_without_graph(value), copy=True)
    return value  # a number, a text, an object that is looked at from outside alone


def _same_nested(a: Nested, b: Nested) -> bool:
    if isinstance(a, dict):
        if isinstance(a, OrderedDict) and list(a) != list(b):
            return False
        return a.keys() == b.keys() and all(_same_nested(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple | deque):
        return len(a) == len(b) and all(_same_nested(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray) or hasattr(a, "detach"):
        numbers = np.asarray(b).dtype.kind in "biufc"
        return isinstance(b, np.ndarray) and np.array_equal(_without_graph(a), b, equal_nan=numbers)
    return a is b or _holds(a == b)


@contextmanager
def unchanged(**arguments: Nested) -> Iterator[None]:
    """`with check.unchanged(X=X, params=params): f(X, params)`: f leaves its arguments alone."""
    before = {name: _copy(value) for name, value in arguments.items()}
    yield
    for name, value in arguments.items():
        what = f"`{name}` has other values after the call than before."
        true(_same_nested(value, before[name]), what, "changed-argument")


def seed(number: int) -> None:
    """Seed Python, NumPy's legacy generator and torch. Hidden tests seed the student's side too."""
    import torch

    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
