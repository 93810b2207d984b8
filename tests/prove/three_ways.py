"""The same notebooks graded three ways: by the exam, in one kernel, and by nbgrader's own command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.build import Answer, Built
from autograder.build.release import prepare, to_text
from autograder.course import is_test, nbgrader_of
from autograder.engines.notebook import execute
from autograder.intake.notebook.restore import restore
from autograder.model import Limits, Task
from autograder.prove.submissions import filled

LIMITS = Limits(cell_seconds=60, notebook_seconds=300)
Notebook = dict[str, Any]
Scores = dict[str, float]  # grade_id of a test cell -> points


@dataclass(frozen=True)
class Sheet:
    """A submission that holds several answers: at most one for each exercise, solutions elsewhere.

    expected  the points that the answers must get, each as its file declares
    """

    student: str
    notebook: Notebook
    expected: Scores


def sheets(built: Built, answers: list[Answer]) -> list[Sheet]:
    """As few submissions as hold all the answers: the k-th holds the k-th of every exercise."""
    worth = {
        nbgrader_of(cell)["grade_id"]: float(nbgrader_of(cell)["points"])
        for cell in built.instructor.cells
        if is_test(cell)
    }
    by_exercise: dict[str, list[Answer]] = {}
    for answer in answers:
        by_exercise.setdefault(answer.exercise, []).append(answer)
    found = []
    for number, row in enumerate(zip_longest(*by_exercise.values())):
        given = [answer for answer in row if answer]
        lost = {name: points for answer in given for name, points in answer.loses.items()}
        found.append(
            Sheet(
                f"sheet{number:02}",
                filled(built.released, built.instructor, {a.exercise: a.code for a in given}),
                {name: points - lost.get(name, 0) for name, points in worth.items()},
            )
        )
    return found


def by_us(built: Built, sheet: Sheet, engine: str) -> Scores:
    """What one of our engines gives."""
    restored = restore(prepare(built.instructor), json.dumps(sheet.notebook).encode())
    execution = execute(Task(sheet.student, built.unit, restored.notebook, LIMITS), engine)
    return {v.grade_id: v.points for v in execution.verdicts if v.grade_id in sheet.expected}


class Stock:
    """A course that knows nothing of us: nbgrader's own settings, commands, kernel and gradebook."""

    def __init__(self, folder: Path, built: Built) -> None:
        self.folder, self.built = folder, built
        write(folder / "source" / built.unit / f"{built.unit}.ipynb", to_text(built.instructor))
        self.run("generate_assignment", built.unit)

    def run(self, *words: str) -> None:
        """One of nbgrader's commands. Fails with what it said."""
        tools = str(Path(sys.executable).parent)
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([tools, os.environ["PATH"]]),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "IPYTHONDIR": str(self.folder / "ipython"),
        }
        environment.pop("AUTOGRADER_DB", None)
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def grade(self, handed_in: list[Sheet]) -> dict[str, Scores]:
        """student -> scores, as `nbgrader autograde` leaves them in its gradebook."""
        unit = self.built.unit
        for sheet in handed_in:
            file = self.folder / "submitted" / sheet.student / unit / f"{unit}.ipynb"
            write(file, json.dumps(sheet.notebook))
        self.run("autograde", unit)
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            return {
                sheet.student: {
                    grade.name: float(grade.auto_score)
                    for notebook in gradebook.find_submission(unit, sheet.student).notebooks
                    for grade in notebook.grades
                    if grade.name in sheet.expected
                }
                for sheet in handed_in
            }

    def warned(self, student: str) -> set[str]:
        """The test cells in whose output something went to stderr: nbgrader gives them 0 points."""
        unit = self.built.unit
        file = self.folder / "autograded" / student / unit / f"{unit}.ipynb"
        return {
            nbgrader_of(cell)["grade_id"]
            for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]
            if is_test(cell) and any(o.get("name") == "stderr" for o in cell["outputs"])
        }


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
