"""From what a test cell gave to what it is worth, and what its student should read.

Strict where nbgrader guesses: the score is a plain number between 0 and the maximum, or all points
where a cell ends without a number and without an error. Warnings and prints cost nothing. Whatever
else comes out is a mistake in the test, worth 0 and reported.
"""

from __future__ import annotations

import re

from autograder.grading.engine import CellRun, End, Output
from autograder.grading.messages import codes, for_student, of_error
from autograder.grading.text import clean
from autograder.model import Status, Verdict
from lessonkit.check.codes import cause

FLOAT = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
# 2, 2.5, np.float64(2.5), tensor(2.5), tensor(2.5, dtype=torch.float64), array(2.5)
NUMBER = re.compile(rf"(?:({FLOAT})|(?:np\.\w+|tensor|array)\(({FLOAT})(?:,[^()]*)?\))")

BY_NAME = {  # an error that no check has named -> its diagnosis
    "NotImplementedError": "not-written",
    "NameError": "missing",
    "TimeoutError": "too-slow",
}


def verdict_of(grade_id: str, max_points: float, run: CellRun, source: str = "") -> Verdict:
    """The verdict on one test cell, whose source tells which of its parts are hidden."""
    text = for_student(printed(run.outputs), source)
    if run.broken:
        message = "This test could not be held; a person will look at your answer."
        return Verdict(grade_id, 0.0, max_points, Status.BROKEN, message)
    if run.end is not End.DONE and not run.judged:
        return stopped(grade_id, max_points, run, text)
    error = next((o for o in run.outputs if o["output_type"] == "error"), None)
    if error is not None:
        code = (codes(error["evalue"]) if error["ename"] == "CheckFailed" else ()) or (
            BY_NAME.get(error["ename"], "crashed"),
        )
        what = of_error(error["ename"], error["evalue"], source, code[0])
        message = "\n".join(part for part in (text, what) if part)
        return Verdict(grade_id, 0.0, max_points, Status.FAILED, message, codes(message))
    results = [o for o in run.outputs if o["output_type"] == "execute_result"]
    if not results:
        return Verdict(grade_id, max_points, max_points, Status.PASSED, text)
    shown = results[-1]["data"].get("text/plain", "")
    points = as_points(shown)
    if points is None or not 0 <= points <= max_points + 1e-9:
        what = clean(str(shown), 80)
        message = f"This test is broken: it gave {what}, not points from 0 to {max_points:g}."
        return Verdict(grade_id, 0.0, max_points, Status.BROKEN, message)
    points = min(points, max_points)
    if points == max_points:
        return Verdict(grade_id, points, max_points, Status.PASSED, text)
    status = Status.PARTIAL if points > 0 else Status.FAILED
    return Verdict(grade_id, points, max_points, status, text, codes(text))


def as_points(shown: object) -> float | None:
    """The number that a result's text shows, of whatever numeric type, or None."""
    match = NUMBER.fullmatch(shown.strip()) if isinstance(shown, str) else None
    return float(match[1] or match[2]) if match else None


def stopped(grade_id: str, max_points: float, run: CellRun, text: str) -> Verdict:
    """A test cell that did not come to its end."""
    code = "too-slow" if "seconds" in run.detail else "crashed"
    what = f"[{code}] While your work was tested, {run.detail}.\n  Likely cause: {cause(code)}"
    message = "\n".join(part for part in (text, what) if part)
    return Verdict(grade_id, 0.0, max_points, Status.FAILED, message, (code,))


def skipped(grade_id: str, max_points: float, reason: str) -> Verdict:
    """A test cell that was not reached."""
    return Verdict(grade_id, 0.0, max_points, Status.SKIPPED, f"Not tested: {reason}.")


def printed(outputs: tuple[Output, ...]) -> str:
    """What a cell wrote to stdout."""
    return "".join(
        o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout"
    )
