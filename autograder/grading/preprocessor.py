"""Our steps as nbgrader preprocessors: what `nbgrader autograde` and formgrader's button run.

`nbgrader_config.py` names them in the place of nbgrader's own. They restore, execute and record as
`autograder grade` does, so that a submission comes out the same whichever of the two has graded it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import new_uuid
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from autograder.build.release import prepare
from autograder.course import Course, read_instructor
from autograder.engines.choose import ENGINES, SANDBOXES, WARNINGS, choose_engine
from autograder.engines.notebook import execute
from autograder.errors import UserError
from autograder.intake.folder.collect import look
from autograder.intake.folder.handed_in import read
from autograder.intake.notebook.restore import restore
from autograder.limits import LimitTraits
from autograder.model import Execution, Task
from autograder.records import results
from autograder.records.gradebook import known_unit, opened
from autograder.records.record import all_or_nothing, enter, with_remarks, with_token

Handled = tuple[nbformat.NotebookNode, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What `RestoreSubmission` has to say to `ExecuteInExam`, which runs next in the same process.

    It goes by this way and not by the notebook's metadata, where a student could write as well.
    """

    prepared: dict[str, Any]
    remarks: tuple[str, ...]
    doubts: tuple[str, ...]  # why a person should look at it, or nothing
    timestamp: datetime | None
    files: tuple[tuple[str, bytes], ...]
    known: dict[str, str]  # submission_sha256, source_sha256


told: dict[tuple[str, str], Told] = {}  # by student and unit


def course_here() -> Course:
    """The course: nbgrader's converters work in its folder."""
    return Course(Path.cwd())


class RestoreSubmission(NbGraderPreprocessor):
    """The instructor's notebook with the student's own cells in it, in the place of what came."""

    def preprocess(
        self,
        nb: nbformat.NotebookNode,  # noqa: ARG002  (the file itself is read, with more care)
        resources: dict[str, Any],
    ) -> Handled:
        names = resources["nbgrader"]
        course, student, unit = course_here(), names["student"], names["assignment"]
        submission = look(course, student, unit)
        handed_in = read(submission)
        instructor, source = read_instructor(course, unit)
        prepared = prepare(instructor)
        restored = restore(prepared, handed_in.notebook, handed_in.files)
        told[student, unit] = Told(
            prepared,
            submission.remarks + handed_in.remarks + restored.remarks,
            (submission.needs_person, restored.needs_person),
            submission.timestamp,
            tuple(handed_in.files.items()),
            {"submission_sha256": handed_in.sha256, "source_sha256": source},
        )
        return nbformat.reads(restored.notebook, as_version=4), resources


class ExecuteInExam(LimitTraits, NbGraderPreprocessor):
    """Run the student's cells in a sandboxed kernel and the test cells outside of it, and record.

    Its traits are settings of nbgrader_config.py: `c.ExecuteInExam.memory = 2048`.
    """

    engine = Enum(ENGINES, "auto", help="The engine: exam, stock, or auto.").tag(config=True)
    sandbox = Enum(
        SANDBOXES,
        "auto",
        help="What keeps students' code apart: namespaces, process (limits only), or auto.",
    ).tag(config=True)

    def preprocess(self, nb: nbformat.NotebookNode, resources: dict[str, Any]) -> Handled:
        names = resources["nbgrader"]
        restored = told.pop((names["student"], names["assignment"]), None)
        if restored is None:
            raise UserError(
                "ExecuteInExam grades what RestoreSubmission has restored, and it has not run.",
                "Name it in c.Autograde.sanitize_preprocessors, as the course's own "
                "nbgrader_config.py does.",
            )
        student, unit = names["student"], names["assignment"]
        task = Task(student, unit, json.dumps(nb), self.limits, restored.files)
        os.environ["LESSONKIT_OFFLINE"] = "1"
        engine = choose_engine(self.engine, self.sandbox)
        if engine in WARNINGS:
            self.log.warning(WARNINGS[engine])
        execution = with_remarks(execute(task, engine), restored.remarks, restored.doubts)
        for text in (execution.reason, *execution.remarks):
            if text:
                self.log.warning("%s: %s", task.student, text)
        executed = self._record(execution, restored, engine, names["db_url"])
        return nbformat.reads(json.dumps(executed), as_version=4), resources

    def _record(
        self, execution: Execution, restored: Told, engine: str, db_url: str
    ) -> dict[str, Any]:
        """Enter the submission into the gradebook; the executed notebook with its token."""
        token = new_uuid()
        executed = with_token(execution.notebook, token)
        student, unit = execution.student, execution.unit
        known = {**restored.known, "engine": engine, "token": token}
        with opened(db_url) as gradebook, all_or_nothing(gradebook.db):
            rows = known_unit(gradebook.db, unit, restored.prepared)
            before = results.load(gradebook.db, unit, student).get(student)
            time = restored.timestamp
            enter(gradebook.db, rows, execution, executed, before, time, self.config, **known)
        return executed
