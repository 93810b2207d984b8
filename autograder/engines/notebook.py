"""Run one restored notebook: notebook in, executed notebook and verdicts out.

A pure function of its task: it reads no gradebook and no course folder and writes nowhere, so it
can run on any worker. Whatever the student's code does ends in a verdict; only a failure of the
engine itself is raised.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.course import is_test, is_written, nbgrader_of, tags_of
from autograder.engines.base import CellRun, End, Engine, EngineError, Output
from autograder.engines.beside import cells
from autograder.engines.cell_failure import CellFailure, failure_of
from autograder.engines.choose import open_engine
from autograder.engines.messages import outputs_of
from autograder.engines.verdicts import skipped, verdict_of
from autograder.intake.notebook.checksums import untouched
from autograder.model import Execution, Limits, Status, Task, Verdict
from autograder.text import clean, line

MAX_RESTARTS = 2  # fresh kernels for a notebook whose cells take theirs with them


def execute(task: Task, engine: str = "stock") -> Execution:
    """Run the task's notebook with the engine named, and judge each graded cell.

    Raises EngineError if the engine cannot work here: the submission is not to blame, and the task
    can be tried again.
    """
    started = time.monotonic()
    notebook = json.loads(task.notebook)
    with open_engine(engine, task.limits) as running:
        deadline = started + task.limits.notebook_seconds
        run = NotebookRun(running, task.limits, deadline, task.files)
        run.remarks += run.put_files()
        for index, cell in enumerate(notebook["cells"]):
            if isinstance(cell["source"], list):  # as files have it
                cell["source"] = "".join(cell["source"])
            run.take(cell, label(cell, index))
    broken = [
        f"{v.grade_id} ({run.broken.get(v.grade_id) or v.message})"
        for v in run.verdicts
        if v.status is Status.BROKEN
    ]
    if run.doubts:
        told = [*run.doubts, *(reason for reason in run.reasons if reason not in run.doubts)]
        reason = f"the submission or the grader is to blame: {'; '.join(told)}"
        status = Status.NEEDS_PERSON
    elif run.reasons:
        status, reason = Status.FAILED, "; ".join(run.reasons)
    elif broken:
        status, reason = Status.NEEDS_PERSON, f"a test is broken: {', '.join(broken)}"
    else:
        status, reason = Status.GRADED, ""
    return Execution(
        student=task.student,
        unit=task.unit,
        notebook=json.dumps(notebook, ensure_ascii=False) + "\n",
        verdicts=tuple(run.verdicts),
        status=status,
        reason=reason,
        seconds=time.monotonic() - started,
        remarks=tuple(run.remarks),
    )


def label(cell: dict[str, Any], index: int) -> str:
    """How to speak of a cell: by its grade_id, or by its place and first line."""
    grade_id = nbgrader_of(cell).get("grade_id")
    if grade_id:
        return f"‘{grade_id}’"
    first = next((text for text in cell["source"].splitlines() if text.strip()), "")
    return f"cell {index + 1} ({line(first, 40)})"


@dataclass
class NotebookRun:
    """A notebook on its way through an engine."""

    engine: Engine
    limits: Limits
    deadline: float
    files: tuple[tuple[str, bytes], ...] = ()  # to lie in the kernel's folder
    verdicts: list[Verdict] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # why not all of it could be run
    doubts: list[str] = field(default_factory=list)  # cells whose end may be the grader's failure
    remarks: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)  # tests that failed on their own
    survived: list[str] = field(default_factory=list)  # sources to run again in a fresh kernel
    failures: list[CellFailure] = field(default_factory=list)  # of cells that stopped
    restarts: int = 0
    count: int = 0
    over: str = ""  # why nothing more is run

    def put_files(self) -> list[str]:
        """Have a fresh kernel find the files in its folder; remarks on those that it has not taken."""
        failed = {}
        for name, source in cells(self.files):
            ran = self.engine.run(source, self._seconds())
            if ran.end is not End.DONE or any(o["output_type"] == "error" for o in ran.outputs):
                failed[name] = f"{line(name)} could not be put beside the notebook"
        return list(failed.values())

    def take(self, cell: dict[str, Any], name: str) -> None:
        """Run or judge one cell, in place."""
        if is_written(cell):
            self.verdicts.append(written(cell))
            return
        if cell["cell_type"] != "code":
            return
        cell["outputs"], cell["execution_count"] = [], None
        if "study" in tags_of(cell) or not cell["source"].strip():
            return
        seconds = self._seconds()
        if is_test(cell):
            self._test(cell, name, seconds)
        elif not self.over:
            self._run(cell, name, seconds)

    def _seconds(self) -> float:
        """What the next cell may take; past the notebook's own limit nothing runs any more."""
        left = self.deadline - time.monotonic()
        if left <= 0 and not self.over:
            self._give_up(f"it reached the {self.limits.told('notebook_seconds')}")
        return max(0.1, min(self.limits.cell_seconds, left))

    def _run(self, cell: dict[str, Any], name: str, seconds: float) -> None:
        ran = self.engine.run(cell["source"], seconds)
        self._show(cell, ran)
        failure = failure_of(str(nbgrader_of(cell).get("grade_id") or name), cell["source"], ran)
        self.failures += [failure] if failure else []
        what = self._what(ran, seconds)
        if ran.broken:
            self.doubts.append(f"{name}: {ran.broken}")
        if ran.end is End.DONE:
            self.survived.append(cell["source"])
            self.remarks += [f"{name}: {what}"] if what else []
            return
        # one cell's failure is that cell's: it costs what its tests give, and the rest is graded
        if not ran.broken:
            self.remarks.append(f"{name}: {what}")
        if ran.end is End.DIED:
            self._restart()

    def _test(self, cell: dict[str, Any], name: str, seconds: float) -> None:
        meta = nbgrader_of(cell)
        grade_id, points = meta["grade_id"], float(meta["points"])
        if self.over:
            self.verdicts.append(skipped(grade_id, points, self.over))
            return
        ran = self.engine.test(grade_id, cell["source"], seconds)
        what = self._what(ran, seconds)
        verdict = verdict_of(grade_id, points, ran, cell["source"], self.failures)
        if ran.limits_met and verdict.points < points:
            verdict = replace(verdict, message=f"{verdict.message}\n{what}".strip())
        self.verdicts.append(verdict)
        self._put(cell, outputs_of(verdict))
        if ran.broken:
            self.broken[grade_id] = line(ran.broken)
        self.remarks += [f"{name}: {clean(text, 300)}" for text in ran.remarks]
        self.remarks += [f"{name}: {what}"] if what else []
        if ran.end is End.DIED:
            self._restart()

    def _what(self, ran: CellRun, seconds: float) -> str:
        """How a cell did not end well, and which limits it met; empty where it did and met none."""
        late = "cell_seconds" if seconds == self.limits.cell_seconds else "notebook_seconds"
        limits_met = [late if name == "cell_seconds" else name for name in ran.limits_met]
        told = [f"it reached the {self.limits.told(name)}" for name in limits_met]
        return ": ".join(part for part in (ran.detail, ", ".join(told)) if part)

    def _show(self, cell: dict[str, Any], ran: CellRun) -> None:
        outputs = [dict(output) for output in ran.outputs]
        if ran.end is not End.DONE and not any(o["output_type"] == "error" for o in outputs):
            outputs.append(stopped(ran.detail))
        self._put(cell, outputs)

    def _put(self, cell: dict[str, Any], outputs: list[Output]) -> None:
        self.count += 1
        cell["execution_count"] = self.count
        cell["outputs"] = outputs
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = self.count

    def _restart(self) -> None:
        """A fresh kernel, brought to where the dead one was without the cell that ended it."""
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            self._give_up("the kernel died too often")
            return
        self._seconds()
        if self.over:  # no time is left for another
            return
        try:
            self.engine.restart()
        except EngineError as error:
            self._give_up(f"no fresh kernel could be started: {error}")
            return
        self.put_files()
        for source in self.survived:
            seconds = self._seconds()
            if self.over:
                return
            if self.engine.run(source, seconds).end is End.DIED:
                self._give_up("the kernel died again where it had not before")
                return

    def _give_up(self, why: str) -> None:
        """Run nothing more: what is left is not known, so that a person must look."""
        self.over = why
        self.reasons.append(why)


def stopped(detail: str) -> Output:
    """An error output for a cell that came to no end of its own."""
    text = clean(detail)
    return {
        "output_type": "error",
        "ename": "Stopped",
        "evalue": text,
        "traceback": [f"Stopped: {text}"],
    }


def written(cell: dict[str, Any]) -> Verdict:
    """A written answer waits for a person, unless there is none."""
    meta = nbgrader_of(cell)
    grade_id, points = meta["grade_id"], float(meta["points"])
    if untouched(cell):
        message = "There is no answer here."
        return Verdict(grade_id, 0.0, points, Status.FAILED, message, ("not-answered",))
    return Verdict(grade_id, 0.0, points, Status.MANUAL)
