"""What travels between the steps of grading: plain, frozen data that any worker can receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What became of a submission, or of one of its test cells."""

    PASSED = "passed"  # a test cell: all its points
    PARTIAL = "partial"  # a test cell: some of its points
    FAILED = "failed"  # a test cell: no points; a submission: could not be run to its end
    SKIPPED = "skipped"  # a test cell that was not reached; the reason says why
    BROKEN = "broken"  # a test cell that is itself wrong: the instructor's to mend
    MANUAL = "manual"  # a written answer, graded by hand
    GRADED = "graded"  # a submission
    NEEDS_PERSON = "needs a person"  # a submission that a person must look at
    MISSING = "missing"  # a submission that was not handed in


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are wall clock unless named otherwise; sizes in MiB."""

    cell_seconds: float = 60.0
    notebook_seconds: float = 300.0
    cpu_seconds: float = 300.0
    memory: int = 3072
    processes: int = 64
    file_size: int = 64
    scratch: int = 256
    output: int = 4


@dataclass(frozen=True)
class Task:
    """One submission to execute.

    `notebook` is the restored notebook as JSON: the instructor's cells (hidden tests included)
    around the student's own.
    """

    student: str
    unit: str
    notebook: str
    limits: Limits = Limits()


@dataclass(frozen=True)
class Verdict:
    """What one graded cell earned, and what its student should read."""

    grade_id: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    diagnosis: tuple[str, ...] = ()  # stable codes of lessonkit.check, in the order met


@dataclass(frozen=True)
class Execution:
    """What came of a task: the executed notebook as JSON, and a verdict for each graded cell."""

    student: str
    unit: str
    notebook: str
    verdicts: tuple[Verdict, ...]
    status: Status
    reason: str = ""
    seconds: float = 0.0
    remarks: tuple[str, ...] = field(default=())
