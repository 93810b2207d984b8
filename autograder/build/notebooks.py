"""Building a course: writing its notebooks, and saying which of them are stale."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbformat import NotebookNode

from autograder.build.execute import executed
from autograder.build.release import to_text
from autograder.build.unit import Built, build_units
from autograder.course import Course
from autograder.files import write_if_changed

AT_ONCE = 2  # solutions executed side by side


def notebook_path(folder: Path, unit: str) -> Path:
    return folder / unit / f"{unit}.ipynb"


def build(
    course: Course,
    units: list[str],
    execute: bool = True,
    draft: bool = False,
    done: Callable[[str], object] = str,
) -> list[Path]:
    """Write the units' notebooks; returns the files that changed.

    execute  run the solutions; without it, the stored ones stay as they are
    draft    do not ask for answers in source/answers that are not there yet
    done     called with a unit's name when all of it is written

    Raises UserError for authoring mistakes (all of them at once) before anything is written, and
    for a solution that fails.
    """
    changed: list[Path] = []
    all_built = build_units(course, units, draft)
    for built in all_built:
        for folder, notebook in (
            (course.instructor, built.instructor),
            (course.notebooks, built.released),
        ):
            path = notebook_path(folder, built.unit)
            if write_if_changed(path, to_text(notebook)):
                changed.append(path)

    def finish(built: Built) -> Path | None:
        path = notebook_path(course.solutions, built.unit)
        new = execute and write_if_changed(path, to_text(executed(built.solution, built.place)))
        done(built.unit)
        return path if new else None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(finish, built) for built in all_built]
        try:
            changed += [path for path in (future.result() for future in futures) if path]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return changed


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Outputs and execution counts away; nbval compares those."""
    bare = copy.deepcopy(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return bare


def solution_is_stale(path: Path, solution: NotebookNode) -> str:
    """Why a stored solution is not the one that the source gives; '' if it is."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "is missing"
    except ValueError:
        return "is not a notebook"
    code = [cell for cell in stored.get("cells", []) if cell.get("cell_type") == "code"]
    unrun = [cell for cell in code if cell.get("source") and cell.get("execution_count") is None]
    if unrun or not any(cell.get("outputs") for cell in code):
        return "has no outputs: nbval would pass it without comparing anything"
    for cell in code:
        cell["outputs"], cell["execution_count"] = [], None
    fresh = json.loads(to_text(without_outputs(solution)))
    return "" if stored == fresh else "is not what its source gives"


def stale(course: Course, units: list[str]) -> list[tuple[Path, str]]:
    """Generated files that a build would change, each with the reason."""
    found = []
    for built in build_units(course, units):
        path = notebook_path(course.notebooks, built.unit)
        if not path.is_file():
            found.append((path, "is missing"))
        elif path.read_bytes() != to_text(built.released).encode("utf-8"):
            found.append((path, "is not what its source gives"))
        path = notebook_path(course.solutions, built.unit)
        why = solution_is_stale(path, built.solution)
        if why:
            found.append((path, why))
    return found + strays(course)


def strays(course: Course) -> list[tuple[Path, str]]:
    """Notebooks in the generated folders that no build made: of a unit that was renamed, say."""
    found = []
    for folder in (course.notebooks, course.solutions):
        made = {notebook_path(folder, unit) for unit in course.units}
        for path in sorted(folder.rglob("*.ipynb")):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path not in made and not hidden:
                found.append((path, "comes from no unit: remove it"))
    return found
