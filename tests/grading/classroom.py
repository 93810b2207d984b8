"""A class that hands in the tiny unit: helpers for the tests of grading and of reports."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.build import build
from autograder.course import Course, nbgrader_of
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits

ROOT = Path(__file__).parents[2]
UNIT = "01_tiny"
Notebook = dict[str, Any]

RIGHT = {
    "double": "def double(x):\n    return x + x",
    "mean": "def column_means(X):\n    return X.sum(0) / len(X)",
}
ANSWER = "Axis 0 counts samples."


class Classroom:
    """The tiny course, built, and what its students hand in."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "tests" / "tiny" / "source", folder / "source")
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        self.course = Course(folder)
        build(self.course, [UNIT], execute=False)

    @property
    def released(self) -> Notebook:
        return load(self.course.notebooks / UNIT / f"{UNIT}.ipynb")

    @property
    def instructor(self) -> Notebook:
        return load(self.course.instructor / UNIT / f"{UNIT}.ipynb")

    def notebook(self, text: str = "", **answers: str) -> Notebook:
        """The released notebook with answers in it, and a written one."""
        notebook = self.released
        for name, source in answers.items():
            cell(notebook, name)["source"] = source
        if text:
            cell(notebook, "explain")["source"] += f"\n\n{text}"
        return notebook

    def hand_in(
        self, student: str, notebook: Notebook | bytes, name: str = f"{UNIT}.ipynb"
    ) -> Path:
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        file = self.course.submitted / student / UNIT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def hand_in_right(self, student: str, **answers: str) -> Path:
        return self.hand_in(student, self.notebook(ANSWER, **{**RIGHT, **answers}))

    def grade(self, *students: str, **options: Any) -> dict[str, Any]:
        chosen = Options(students=students, engine="stock", **{"workers": 2, **options})
        return {result.student: result for result in grade(self.course, UNIT, chosen)}

    def autograded(self, student: str) -> Notebook:
        return load(self.course.autograded / student / UNIT / f"{UNIT}.ipynb")


def a_whole_class(room: Classroom) -> None:
    """One student for each thing that happens."""
    room.hand_in_right("right")
    room.hand_in_right("warns", double="import warnings\nwarnings.warn('!')\n" + RIGHT["double"])
    room.hand_in_right("wrong", double="def double(x):\n    return x + 2")
    room.hand_in_right("crashes", double="def double(x):\n    raise ValueError('<b>& oh</b>')")
    room.hand_in_right("early", double="1 / 0")
    room.hand_in_right("endless", double="while True:\n    pass")
    room.hand_in_right("deadly", double="import os\nos._exit(1)")
    room.hand_in("untouched", room.released)
    room.hand_in("cut", json.dumps(room.released).encode()[:700])
    room.hand_in("empty", b"")
    room.hand_in("named", room.notebook(ANSWER, **RIGHT), "homework (2).ipynb")
    copied = room.notebook(ANSWER, **RIGHT)
    copied["cells"].append(copy.deepcopy(cell(copied, "double-values")))
    copied["cells"].append(copy.deepcopy(cell(copied, "double")))
    room.hand_in("copied", copied)
    twice = room.notebook(ANSWER, **RIGHT)
    twice["cells"].append({**copy.deepcopy(cell(twice, "double")), "source": "def double(x): 1"})
    room.hand_in("twice", twice)
    (room.course.submitted / "nothing").mkdir()
    (room.course.submitted / "folder" / UNIT).mkdir(parents=True)


def nbgrader(room: Classroom, *arguments: str, fails: bool = False) -> str:
    """Run one of nbgrader's commands in the course's folder; what it logs."""
    tools = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([tools, os.environ["PATH"]])}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=room.course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr[-3000:]
    return done.stderr


LIMITS = Limits(cell_seconds=15, notebook_seconds=200)


def load(file: Path) -> Notebook:
    """A notebook file, sources as strings."""
    notebook: Notebook = json.loads(file.read_text(encoding="utf-8"))
    for found in notebook["cells"]:
        found["source"] = "".join(found["source"])
    return notebook


def cell(notebook: Notebook, grade_id: str) -> Notebook:
    """The first cell with this grade_id."""
    found: Notebook = next(
        c for c in notebook["cells"] if nbgrader_of(c).get("grade_id") == grade_id
    )
    return found
