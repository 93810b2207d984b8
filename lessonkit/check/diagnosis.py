"""From two arrays that should be equal to the mistake that made them differ.

`diagnose` looks at the actual result the way a tutor does: is it one of the wrong results that are
known to happen here? Is it the right one times a number? Is it turned over? Does something flow
where nothing should?
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

RATIO_RTOL = 1e-3  # how exactly a ratio must hold to name its cause; float32 answers stay inside


def same(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether two arrays agree in shape and, within the tolerances, in every entry."""
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=False))


def constant_ratio(actual: np.ndarray, expected: np.ndarray) -> float | None:
    """The number k with `actual = k * expected` in every entry, or None if there is none.

    Complex numbers have none: no known mistake multiplies by one.
    """
    if "c" in actual.dtype.kind + expected.dtype.kind:
        return None
    big = np.abs(expected) > 1e-9 * max(1.0, float(np.abs(expected).max(initial=0.0)))
    if not big.any() or not np.allclose(actual[~big], 0.0, atol=1e-6):
        return None
    ratios = actual[big] / expected[big]
    k = float(np.median(ratios))
    if k == 0.0 or not np.allclose(ratios, k, rtol=RATIO_RTOL, atol=0.0):
        return None
    return k


def from_ratio(k: float, batch: int | None, calls: int | None) -> str:
    """The code for `actual = k * expected`.

    batch  N, if a forgotten or doubled mean over the batch is possible
    calls  how often the function was called, if gradients may have added up
    """

    def near(value: float) -> bool:
        return abs(k - value) <= RATIO_RTOL * abs(value)

    if calls and calls > 1 and near(calls):
        return "accumulated"
    if batch and batch > 1 and (near(batch) or near(2 * batch)):
        return "batch-mean"
    if batch and batch > 1 and near(1 / batch):
        return "batch-mean-twice"
    if near(2):
        return "missing-half"
    if near(0.5):
        return "extra-half"
    return "sign" if near(-1) else "scaled"


def diagnose(
    actual: np.ndarray,
    expected: np.ndarray,
    *,
    batch: int | None = None,
    calls: int | None = None,
    candidates: Mapping[str, Any] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-8,
) -> str:
    """The diagnosis code for `actual`, which differs from `expected`.

    candidates  code -> the wrong result that this mistake gives here, tried in order
    """
    loose = {"rtol": max(rtol, 1e-4), "atol": max(atol, 1e-7)}
    for code, result in (candidates or {}).items():
        wrong = np.asarray(result)
        if same(actual, wrong, **loose) and not same(wrong, expected, **loose):
            return code
    if not np.isfinite(actual).all():
        return "not-finite"
    if actual.shape != expected.shape:
        if actual.ndim == 2 and same(actual.T, expected, **loose):
            return "transposed"
        if actual.ndim == expected.ndim + 1 and same(actual.sum(axis=0), expected, **loose):
            return "bias-not-summed"
        return "wrong-shape"
    ratio = constant_ratio(actual, expected)
    if ratio is not None:
        return from_ratio(ratio, batch, calls)
    if (
        actual.ndim == 2
        and actual.shape[0] == actual.shape[1]
        and same(actual.T, expected, **loose)
    ):
        return "transposed"
    return "wrong-value"
