"""What came of one test cell in the exam, and how it looks in a notebook."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from autograder.model import Part

MAX_STDOUT = 100_000
MAX_MESSAGE = 10_000


@dataclass(frozen=True)
class Failure:
    """An error that ended a test cell, without a line of the test's source.

    code  its diagnosis code, if the examiner knows one
    """

    ename: str
    evalue: str
    lines: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of one test cell.

    title       what the test's score is called
    parts       the parts of its score: all that is known of them, for the instructor
    stdout      what the test printed
    result      its points: the value of its last expression, None if it has none
    error       what ended it
    broken      the error is the test's own, not the student's: the instructor's to mend
    kernel      "ready" for the next cell; "stuck" in a call that did not come back, to be interrupted
                or killed; "gone"
    remarks     what a person should know of the submission
    instructor  the whole traceback, test source included: for the instructor's eyes alone
    examiner_failed  the examiner itself crashed: grade by hand
    """

    stdout: str = ""
    result: int | float | None = None
    error: Failure | None = None
    broken: bool = False
    kernel: str = "ready"
    remarks: tuple[str, ...] = ()
    instructor: str = ""
    examiner_failed: bool = False
    seconds: float = 0.0
    title: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def student_stuck(self) -> bool:
        return self.kernel == "stuck"

    def outputs(self) -> list[dict[str, Any]]:
        """As nbformat outputs: stdout, then nothing, one error, or a plain number."""
        cells: list[dict[str, Any]] = []
        if self.stdout:
            cells.append({"output_type": "stream", "name": "stdout", "text": self.stdout})
        if self.error is not None:
            cells.append(
                {
                    "output_type": "error",
                    "ename": self.error.ename,
                    "evalue": self.error.evalue,
                    "traceback": list(self.error.lines),
                }
            )
        elif self.result is not None:
            cells.append(
                {
                    "output_type": "execute_result",
                    "execution_count": None,
                    "metadata": {},
                    "data": {"text/plain": repr(self.result)},
                }
            )
        return cells

    def to_plain(self) -> dict[str, Any]:
        """As numbers, strings, lists and dicts."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.error is not None:
            plain["error"] = asdict(self.error)
        return {**plain, "parts": [asdict(part) for part in self.parts]}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Outcome:
        """From `to_plain`. Raises TypeError or ValueError for anything else."""
        error = plain["error"]
        if error is not None:
            error = Failure(
                checked(error["ename"], str),
                checked(error["evalue"], str),
                texts(error["lines"]),
                checked(error["code"], str),
            )
        result = plain["result"]
        if result is not None and (type(result) not in (int, float) or not math.isfinite(result)):
            raise ValueError("a result that is no number")
        return cls(
            stdout=checked(plain["stdout"], str),
            result=result,
            error=error,
            broken=checked(plain["broken"], bool),
            kernel=checked(plain["kernel"], str),
            remarks=texts(plain["remarks"]),
            instructor=checked(plain["instructor"], str),
            examiner_failed=checked(plain["examiner_failed"], bool),
            seconds=checked(plain["seconds"], float),
            title=checked(plain["title"], str),
            parts=tuple(read_part(part) for part in plain["parts"]),
        )


def failed(message: str, kernel: str = "gone") -> Outcome:
    """The outcome of a cell whose examiner did not survive it: a person must look."""
    error = Failure("ExaminerFailed", "This test could not be run; a person will look at it.", ())
    return Outcome(error=error, kernel=kernel, examiner_failed=True, instructor=message)


def read_part(plain: dict[str, Any]) -> Part:
    return Part(
        name=checked(plain["name"], str),
        points=checked(plain["points"], float),
        earned=checked(plain["earned"], float),
        code=checked(plain["code"], str),
        details=texts(plain["details"]),
        hidden=checked(plain["hidden"], bool),
    )


def checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"a {type(value).__name__} where a {kind.__name__} belongs")
    return value


def texts(values: Any) -> tuple[str, ...]:
    return tuple(checked(value, str) for value in values)
