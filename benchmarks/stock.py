"""The other side: a plain nbgrader course, graded by `nbgrader autograde` as it comes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from handed_in import write

from autograder.course import Course

Notebook = dict[str, Any]
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "stock"
c.NbGraderConfig.logfile = "nbgrader.log"
"""


def stock_course(root: Path, course: Course, unit: str, students: dict[str, Notebook]) -> None:
    """nbgrader's own folders and gradebook, with the same instructor's notebook and submissions."""
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    shutil.copytree(course.instructor / unit, root / "source" / unit)
    subprocess.run(
        ["nbgrader", "generate_assignment", unit, "--create"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    write(root / "submitted", unit, students)


def points(root: Path) -> dict[str, float]:
    """student -> what nbgrader's gradebook has for the test cells that it graded itself."""
    with sqlite3.connect(root / "gradebook.db") as db:
        rows = db.execute(
            "SELECT sa.student_id, sum(g.auto_score) FROM grade g"
            " JOIN submitted_notebook sn ON g.notebook_id = sn.id"
            " JOIN submitted_assignment sa ON sn.assignment_id = sa.id GROUP BY sa.student_id"
        )
        return {student: float(score or 0.0) for student, score in rows}
