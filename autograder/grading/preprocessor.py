"""The engine as an nbgrader preprocessor: what `nbgrader autograde` and formgrader's button run.

Named in `nbgrader_config.py` in the place of nbgrader's own `Execute`. nbgrader has put the
instructor's test cells back before, and scores the cells' outputs after; so each test cell's output
is exactly the examiner's text and the number of points.
"""

from __future__ import annotations

import json
import os
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from autograder.grading.engine import ENGINES, SANDBOXES, WARNINGS, choose_engine
from autograder.grading.execute import execute
from autograder.limits import LimitTraits
from autograder.model import Task


class ExecuteInExam(LimitTraits, NbGraderPreprocessor):
    """Run the student's cells in a sandboxed kernel and the test cells outside of it.

    Its traits are settings of nbgrader_config.py: `c.ExecuteInExam.memory = 2048`.
    """

    engine = Enum(ENGINES, "auto", help="The engine: exam, stock, or auto.").tag(config=True)
    sandbox = Enum(
        SANDBOXES,
        "auto",
        help="What keeps students' code apart: namespaces, process (limits only), or auto.",
    ).tag(config=True)

    def preprocess(
        self, nb: nbformat.NotebookNode, resources: dict[str, Any]
    ) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
        names = resources.get("nbgrader", {})
        task = Task(
            student=str(names.get("student", "")),
            unit=str(names.get("assignment", "")),
            notebook=json.dumps(nb),
            limits=self.limits,
        )
        os.environ["LESSONKIT_OFFLINE"] = "1"
        engine = choose_engine(self.engine, self.sandbox)
        if engine in WARNINGS:
            self.log.warning(WARNINGS[engine])
        execution = execute(task, engine)
        for text in (execution.reason, *execution.remarks):
            if text:
                self.log.warning("%s: %s", task.student, text)
        executed = nbformat.reads(execution.notebook, as_version=4)
        return executed, resources
