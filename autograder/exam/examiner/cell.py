"""Runs one test cell as IPython would, except that the student's names are looked up at the student.

outcome = run_cell(source, connection, seconds=60)
"""

from __future__ import annotations

import builtins
import contextlib
import io
import linecache
import numbers
import random
import signal
import socket
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch

from autograder.exam.examiner.cell_code import FILENAME, compile_cell, unpacked
from autograder.exam.examiner.handle import Handle
from autograder.exam.examiner.outcome import MAX_MESSAGE, MAX_STDOUT, Failure, Outcome
from autograder.exam.examiner.scoring import collecting
from autograder.exam.examiner.session import Session
from autograder.exam.examiner.student_error import StudentError, timeout
from autograder.exam.examiner.unchanged import watched
from autograder.exam.wire.frames import Channel
from autograder.hidden_lines import hidden_lines
from autograder.text import clean
from lessonkit import check
from lessonkit.check import CheckFailed, Score
from lessonkit.check.crashes import crash_code, not_written

# Never the student's: a test that uses these without importing them would trust whatever is there.
RESERVED = frozenset(
    (
        *("check", "lessonkit", "np", "numpy", "torch", "nn", "F", "optim", "plt", "math"),
        *("random", "sklearn"),
    )
)


class TestBroken(Exception):
    """The test cell itself is wrong."""


class Names(dict[str, Any]):
    """A test cell's own names; all others are the student's, builtins excepted."""

    def __init__(self, session: Session) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins.__dict__)
        self.session = session
        self.lacking: set[str] = set()

    def __missing__(self, name: str) -> Any:
        if name in RESERVED:
            self.session.test_faults.append(f"the test uses `{name}` without importing it")
            raise TestBroken(self.session.test_faults[-1])
        if name in builtins.__dict__ or (name.startswith("__") and name.endswith("__")):
            raise KeyError(name)
        try:
            return self.session.look_up(name)
        except KeyError:
            self.lacking.add(name)
            raise


class Printed(io.StringIO):
    """What a test prints, up to a limit; the rest is counted, not kept."""

    def write(self, text: str) -> int:
        if self.tell() < MAX_STDOUT:
            super().write(text[:MAX_STDOUT])
        return len(text)


def run_cell(
    source: str,
    connection: socket.socket,
    seconds: float = 60.0,
    code: str | None = None,
    hidden: frozenset[int] | None = None,
) -> Outcome:
    """Run a test cell against the agent at the other end of `connection`.

    seconds  for the whole cell, the student's share included
    code     the cell as `cell_code.packed` has it; without it, it is compiled here
    hidden   the lines that are hidden from students; without them, they are found here
    """
    started = time.monotonic()
    session = Session(Channel(connection), seconds)
    names = Names(session)
    printed = Printed()
    collected, score = collecting(hidden_lines(source) if hidden is None else hidden)
    result, error, instructor = None, None, ""
    try:
        with surroundings(session, printed, score, seconds):
            session.share_dtype()
            result = points(execute(source, code, names))
    except Exception as raised:  # noqa: BLE001
        error, instructor = raised, clean("".join(traceback.format_exception(raised)), MAX_MESSAGE)
    finally:
        session.end()
    return Outcome(
        stdout=clean(printed.getvalue(), MAX_STDOUT),
        result=result,
        error=failure(error, names) if error is not None else None,
        broken=bool(session.test_faults) or (error is not None and not expected(error, names)),
        kernel=session.state,
        remarks=tuple(clean(remark, 500) for remark in dict.fromkeys(session.remarks)),
        instructor="\n".join((*dict.fromkeys(session.test_faults), instructor)).strip(),
        seconds=time.monotonic() - started,
        title=collected.title,
        parts=collected.parts,
    )


def execute(source: str, code: str | None, names: Names) -> Any:
    """Run a cell in `names`; the value of its last expression, None if it ends otherwise."""
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(True), FILENAME)
    statements, last = unpacked(code) if code else compile_cell(source)
    exec(statements, names)
    return eval(last, names) if last else None


def points(value: Any) -> int | float | None:
    """The points in a test's last value, as a plain number. Raises TestBroken for anything else."""
    if value is None:
        return None
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        value = np.asarray(value).reshape(-1).tolist()
        value = value[0] if len(value) == 1 else value
    if isinstance(value, Handle) or not isinstance(value, numbers.Real):
        raise TestBroken(f"the test ends with a {type(value).__name__}, not with its points")
    plain = int(value) if isinstance(value, int) else float(value)
    if not np.isfinite(plain):
        raise TestBroken("the test ends with a number of points that is not finite")
    return plain


def expected(error: Exception, names: Names) -> bool:
    """Whether an error is a test's way to say that the answer is wrong, or the student's own."""
    if isinstance(error, AssertionError | StudentError):
        return True
    return isinstance(error, NameError) and error.name in names.lacking


def failure(error: Exception, names: Names) -> Failure:
    """An error as the student may see it."""
    name, message = type(error).__name__, clean(str(error), MAX_MESSAGE)
    if isinstance(error, CheckFailed):
        return Failure(name, message, (f"✗ {message}",), error.code)
    if isinstance(error, NameError) and error.name in names.lacking:
        message = clean(str(CheckFailed("missing", f"{error}.")), MAX_MESSAGE)
        return Failure("CheckFailed", message, (f"✗ {message}",), "missing")
    if isinstance(error, StudentError):
        if not_written(error):
            message = str(CheckFailed("not-written", "There is no answer here yet."))
            return Failure("CheckFailed", message, (f"✗ {message}",), "not-written")
        where = tuple(f"  {clean(line, 300)}" for line in error.student_lines)
        shown = (f"✗ {clean(name, 100)}: {message}", *where)
        return Failure(clean(name, 100), message, shown, crash_code(message, error.student_lines))
    if isinstance(error, AssertionError):
        return Failure(name, message, (f"✗ {message}" if message else "✗ The check failed.",))
    message = "This test has an error of its own; your instructor will see to it."
    return Failure("TestBroken", message, (f"✗ {message}",))


@contextlib.contextmanager
def surroundings(
    session: Session, printed: Printed, score: type[Score], seconds: float
) -> Iterator[None]:
    """Output captured, warnings silent, parts collected, seeds passed on, and an alarm for a test that
    never ends."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for owner, name, which in (
            (random, "seed", "python"),
            (np.random, "seed", "numpy"),
            (torch, "manual_seed", "torch"),
        ):
            both = seed_both(session, getattr(owner, name), which)
            stack.enter_context(mock.patch.object(owner, name, both))
        for module in (check, check.assertions):
            unchanged = watched(session, module.unchanged)
            stack.enter_context(mock.patch.object(module, "unchanged", unchanged))
        for module in (check, check.score):
            stack.enter_context(mock.patch.object(module, "Score", score))
        stack.enter_context(alarm(seconds))
        yield


def seed_both(session: Session, seed: Callable[..., Any], which: str) -> Callable[..., Any]:
    """Seeding a global generator here seeds the student's as well."""

    def both(number: Any = None, *rest: Any) -> Any:
        if isinstance(number, numbers.Integral) and not rest:
            session.ask("seed", which, int(number))
        return seed(number, *rest)

    return both


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Interrupt a test that goes on without asking the student; again and again until it ends."""

    def ring(*_: Any) -> None:
        raise timeout(seconds)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds + 0.5, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
