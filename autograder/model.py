"""What travels between the steps of grading: plain, frozen data that any worker can receive."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


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
    UNGRADED = "not graded"  # a submission that was handed in and not graded yet


def limit(default: float, unit: str, name: str, what: str) -> Any:
    """A field of `Limits`: how verdicts call it (`name`), and what it limits."""
    return field(default=default, metadata={"unit": unit, "name": name, "what": what})


@dataclass(frozen=True)
class Limits:
    """What one submission may use. All of it can be set: see `autograder.limits`.

    Raises ValueError for what is not a number above 0.
    """

    cell_seconds: float = limit(60.0, "seconds", "cell time limit", "wall clock of one cell")
    notebook_seconds: float = limit(
        300.0, "seconds", "notebook time limit", "wall clock of all cells"
    )
    cpu_seconds: float = limit(300.0, "seconds", "CPU limit", "processor time of all cells")
    memory: int = limit(3072, "MiB", "memory limit", "memory beyond what is imported already")
    processes: int = limit(64, "", "process limit", "processes and threads at one time")
    file_size: int = limit(64, "MiB", "file size limit", "the largest file")
    scratch: int = limit(256, "MiB", "scratch space limit", "all files together")
    output: int = limit(4, "MiB", "output limit", "what all cells print and show")

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{each.name} must be a number above 0, not {value}")

    def told(self, name: str) -> str:
        """How to speak of a limit that was met: "memory limit (3072 MiB)"."""
        about = self.__dataclass_fields__[name].metadata
        return f"{about['name']} ({getattr(self, name):g} {about['unit']}".rstrip() + ")"


@dataclass(frozen=True)
class Task:
    """One submission to execute.

    `notebook` is the restored notebook as JSON: the instructor's cells (hidden tests included)
    around the student's own. `files` lay beside the student's, by name: the kernel starts in a
    folder that holds them.
    """

    student: str
    unit: str
    notebook: str
    limits: Limits = Limits()
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Part:
    """One part of a test cell, as `check.Score` has it.

    code     the diagnosis code of what failed; empty where nothing did
    details  what was wrong, line by line: of a hidden part, for the instructor's eyes alone
    hidden   it, or what it met, comes from hidden lines of the test (`exam.hidden`)
    """

    name: str
    points: float
    earned: float
    code: str = ""
    details: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Verdict:
    """What one graded cell earned, and what its student should read.

    message    for the student: nothing of a hidden part but its name, points and likely cause
    diagnosis  stable codes of lessonkit.check, in the order met
    parts      all that is known of each part: for the instructor
    """

    grade_id: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    diagnosis: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


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
