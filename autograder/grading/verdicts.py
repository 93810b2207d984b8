"""From what a test cell gave to what it is worth, and what its student should read.

Strict where nbgrader guesses: the score is a plain number between 0 and the maximum, or all points
where a cell ends without a number and without an error. Warnings and prints cost nothing. Whatever
else comes out is a mistake in the test, worth 0 and reported.
"""

from __future__ import annotations

import re

from autograder.grading.engine import CellRun, End, Output
from autograder.grading.text import clean
from autograder.model import Status, Verdict
from lessonkit.check.codes import CODES, cause

FLOAT = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
# 2, 2.5, np.float64(2.5), tensor(2.5), tensor(2.5, dtype=torch.float64), array(2.5)
NUMBER = re.compile(rf"(?:({FLOAT})|(?:np\.\w+|tensor|array)\(({FLOAT})(?:,[^()]*)?\))")
CODE = re.compile(r"^\s*(?:✗ )?\[([a-z0-9-]+)\]", re.MULTILINE)

BY_NAME = {  # an error that no check has named -> its diagnosis
    "NotImplementedError": "not-written",
    "NameError": "missing",
    "TimeoutError": "too-slow",
}


def verdict_of(grade_id: str, max_points: float, run: CellRun) -> Verdict:
    """The verdict on one test cell."""
    if run.end is not End.DONE:
        return stopped(grade_id, max_points, run)
    error = next((o for o in run.outputs if o["output_type"] == "error"), None)
    if error is not None:
        return failed(grade_id, max_points, run, error)
    results = [o for o in run.outputs if o["output_type"] == "execute_result"]
    text = printed(run.outputs)
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


def stopped(grade_id: str, max_points: float, run: CellRun) -> Verdict:
    """A test cell that did not come to its end."""
    code = "too-slow" if "seconds" in run.detail else "crashed"
    what = f"[{code}] While your work was tested, {run.detail}."
    text = "\n".join(part for part in (printed(run.outputs), what, f"  {cause(code)}") if part)
    return Verdict(grade_id, 0.0, max_points, Status.FAILED, text, (code,))


def failed(grade_id: str, max_points: float, run: CellRun, error: Output) -> Verdict:
    """A test cell that raised: its message, never its traceback, which shows the test."""
    value = clean(error["evalue"])
    if error["ename"] == "CheckFailed":
        what = value
    else:
        code = BY_NAME.get(error["ename"], "crashed")
        what = f"[{code}] {clean(error['ename'], 80)}: {value}\n  Likely cause: {cause(code)}"
    text = "\n".join(part for part in (printed(run.outputs), what) if part)
    return Verdict(grade_id, 0.0, max_points, Status.FAILED, text, codes(text))


def skipped(grade_id: str, max_points: float, reason: str) -> Verdict:
    """A test cell that was not reached."""
    return Verdict(grade_id, 0.0, max_points, Status.SKIPPED, f"Not tested: {reason}.")


def printed(outputs: tuple[Output, ...]) -> str:
    """What a cell wrote to stdout, cleaned and bounded."""
    text = "".join(
        o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout"
    )
    return clean(text).strip("\n")


def codes(text: str) -> tuple[str, ...]:
    """The diagnosis codes that a message names, each once, in the order met."""
    return tuple(dict.fromkeys(code for code in CODE.findall(text) if code in CODES))
