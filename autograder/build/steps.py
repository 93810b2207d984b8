"""From a unit's source to the instructor's notebook, in small steps from notebook to notebook.

`instructor` takes the steps in this order; each leaves its argument alone and returns a new one:

    fixed_metadata     kernelspec and language as every machine has them, and nothing else
    tidy               drop what jupytext notes for itself, and blank lines at a cell's end
    leave_out_seeds    the cells for `autograder seeds` are in no notebook
    name_cells         a cell id that depends on nothing but the source
    share_setup        the setup cell that all units share
    number_exercises   "### Exercise 2 · Title", and difficulty, points and minutes below it
    fill_title         badge, points and minutes in the title cell

Hidden tests and solutions are still in the result. `release` and `solution` take them out.
"""

from __future__ import annotations

import copy
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

from autograder.build.setup_cell import badge, setup_cell
from autograder.course import Course, is_test, is_written, nbgrader_of, tags_of

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
JUPYTEXT_NOTES = ("lines_to_next_cell", "title")
WORDS_A_MINUTE = 150  # unhurried reading of a text with formulas


def each_cell(
    notebook: NotebookNode, change: Callable[[NotebookNode], NotebookNode | None]
) -> NotebookNode:
    """A copy of `notebook` with `change` applied to each cell; None leaves the cell out."""
    result = copy.deepcopy(notebook)
    changed = (change(cell) for cell in result.cells)
    result.cells = [cell for cell in changed if cell is not None]
    return result


def fixed_metadata(notebook: NotebookNode) -> NotebookNode:
    """Kernelspec and language as every machine has them, nothing else; nbformat 4.5."""
    result = copy.deepcopy(notebook)
    result.metadata = copy.deepcopy(NotebookNode(KERNEL))
    result.metadata.kernelspec = NotebookNode(KERNEL["kernelspec"])
    result.metadata.language_info = NotebookNode(KERNEL["language_info"])
    result.nbformat, result.nbformat_minor = 4, 5
    return result


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Drop what jupytext notes for itself, and blank lines at a cell's end."""

    def change(cell: NotebookNode) -> NotebookNode:
        for key in JUPYTEXT_NOTES:
            cell.metadata.pop(key, None)
        cell.source = cell.source.rstrip()
        return cell

    return each_cell(notebook, change)


def leave_out_seeds(notebook: NotebookNode) -> NotebookNode:
    """Without the cells that measure a unit's thresholds over seeds."""
    return each_cell(notebook, lambda cell: None if "seeds" in tags_of(cell) else cell)


def kind_of(cell: dict[str, Any]) -> str:
    """What a cell is for, in one word, for its id."""
    for tag in ("title", "setup", "predict", "study", "seeds"):
        if tag in tags_of(cell):
            return tag
    if cell["cell_type"] == "markdown":
        return "section" if re.match(r"##? ", cell["source"]) else "text"
    return str(cell["cell_type"])


def cell_ids(notebook: NotebookNode, unit: str) -> list[str]:
    """An id for each cell, from its grade_id or exercise, or else from its kind and place."""
    number, seen, ids = unit.split("_", maxsplit=1)[0], Counter[str](), []
    for cell in notebook.cells:
        own = nbgrader_of(cell).get("grade_id")
        exercise = cell.metadata.get("exercise")
        if own:
            ids.append(own)
        elif exercise:
            ids.append(f"exercise-{exercise['id']}")
        else:
            kind = kind_of(cell)
            seen[kind] += 1
            ids.append(f"{number}-{kind}-{seen[kind]}")
    return ids


def name_cells(notebook: NotebookNode, unit: str) -> NotebookNode:
    """Cell ids that depend on nothing but the source."""
    result = copy.deepcopy(notebook)
    for cell, name in zip(result.cells, cell_ids(result, unit), strict=True):
        cell.id = name
    return result


def share_setup(notebook: NotebookNode, course: Course) -> NotebookNode:
    """The setup cell that all units share; its output names versions, so nbval leaves it alone."""

    def change(cell: NotebookNode) -> NotebookNode:
        if "setup" in tags_of(cell):
            cell.source = setup_cell(course)
            cell.metadata.tags = [t for t in cell.metadata.tags if t != "nbval-ignore-output"]
            cell.metadata.tags.append("nbval-ignore-output")
        return cell

    return each_cell(notebook, change)


def points_text(points: float) -> str:
    """'1 point', '6 points', '2.5 points'."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def exercise_points(notebook: NotebookNode, exercise: str) -> float:
    """What the tests of an exercise are worth together."""
    graded = [nbgrader_of(cell) for cell in notebook.cells if is_test(cell)]
    return float(sum(m["points"] for m in graded if m["grade_id"].split("-")[0] == exercise))


def number_exercises(notebook: NotebookNode) -> NotebookNode:
    """`### Title` becomes `### Exercise 2 · Title`; below it: ●●○ · 6 points · about 15 minutes."""
    count = 0

    def change(cell: NotebookNode) -> NotebookNode:
        nonlocal count
        exercise = cell.metadata.get("exercise")
        if not exercise:
            return cell
        count += 1
        first, _, rest = cell.source.partition("\n")
        title = first.lstrip("# ").strip()
        level = int(exercise["difficulty"])
        badge_line = " · ".join(
            (
                "●" * level + "○" * (3 - level),
                points_text(exercise_points(notebook, exercise["id"])),
                f"about {exercise['minutes']} minute{'' if exercise['minutes'] == 1 else 's'}",
            )
        )
        cell.source = f"### Exercise {count} · {title}\n\n{badge_line}\n\n{rest.strip()}".rstrip()
        return cell

    return each_cell(notebook, change)


def minutes(notebook: NotebookNode) -> int:
    """Time for a unit: its exercises' minutes and the reading, rounded up to five.

    The one number for it, in the title of the notebook and in README.md. The title's own words do not
    count, so that a notebook gives the same before and after the title has been filled in.
    """
    doing = sum(
        c.metadata["exercise"]["minutes"] for c in notebook.cells if "exercise" in c.metadata
    )
    words = sum(
        len(re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL).split())
        for cell in notebook.cells
        if cell.cell_type == "markdown" and not is_written(cell) and "title" not in tags_of(cell)
    )
    return 5 * math.ceil((doing + words / WORDS_A_MINUTE) / 5)


def fill_title(notebook: NotebookNode, course: Course, unit: str) -> NotebookNode:
    """`{{badge}}`, `{{points}}` and `{{minutes}}` in the title cell."""
    points = sum(nbgrader_of(c).get("points", 0) for c in notebook.cells if nbgrader_of(c))
    values = {
        "{{badge}}": badge(course, unit),
        "{{points}}": f"{points:g}",
        "{{minutes}}": str(minutes(notebook)),
    }

    def change(cell: NotebookNode) -> NotebookNode:
        if "title" in tags_of(cell):
            for name, value in values.items():
                cell.source = cell.source.replace(name, value)
        return cell

    return each_cell(notebook, change)


def instructor(source: NotebookNode, course: Course, unit: str) -> NotebookNode:
    """The instructor's notebook of a unit: all the steps above, in their order."""
    notebook = fixed_metadata(source)
    notebook = tidy(notebook)
    notebook = leave_out_seeds(notebook)
    notebook = name_cells(notebook, unit)
    notebook = share_setup(notebook, course)
    notebook = number_exercises(notebook)
    return fill_title(notebook, course, unit)
