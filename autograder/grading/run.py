"""Grade a class: find what was handed in, restore, execute in parallel, record one by one.

Only this process writes. What is recorded is not run again unless asked, so that a run that was
stopped, in whatever way, is finished by the next one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.barrier import Barrier
from autograder.build.release import prepare
from autograder.course import Course, read_instructor
from autograder.engines.base import EngineError
from autograder.engines.choose import choose_engine
from autograder.files import see_that_it_can_be_written
from autograder.grading.lock import only_grader
from autograder.grading.options import DEFAULT, Options
from autograder.grading.start import workers_for
from autograder.grading.workers import Workers
from autograder.intake.folder.collect import Submission, collect
from autograder.intake.folder.handed_in import read
from autograder.intake.folder.items import Unfit
from autograder.intake.notebook.reading import Unreadable
from autograder.intake.notebook.restore import Restored, restore
from autograder.model import Execution, Status, Task
from autograder.records.gradebook import enter_unit, open_gradebook
from autograder.records.record import (
    clear_unfinished,
    record,
    record_missing,
    record_without_file,
    valid_results,
    with_remarks,
)
from autograder.records.results import Result


@dataclass(frozen=True)
class Step:
    """Progress: one submission is settled."""

    result: Result
    ran: bool  # or was it recorded before, and unchanged?
    total: int


def silent(step: Step) -> None:
    """Show no progress."""


def grade(
    course: Course,
    unit: str,
    options: Options = DEFAULT,
    progress: Callable[[Step], None] = silent,
    workers: Workers | None = None,
    barrier: Barrier | None = None,
) -> list[Result]:
    """Grade one unit's submissions into the gradebook and `autograded/`; results by student.

    workers  who executes, where several units share them (see `workers_for`)
    barrier  keeps what was not foreseen with the submission that it happened to

    On KeyboardInterrupt the workers end, and what is recorded stays recorded.
    """
    options = replace(options, engine=choose_engine(options.engine))
    instructor, source = read_instructor(course, unit)
    barrier = barrier or Barrier.of(course)
    submissions = collect(course, unit, list(options.students) or None, barrier)
    see_that_it_can_be_written(course.autograded)
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_grader(course))
        used = workers or stack.enter_context(workers_for(course, [unit], options))
        clear_unfinished(course, unit)
        gradebook = stack.enter_context(open_gradebook(course))
        run = UnitRun(course, unit, prepare(instructor), source, options, gradebook, barrier)
        settled = stack.enter_context(contextlib.closing(run.settle(submissions, used)))
        found: list[Result] = []
        for result, ran in settled:
            found.append(result)
            progress(Step(result, ran, len(submissions)))
    return sorted(found, key=lambda result: result.student)


@dataclass
class Open:
    """A submission on its way through the workers."""

    submission: Submission
    sha256: str
    restored: Restored


class UnitRun:
    """One unit's run over a class."""

    def __init__(
        self,
        course: Course,
        unit: str,
        prepared: dict[str, Any],
        source: str,
        options: Options,
        gradebook: Gradebook,
        barrier: Barrier,
    ) -> None:
        self.course, self.unit, self.prepared = course, unit, prepared
        self.source, self.options, self.gradebook = source, options, gradebook
        self.barrier = barrier
        self.rows = enter_unit(gradebook.db, unit, prepared)
        gradebook.db.commit()
        self.before = valid_results(gradebook, course, unit)
        self.open: dict[str, Open] = {}
        self.ready: list[tuple[Result, bool]] = []  # settled without a worker

    def settle(
        self, submissions: list[Submission], workers: Workers
    ) -> Generator[tuple[Result, bool], None, None]:
        """Each submission's result as it is recorded, and whether it was run."""
        for task, outcome in workers.run(self._tasks(submissions)):
            yield from self._drain()
            yield self._record(task, outcome), True
        yield from self._drain()

    def _drain(self) -> Iterator[tuple[Result, bool]]:
        while self.ready:
            yield self.ready.pop(0)

    def _tasks(self, submissions: list[Submission]) -> Iterator[Task]:
        """Tasks for what must be executed; everything else is settled on the way."""
        for submission in submissions:
            task = None
            with self.barrier.around(submission.student, "its files were read") as unforeseen:
                task = self._prepare(submission)
            if unforeseen.reason:
                self.ready.append((self._unforeseen(submission, unforeseen.reason), True))
            if task:
                yield task

    def _prepare(self, submission: Submission) -> Task | None:
        """The task for a submission, unless it is settled without one."""
        student = submission.student
        if submission.missing:
            known = self.before.get(student) or record_missing(self.gradebook, student, self.unit)
            self.ready.append((known, False))
            return None
        try:
            handed_in = read(submission)
        except Unfit as problem:
            self.ready.append(self._unreadable(submission, "", str(problem)))
            return None
        submission = replace(submission, remarks=submission.remarks + handed_in.remarks)
        sha256 = handed_in.sha256
        before = self.before.get(student)
        same = (sha256, self.source)
        if (
            before
            and not self.options.again
            and same == (before.submission_sha256, before.source_sha256)
            and self._autograded(student).is_file()
        ):
            self.ready.append((before, False))
            return None
        try:
            restored = restore(self.prepared, handed_in.notebook, handed_in.files)
        except Unreadable as problem:
            self.ready.append(self._unreadable(submission, sha256, str(problem)))
            return None
        self.open[student] = Open(submission, sha256, restored)
        files = tuple(handed_in.files.items())
        return Task(student, self.unit, restored.notebook, self.options.limits, files)

    def _autograded(self, student: str) -> Path:
        return self.course.autograded / student / self.unit / f"{self.unit}.ipynb"

    def _unreadable(self, submission: Submission, sha256: str, reason: str) -> tuple[Result, bool]:
        """Record a submission that is no notebook: nothing earned, and the reason."""
        before = self.before.get(submission.student)
        known = before and (before.reason, before.submission_sha256, before.source_sha256)
        if (
            before
            and not self.options.again
            and known == (reason, sha256, self.source)
            and self._autograded(submission.student).is_file()
        ):
            return before, False
        execution = self._not_graded(submission, submission.status, reason)
        return self._enter(submission, execution, sha256), True

    def _not_graded(self, submission: Submission, status: Status, reason: str) -> Execution:
        """What to record where nothing was run: the unit's notebook, with a note that says why."""
        return Execution(
            student=submission.student,
            unit=self.unit,
            notebook=with_note(self.prepared, reason),
            verdicts=(),
            status=status,
            reason=reason,
            remarks=submission.remarks,
        )

    def _unforeseen(self, submission: Submission, reason: str) -> Result:
        """Record what the barrier has kept: for a person to look at, and to be run again."""
        bare = replace(submission, remarks=(), timestamp=None)
        execution = self._not_graded(bare, Status.NEEDS_PERSON, reason)
        return self._enter(bare, execution, "")

    def _record(self, task: Task, outcome: Execution | EngineError) -> Result:
        """Record what a worker brought back, with what restoring had to say."""
        entry = self.open.pop(task.student)
        remarks = entry.submission.remarks + entry.restored.remarks
        if isinstance(outcome, EngineError):
            reason = f"the grader failed, not the submission: {outcome}"
            execution = Execution(
                task.student, self.unit, task.notebook, (), Status.FAILED, reason, 0.0, remarks
            )
            return self._enter(entry.submission, execution, "")  # to be run again
        doubts = (entry.submission.needs_person, entry.restored.needs_person)
        execution = with_remarks(outcome, remarks, doubts)
        return self._enter(entry.submission, execution, entry.sha256)

    def _enter(self, submission: Submission, execution: Execution, sha256: str) -> Result:
        """Record it; where that fails, that it failed; where there can be no file, without one."""
        student = submission.student
        with self.barrier.around(student, "its result was recorded") as unforeseen:
            return self._write(submission, execution, sha256)
        bare = self._not_graded(
            Submission(student, self.unit), Status.NEEDS_PERSON, unforeseen.reason
        )
        with self.barrier.around(student, "this was recorded in its place"):
            return self._write(Submission(student, self.unit), bare, "")
        with self.barrier.around(student, "this was recorded without a file"):
            before = self.before.get(student)
            return record_without_file(self.gradebook, self.rows, bare, before)
        return Result(student, self.unit, Status.NEEDS_PERSON, unforeseen.reason)

    def _write(self, submission: Submission, execution: Execution, sha256: str) -> Result:
        return record(
            self.gradebook,
            self.course,
            self.rows,
            execution,
            self.before.get(submission.student),
            submission.timestamp,
            submission_sha256=sha256,
            source_sha256=self.source,
            engine=self.options.engine,
        )


def with_note(prepared: dict[str, Any], reason: str) -> str:
    """The unit's notebook without any answers, and a first cell that says why, as JSON."""
    note: dict[str, Any] = {
        "cell_type": "markdown",
        "metadata": {"autograder": {"added": True}},
        "source": f"**This submission could not be graded:** {reason}.",
    }
    if any("id" in cell for cell in prepared["cells"]):
        note["id"] = "not-graded"
    return json.dumps({**prepared, "cells": [note, *prepared["cells"]]}, ensure_ascii=False)
