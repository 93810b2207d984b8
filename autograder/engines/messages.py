"""What is read of a test: by its student, and by the instructor.

Of a visible part the student sees all of it. Of a hidden part the details would give away inputs and
expected values, and an error's text or name may carry whatever student code put there: name, points,
diagnosis code and likely cause stay.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from autograder.model import Part, Status, Verdict
from autograder.regions import HIDDEN_TESTS
from autograder.text import clean, line
from lessonkit.check.codes import CODES, cause
from lessonkit.check.score import number

LONGEST = 8000  # characters of a message
LONGEST_PART = 1500


def for_student(title: str, max_points: float, parts: Iterable[Part]) -> str:
    """A test's parts as its student may read them; empty if there are none."""
    return rendered(title, max_points, parts, everything=False)


def for_instructor(verdict: Verdict) -> str:
    """All that is known of a verdict's parts; the student's message if it has none."""
    if not verdict.parts:
        return verdict.message
    return rendered(verdict.grade_id, verdict.max_points, verdict.parts, everything=True)


def rendered(title: str, max_points: float, parts: Iterable[Part], everything: bool) -> str:
    parts = tuple(parts)
    if not parts:
        return ""
    earned = number(sum(part.earned for part in parts))
    lines = [f"{line(title)} … {earned} of {number(max_points)} points"]
    for part in parts:
        mark = "✗" if part.code else "✓"
        lines.append(f"  {mark} {line(part.name)} ({number(part.points)})")
        if part.code:
            lines += [f"    {text}" for text in failure(part, everything)]
    return clean("\n".join(lines), LONGEST)


def failure(part: Part, everything: bool) -> list[str]:
    """Why a part gave no points, line by line."""
    if part.hidden and not everything:
        return [f"[{part.code}] {likely(part.code)}"]
    text = clean("\n".join(part.details), LONGEST_PART)
    what, *details = text.split("\n")
    return [
        f"[{part.code}] {what}",
        f"  Likely cause: {likely(part.code)}",
        *(f"  {detail}" for detail in details),
    ]


def likely(code: str) -> str:
    """The likely cause behind a code; nothing for a code that this version does not know."""
    return cause(code) if code in CODES else ""


def of_error(name: str, value: str, source: str, code: str) -> str:
    """An error that ended a test cell, as its student may read it."""
    if HIDDEN_TESTS.begin in source:  # also a name may carry what the test has handed over
        known = f" {name}" if isinstance(getattr(builtins, name, None), type) else ""
        return f"[{code}]{known}\n  Likely cause: {cause(code)}"
    if name == "CheckFailed":
        return clean(value)
    return f"[{code}] {line(name, 80)}: {clean(value)}\n  Likely cause: {cause(code)}"


def outputs_of(verdict: Verdict) -> list[dict[str, Any]]:
    """A verdict as a test cell's outputs: its text, then its points as the plain number that nbgrader
    reads. They are what its student may see: `nbgrader generate_feedback` shows them."""
    message = verdict.message
    if verdict.status is Status.BROKEN:
        message = f"This test could not be held; your instructor has been told. {message}"
    text = {"output_type": "stream", "name": "stdout", "text": clean(message, LONGEST) + "\n"}
    points = {
        "output_type": "execute_result",
        "execution_count": None,
        "metadata": {},
        "data": {"text/plain": f"{verdict.points:g}"},
    }
    return [text, points] if message else [points]
