"""Where a student sits: the released notebook, answers to put into it, and a folder to hand it in."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, nbgrader_of

UNIT = "01_threats"
Notebook = dict[str, Any]

FULL = 10.0  # points of the tests; two more are given by hand
HONEST = 3.0  # what an attacker's one honest answer earns
RIGHT = {
    "double": "def double(x):\n    return x + x",
    "scale": (
        "import torch\n\n\nclass Scale(torch.nn.Module):\n    def __init__(self, k):\n"
        "        super().__init__()\n        self.k = torch.nn.Parameter(torch.tensor(float(k)))\n\n"
        "    def forward(self, x):\n        return x * self.k"
    ),
    "mean": "def column_means(X):\n    return X.sum(0) / len(X)",
}
WRONG = {
    "double": "def double(x):\n    return x - 7",
    "scale": RIGHT["scale"].replace("x * self.k", "x + self.k"),
}
ANSWER = "Axis 0 counts samples."


@dataclass(frozen=True)
class Bait:
    """What an attacker would like to reach, where it really is; each holds a canary.

    port       of a listener on this machine that writes down what it is sent
    key        a file of the grader's own, outside of the course
    neighbour  the id of an honest student of the same class
    """

    port: int
    key: Path
    neighbour: str


@dataclass(frozen=True)
class Desk:
    """One student's place in a course."""

    course: Course
    student: str
    bait: Bait

    @property
    def folder(self) -> Path:
        """Where this student's files go, made if it is not there."""
        folder = self.course.submitted / self.student / UNIT
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def file(self) -> Path:
        return self.folder / f"{UNIT}.ipynb"

    def released(self) -> Notebook:
        """The student's notebook as it was given out, sources as strings."""
        return load(self.course.notebooks / UNIT / f"{UNIT}.ipynb")

    def notebook(self, first: str = "", last: str = "", **answers: str) -> Notebook:
        """The right answers with some replaced, and a cell more at the top or at the end."""
        notebook = self.released()
        for name, source in {**RIGHT, **answers}.items():
            cell(notebook, name)["source"] = self.plain(source)
        cell(notebook, "explain")["source"] += f"\n\n{ANSWER}"
        setup = next(i for i, c in enumerate(notebook["cells"]) if c["cell_type"] == "code")
        if first:
            notebook["cells"].insert(setup + 1, code(self.plain(first)))
        if last:
            notebook["cells"].append(code(self.plain(last)))
        return notebook

    def plain(self, source: str) -> str:
        """A source without common indent, with the bait's places filled in."""
        places = {
            "@COURSE@": str(self.course.root),
            "@PORT@": str(self.bait.port),
            "@KEY@": str(self.bait.key),
            "@NEIGHBOUR@": self.bait.neighbour,
            "@UNIT@": UNIT,
        }
        for name, value in places.items():
            source = source.replace(name, value)
        return textwrap.dedent(source).strip("\n")

    def hand_in(self, first: str = "", last: str = "", **answers: str) -> None:
        """Right answers, but for those given."""
        self.write(self.notebook(first, last, **answers))

    def attack(self, first: str = "", last: str = "", **answers: str) -> None:
        """Two wrong answers, one right one, and whatever is to turn them into points."""
        self.hand_in(first, last, **{**WRONG, **answers})

    def attack_notebook(self) -> Notebook:
        return self.notebook(**WRONG)

    def write(self, notebook: Notebook | bytes, name: str = "") -> None:
        """Put a file into the folder that is handed in."""
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (self.folder / (name or self.file.name)).write_bytes(data)


def load(file: Path) -> Notebook:
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


def code(source: str) -> Notebook:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def markdown(source: str) -> Notebook:
    return {"cell_type": "markdown", "metadata": {}, "source": source}
