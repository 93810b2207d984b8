"""A desk for one student's hand-in of a real unit: the solved notebook, and ways to spoil it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.build.release import TEXT_STUB
from autograder.course import nbgrader_of

Cell = dict[str, Any]
Notebook = dict[str, Any]
WORDS = "Because the mask needs a1, and dW2 needs h."  # of every written answer that is given


@dataclass
class Desk:
    """What one student hands in.

    solved  the released notebook with the solution in each exercise, and no written answer
    folder  the student's own folder in submitted/
    """

    solved: Notebook
    folder: Path
    unit: str

    def notebook(self, text: str = "") -> Notebook:
        """A copy to change; `text` becomes the written answer."""
        notebook = copy.deepcopy(self.solved)
        if text:
            written = find(notebook, "explain")
            written["source"] = written["source"].replace(TEXT_STUB, f"{TEXT_STUB}\n\n{text}")
        return notebook

    def write(self, what: Notebook | bytes, place: str = "") -> Path:
        """Put a file at `place` below the student's folder; without it, where it belongs."""
        file = self.folder / (place or f"{self.unit}/{self.unit}.ipynb")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(what if isinstance(what, bytes) else as_bytes(what))
        return file


def as_bytes(notebook: Notebook) -> bytes:
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()


def find(notebook: Notebook, grade_id: str) -> Cell:
    """The first cell with this grade_id."""
    return next(c for c in notebook["cells"] if nbgrader_of(c).get("grade_id") == grade_id)


def place(notebook: Notebook, grade_id: str) -> int:
    return notebook["cells"].index(find(notebook, grade_id))


def tagged(notebook: Notebook, tag: str) -> Cell:
    """The first cell with this tag."""
    return next(c for c in notebook["cells"] if tag in c["metadata"].get("tags", ()))


def code(source: str, **more: Any) -> Cell:
    own = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    return {**own, "source": source, "id": f"own-{abs(hash(source)) % 10**8}", **more}


def text(source: str, kind: str = "markdown", **more: Any) -> Cell:
    own = {"cell_type": kind, "metadata": {}, "id": f"own-{abs(hash(source)) % 10**8}"}
    return {**own, "source": source, **more}


def turn_into(cell: Cell, kind: str, keep: bool = False) -> None:
    """Make a cell one of another kind, as editors do; without `keep` its metadata is lost."""
    cell["cell_type"] = kind
    if not keep:
        cell["metadata"] = {}
        cell["id"] = f"lost-{abs(hash(cell['source'])) % 10**8}"
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


@dataclass(frozen=True)
class Case:
    """One hand-in, and what it deserves.

    points   by tests; None: some of them are lost
    person   whether a person must be called; None: it may be or not
    written  whether the written answer must wait to be marked
    says     words that remarks, reason or messages must hold, in any case of letters
    quiet    nothing at all is to be remarked
    seen     words that the graded notebook must hold
    """

    name: str
    unit: str
    make: Callable[[Desk], None]
    points: float | None = 37
    person: bool | None = False
    written: bool = False
    says: tuple[str, ...] = ()
    quiet: bool = False
    seen: tuple[str, ...] = ()


@dataclass
class Catalogue:
    cases: list[Case] = field(default_factory=list)

    def case(self, name: str, unit: str = "02_numpy_backprop", **deserved: Any) -> Any:
        """Register the function that makes a hand-in."""

        def register(make: Callable[[Desk], None]) -> Callable[[Desk], None]:
            assert name not in {case.name for case in self.cases}
            self.cases.append(Case(name, unit, make, **deserved))
            return make

        return register
