"""`python power_cut.py COURSE UNIT STUDENT OTHER MOMENT`: a grader that dies while it records.

It records, for one student, what running another one's notebook gave, as if a second run of the same
submission had come out otherwise, and kills itself at the moment named.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from tiny import load

from autograder.build.release import prepare
from autograder.course import Course, read_instructor
from autograder.model import Execution
from autograder.records import results
from autograder.records.gradebook import enter_unit, open_gradebook
from autograder.records.record import record


def cut(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class OnFile:
    """Cut before the interpreter does something to a file whose name ends so (an audit hook)."""

    what: str
    end: str

    def __call__(self, name: str, arguments: tuple[Any, ...]) -> None:
        path = arguments[1 if name == "os.rename" else 0] if arguments else ""
        if name == self.what and str(path).endswith(self.end):
            cut()


def before_insert(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("INSERT INTO autograder_result"):
        cut()


MOMENTS = {
    "before anything is written": lambda: sys.addaudithook(OnFile("open", ".ipynb.new")),
    "when the new file is complete": lambda: sys.addaudithook(OnFile("os.remove", ".ipynb")),
    "in mid-transaction": lambda: event.listen(Engine, "before_cursor_execute", before_insert),
    "before the commit": lambda: event.listen(Engine, "commit", cut),
    "after the commit": lambda: sys.addaudithook(OnFile("os.rename", ".ipynb")),
    "when all is done": lambda: None,
}


def main(root: str, unit: str, student: str, other: str, moment: str) -> None:
    course = Course(Path(root))
    with open_gradebook(course) as gradebook:
        known = results.load(gradebook.db, unit)
        before, theirs = known[student], known[other]
        file = course.autograded / other / unit / f"{unit}.ipynb"
        execution = Execution(student, unit, json.dumps(load(file)), theirs.verdicts, theirs.status)
        rows = enter_unit(gradebook.db, unit, prepare(read_instructor(course, unit)[0]))
        MOMENTS[moment]()
        record(
            gradebook,
            course,
            rows,
            execution,
            before,
            submission_sha256=before.submission_sha256,
            source_sha256=before.source_sha256,
            engine=before.engine,
        )
        cut()


if __name__ == "__main__":
    main(*sys.argv[1:])
