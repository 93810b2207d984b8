"""From what a test cell gave to what it is worth, and what its student should read.

Strict where nbgrader guesses: the score is a plain number between 0 and the maximum, or all points
where a cell ends without a number and without an error. Warnings and prints cost nothing. Whatever
else comes out is a mistake in the test, worth 0 and reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from autograder.engines.base import CellRun, End, Output
from autograder.engines.cell_failure import CellFailure, explained
from autograder.engines.messages import failure, for_student, of_error
from autograder.engines.printed import codes, parts_in
from autograder.model import Part, Status, Verdict
from autograder.regions import HIDDEN_TESTS
from autograder.text import clean
from lessonkit.check.codes import cause

FLOAT = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
# 2, 2.5, np.float64(2.5), tensor(2.5), tensor(2.5, dtype=torch.float64), array(2.5)
NUMBER = re.compile(rf"(?:({FLOAT})|(?:np\.\w+|tensor|array)\(({FLOAT})(?:,[^()]*)?\))")

BY_NAME = {  # an error that no check has named -> its diagnosis
    "NotImplementedError": "not-written",
    "NameError": "missing",
    "TimeoutError": "too-slow",
}


def verdict_of(
    grade_id: str,
    max_points: float,
    run: CellRun,
    source: str = "",
    failures: Sequence[CellFailure] = (),
) -> Verdict:
    """The verdict on one test cell.

    source    of the test: it tells what of it is hidden
    failures  the student's cells that stopped before, in their order
    """
    exercise = grade_id.split("-", maxsplit=1)[0]
    title, parts = told(run, source)
    parts = tuple(explained(part, exercise, failures) for part in parts)
    text = for_student(title, max_points, parts) or plain_text(run, source)
    if run.broken:
        message = "This test could not be held; a person will look at your answer."
        return Verdict(grade_id, 0.0, max_points, Status.BROKEN, message, parts=parts)
    if run.end is not End.DONE and not run.judged:
        return stopped(grade_id, max_points, run, text, parts)
    error = next((o for o in run.outputs if o["output_type"] == "error"), None)
    if error is not None:
        code = run.code or code_of(error)
        name, value = error["ename"], error["evalue"]
        lacking = Part(grade_id, max_points, 0.0, code, (value,))
        reason_of = explained(lacking, exercise, failures)
        if reason_of is not lacking:
            code, name = reason_of.code, "CheckFailed"
            value = "\n".join(failure(reason_of, everything=True))
        what = of_error(name, value, source, code)
        message = "\n".join(part for part in (text, what) if part)
        found = unique((*diagnoses(parts), code))
        return Verdict(grade_id, 0.0, max_points, Status.FAILED, message, found, parts)
    results = [o for o in run.outputs if o["output_type"] == "execute_result"]
    if not results:
        return Verdict(grade_id, max_points, max_points, Status.PASSED, text, parts=parts)
    shown = results[-1]["data"].get("text/plain", "")
    points = as_points(shown)
    if points is None or not 0 <= points <= max_points + 1e-9:
        what = clean(str(shown), 80)
        message = f"This test is broken: it gave {what}, not points from 0 to {max_points:g}."
        return Verdict(grade_id, 0.0, max_points, Status.BROKEN, message, parts=parts)
    points = min(points, max_points)
    if points == max_points:
        return Verdict(grade_id, points, max_points, Status.PASSED, text, parts=parts)
    status = Status.PARTIAL if points > 0 else Status.FAILED
    return Verdict(grade_id, points, max_points, status, text, diagnoses(parts), parts)


def told(run: CellRun, source: str) -> tuple[str, tuple[Part, ...]]:
    """The title and the parts of a test's score: as data from an examiner, else from what it printed."""
    return (run.title, run.parts) if run.judged else parts_in(printed(run.outputs), source)


def plain_text(run: CellRun, source: str) -> str:
    """What a test without parts has printed. None of it, where something is hidden in it."""
    return "" if HIDDEN_TESTS.begin in source else clean(printed(run.outputs)).strip("\n")


def diagnoses(parts: tuple[Part, ...]) -> tuple[str, ...]:
    return unique(part.code for part in parts if part.code)


def unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def code_of(error: Output) -> str:
    """The diagnosis code of an error that no examiner has named one for."""
    named = codes(error["evalue"]) if error["ename"] == "CheckFailed" else ()
    return named[0] if named else BY_NAME.get(error["ename"], "crashed")


def as_points(shown: object) -> float | None:
    """The number that a result's text shows, of whatever numeric type, or None."""
    match = NUMBER.fullmatch(shown.strip()) if isinstance(shown, str) else None
    return float(match[1] or match[2]) if match else None


def stopped(
    grade_id: str, max_points: float, run: CellRun, text: str, parts: tuple[Part, ...]
) -> Verdict:
    """A test cell that did not come to its end."""
    code = "too-slow" if "seconds" in run.detail else "crashed"
    what = f"[{code}] While your work was tested, {run.detail}.\n  Likely cause: {cause(code)}"
    message = "\n".join(part for part in (text, what) if part)
    return Verdict(grade_id, 0.0, max_points, Status.FAILED, message, (code,), parts)


def skipped(grade_id: str, max_points: float, reason: str) -> Verdict:
    """A test cell that was not reached."""
    return Verdict(grade_id, 0.0, max_points, Status.SKIPPED, f"Not tested: {reason}.")


def printed(outputs: tuple[Output, ...]) -> str:
    """What a cell wrote to stdout."""
    return "".join(
        o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout"
    )
