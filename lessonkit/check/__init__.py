"""Checks that say what is wrong and why: assertions, diagnoses, and points part by part."""

from lessonkit.check.assertions import as_array as array
from lessonkit.check.assertions import (
    at_least,
    at_most,
    close,
    dtype,
    equal,
    finite,
    gradient,
    instance,
    keys,
    seed,
    shape,
    true,
    unchanged,
)
from lessonkit.check.codes import CODES
from lessonkit.check.failure import CheckFailed
from lessonkit.check.score import Score

__all__ = [
    "CODES",
    "CheckFailed",
    "Score",
    "array",
    "at_least",
    "at_most",
    "close",
    "dtype",
    "equal",
    "finite",
    "gradient",
    "instance",
    "keys",
    "seed",
    "shape",
    "true",
    "unchanged",
]
