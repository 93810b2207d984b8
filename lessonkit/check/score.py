"""Points for a test cell, part by part, shown the same way in every unit.

    score = check.Score("Gradient of W1", 3)
    with score.part("shape", 1):
        check.shape("dW1", dW1, W1.shape)
    with score.part("values on the worked example", 2):
        check.close("dW1", dW1, expected, batch=4)
    score.total()

prints

    Gradient of W1 … 1 of 3 points
      ✓ shape (1)
      ✗ values on the worked example (2)
        [batch-mean] dW1 is not right.
        …

and gives the points as the cell's value, which is how nbgrader reads a part of a cell's points.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from types import TracebackType

from lessonkit.check.crashes import crash_code, not_written
from lessonkit.check.failure import CheckFailed


@dataclass(frozen=True)
class Part:
    name: str
    points: float
    failure: CheckFailed | None = None


def number(points: float) -> str:
    """2.0 as '2', 0.5 as '0.5'."""
    return f"{points:g}"


def where(trace: TracebackType | None) -> tuple[str, ...]:
    """The deepest line of the student's own code in a traceback, if it can be told."""
    own = [frame for frame in traceback.extract_tb(trace)[1:] if "ipykernel_" in frame.filename]
    if not own:
        return ()
    frame = own[-1]
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return (f"in `{frame.name}`, line {frame.lineno}:  {line}",)


def as_failure(error: Exception) -> CheckFailed:
    """Any error that a part met, as a failed check that says where it happened."""
    if isinstance(error, CheckFailed):
        return error
    if not_written(error):
        return CheckFailed("not-written", "There is no answer here yet.")
    if isinstance(error, NameError) and len(traceback.extract_tb(error.__traceback__)) <= 2:
        return CheckFailed("missing", f"{error}.")
    text = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
    lines = getattr(error, "student_lines", None) or where(error.__traceback__)
    return CheckFailed(crash_code(str(error), lines), what, lines)


class Score:
    """The points of one test cell. `points` is the cell's maximum, hidden parts included."""

    def __init__(self, name: str, points: float) -> None:
        self.name = name
        self.points = points
        self.parts: list[Part] = []

    @contextmanager
    def part(self, name: str, points: float, *, other_sizes: bool = False) -> Iterator[None]:
        """A block of checks worth `points`, all or nothing. What it raises is shown, and ends here.

        A warning shows as ordinary output: nbgrader gives no points to a cell that writes to stderr.

        other_sizes  the part repeats an earlier one with other sizes: code that passed there, and
                     stops or has the wrong shape here, has a size written into it
        """
        try:
            with redirect_stderr(sys.stdout):
                yield
        except Exception as error:  # noqa: BLE001
            failure = as_failure(error)
            if other_sizes and failure.code in ("crashed", "wrong-shape") and self.earned:
                failure = CheckFailed("hard-coded-shape", failure.what, failure.details)
            self.add(Part(name, points, failure), error)
        else:
            self.add(Part(name, points))

    def add(self, part: Part, error: Exception | None = None) -> None:  # noqa: ARG002
        """A part is over. `error` is what it met, as it was raised."""
        self.parts.append(part)

    @property
    def earned(self) -> float:
        return sum(part.points for part in self.parts if part.failure is None)

    def total(self) -> float:
        """Print the parts, and return the points earned (as an int where they are whole)."""
        tested = sum(part.points for part in self.parts)
        if tested > self.points + 1e-9:
            raise ValueError(f"{self.name}: parts of {tested} points in a cell of {self.points}")
        earned = self.earned
        print(f"{self.name} … {number(earned)} of {number(self.points)} points")
        for part in self.parts:
            print(f"  {'✗' if part.failure else '✓'} {part.name} ({number(part.points)})")
            for line in str(part.failure or "").splitlines():
                print(f"    {line}")
        if tested < self.points:
            rest = number(self.points - tested)
            print(f"  · {rest} more when your work is graded, on cases that you do not see here")
        return int(earned) if float(earned).is_integer() else earned
