"""Where things are (`Course`), and what a unit consists of (`Unit`, read from its notebook)."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UserError


@dataclass(frozen=True)
class TestCell:
    grade_id: str
    points: float


@dataclass(frozen=True)
class Exercise:
    """One exercise: `id` is the grade_id of its solution cell and the first part of its tests'."""

    id: str
    title: str
    difficulty: int
    minutes: int
    tests: tuple[TestCell, ...]

    @property
    def points(self) -> float:
        return sum(test.points for test in self.tests)


@dataclass(frozen=True)
class Unit:
    """A unit as its instructor notebook tells it: exercises in order, and written answers."""

    name: str
    title: str
    exercises: tuple[Exercise, ...]
    written: tuple[TestCell, ...]

    @property
    def points(self) -> float:
        return sum(e.points for e in self.exercises) + sum(w.points for w in self.written)

    @property
    def tests(self) -> tuple[TestCell, ...]:
        return tuple(test for exercise in self.exercises for test in exercise.tests)


def nbgrader_of(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell's nbgrader metadata, or an empty dict."""
    return cell.get("metadata", {}).get("nbgrader") or {}


def tags_of(cell: dict[str, Any]) -> list[str]:
    return cell.get("metadata", {}).get("tags") or []


def is_test(cell: dict[str, Any]) -> bool:
    """An automatically graded cell."""
    meta = nbgrader_of(cell)
    return bool(meta.get("grade")) and not meta.get("solution")


def is_written(cell: dict[str, Any]) -> bool:
    """A cell graded by hand."""
    meta = nbgrader_of(cell)
    return bool(meta.get("grade")) and bool(meta.get("solution"))


def is_solution(cell: dict[str, Any]) -> bool:
    """A code cell that the student fills in."""
    meta = nbgrader_of(cell)
    return bool(meta.get("solution")) and not meta.get("grade")


def heading(source: str) -> str:
    """The text of a markdown cell's first heading, without its marks."""
    for line in source.splitlines():
        if line.startswith("#"):
            return line.lstrip("# ").strip()
    return ""


def read_unit(name: str, notebook: dict[str, Any]) -> Unit:
    """The unit that an instructor notebook (hidden tests and metadata in place) describes."""
    cells = notebook["cells"]
    tests = [
        TestCell(nbgrader_of(c)["grade_id"], float(nbgrader_of(c)["points"]))
        for c in cells
        if is_test(c)
    ]
    exercises = []
    for cell in cells:
        meta = cell["metadata"].get("exercise")
        if meta:
            own = tuple(t for t in tests if t.grade_id.split("-")[0] == meta["id"])
            title = heading(cell["source"]).split("·", 1)[-1].strip()
            exercises.append(
                Exercise(meta["id"], title, int(meta["difficulty"]), int(meta["minutes"]), own)
            )
    written = tuple(
        TestCell(nbgrader_of(c)["grade_id"], float(nbgrader_of(c)["points"]))
        for c in cells
        if is_written(c)
    )
    title = next((heading(c["source"]) for c in cells if c["cell_type"] == "markdown"), name)
    return Unit(name, title, tuple(exercises), written)


def nbgrader_settings(root: Path) -> dict[str, Any]:
    """What the course's nbgrader_config.py sets, by class; nothing where there is no such file."""
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        return dict(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    except ConfigFileNotFound:
        return {}
    except Exception as error:  # it is a program, and can raise anything
        raise UserError(
            f"{root / 'nbgrader_config.py'} cannot be read: {type(error).__name__}: {error}.",
            "Mend it, or compare it with the one that came with the course.",
        ) from error


@dataclass(frozen=True)
class Course:
    """A course's folders. `root` holds `source/`; everything else lies beside it."""

    root: Path
    repository: str = ""
    branch: str = "main"

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course that `start` (the current folder) lies in. Raises UserError outside of one."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "source").is_dir() and any((folder / "source").glob("[0-9]*.py")):
                setting: dict[str, str] = {}
                if (folder / "pyproject.toml").is_file():
                    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
                    setting = tomllib.loads(text).get("tool", {}).get("course", {})
                return cls(folder, setting.get("repository", ""), setting.get("branch", "main"))
        raise UserError(
            f"There is no course here: {start} and the folders above it have no source/ with units.",
            "Change to the course's folder (the one that holds source/ and notebooks/).",
        )

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def instructor(self) -> Path:
        """Instructor notebooks, hidden tests included; never committed."""
        return self.root / ".build" / "source"

    @property
    def logs(self) -> Path:
        """Tracebacks of what was not foreseen; never committed."""
        return self.root / ".build" / "log"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def gradebook(self) -> str:
        """The gradebook's database URL: nbgrader's setting, or nbgrader's default, gradebook.db here.

        One setting for both, `c.CourseDirectory.db_url` in nbgrader_config.py, so that nbgrader's
        commands and ours cannot write to two gradebooks. Raises UserError if that file has a fault.
        """
        url = nbgrader_settings(self.root).get("CourseDirectory", {}).get("db_url")
        return str(url) if url else f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def units(self) -> list[str]:
        return sorted(path.stem for path in self.source.glob("[0-9]*.py"))

    def select(self, wanted: list[str] | None = None) -> list[str]:
        """Unit names from what was typed: a full name, or its number. Nothing means all units."""
        if not wanted:
            return self.units
        chosen = []
        for word in wanted:
            hits = [unit for unit in self.units if unit == word or unit.split("_")[0] == word]
            if not hits:
                raise UserError(
                    f"There is no unit {word!r} in {self.source}.",
                    f"The units are: {', '.join(self.units) or 'none yet'}.",
                )
            chosen += hits
        return chosen


def read_instructor(course: Course, unit: str) -> tuple[dict[str, Any], str]:
    """The unit's instructor notebook and its SHA-256. Raises UserError if it is not built."""
    import nbformat  # not for commands that need no notebook

    file = course.instructor / unit / f"{unit}.ipynb"
    try:
        data = file.read_bytes()
        notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
    except FileNotFoundError:
        raise UserError(
            f"The instructor's notebook of {unit} is not built: {file} is missing.",
            f"Run `autograder build {unit}` first.",
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} cannot be read: {error}.", f"Run `autograder build {unit}` again."
        ) from error
    return json.loads(json.dumps(notebook)), hashlib.sha256(data).hexdigest()
