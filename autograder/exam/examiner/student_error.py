"""Errors of the student's side as the test sees them: exceptions that say whose they are."""

from __future__ import annotations

import builtins
from typing import Any

from autograder.exam.wire.checked import typed
from autograder.exam.wire.frames import WireFault
from lessonkit.check import CheckFailed

MAX_LINES = 3
# Raised anew, these would mean something else to Python, or need arguments that nobody has.
NOT_RAISED_HERE = frozenset(
    (
        *(StopIteration, StopAsyncIteration, ExceptionGroup),
        *(UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError),
    )
)


class StudentError(Exception):
    """The student's code raised an error. A subclass is also the built-in exception that it was.

    student        True: what was raised is none of the test's own
    student_lines  where in the student's code
    """

    student = True
    student_lines: tuple[str, ...] = ()
    message = ""

    def __str__(self) -> str:
        return self.message


class StudentTimeout(CheckFailed):
    """The student's code did not answer in time."""

    student = True


class StudentGone(CheckFailed):
    """The student's kernel stopped, or sent what cannot be read."""

    student = True


def timeout(seconds: float) -> StudentTimeout:
    return StudentTimeout("too-slow", f"The computation did not finish within {seconds:g} s.")


def gone(what: str) -> StudentGone:
    return StudentGone("crashed", what)


def builtin_base(names: Any) -> type[Exception] | None:
    """The first of the named built-in exceptions that can be raised here."""
    for name in typed(names, list):
        known = getattr(builtins, name, None) if type(name) is str else None
        if isinstance(known, type) and issubclass(known, Exception):
            return known if known not in NOT_RAISED_HERE and known is not Exception else None
    return None


def rebuild(described: Any) -> StudentError:
    """The exception that the agent describes (see `error_data.describe_error`). Raises WireFault."""
    parts = typed(described, list)
    if len(parts) != 5:
        raise WireFault("a malformed error")
    name, known, message, lines, _ = parts
    base = builtin_base(known)
    bases: tuple[type, ...] = (StudentError,) if base is None else (StudentError, base)
    title = typed(name, str)
    title = title if title.isidentifier() and len(title) <= 60 else "Error"
    error = type(title, bases, {"__module__": "builtins"})()
    error.message = typed(message, str)[:2000]
    error.args = (error.message,)
    error.student_lines = tuple(typed(line, str)[:300] for line in typed(lines, list)[:MAX_LINES])
    return error
