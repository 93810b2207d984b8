"""The unseen end of a visible part: the same with other numbers, which no constant fits.

    with score.part("two samples", 1):
        check.close("f", f(X_), [[1.5], [11.5]])
        ### BEGIN HIDDEN TESTS
        with unseen.other_numbers():
            check.close("f", f(other_), expected_)
        ### END HIDDEN TESTS

Only hidden tests import this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lessonkit.check import CheckFailed
from lessonkit.check.score import as_failure

# What says more than that the visible example, and it alone, is right.
TELLING = frozenset(
    (
        *("too-slow", "no-step", "other-path", "train-mode-missing", "argument-ignored"),
        *("not-finite", "wrong-patience"),
        *("other-parameters", "not-a-parameter", "not-registered", "graph-cut", "changed-argument"),
    )
)


@contextmanager
def other_numbers() -> Iterator[None]:
    """What fails in here is named by its diagnosis code alone, and else as memorised.

    The part is a visible one, so students read all that it says: no input and no expected value of
    the unseen end may be in it, nor what the student's code puts into an error after it has seen them.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001
        code = as_failure(error).code
        named = code if code in TELLING else "memorised"
        what = "This example is right, but the same with other numbers is not."
        raise CheckFailed(named, what) from None
