"""Executing a solution notebook: a fresh kernel in an empty folder, and outputs worth storing."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.build.source import Place
from autograder.build.steps import fixed_metadata
from autograder.build.stored_outputs import clean, unstable
from autograder.course import is_test
from autograder.errors import UserError

CELL_SECONDS = 120
# One thread and no progress bars, so that numbers and outputs are the same each time; no settings
# of the person who builds.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "LESSONKIT_OFFLINE": "1",
    "LESSONKIT_PROGRESS": "0",
    "PYTHONHASHSEED": "0",
}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CELL_LINE = re.compile(r"(?:Cell In\[\d+\]|File <ipython[^>]*>|ipykernel_[^,\s]*), line (\d+)")


def run(
    notebook: NotebookNode, seconds: int, begun: Callable[[NotebookNode], object]
) -> NotebookNode:
    """An executed copy. The notebook's folder is empty, and gone afterwards.

    begun  called with each cell before it runs

    Raises nbclient's errors.
    """
    executed = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as folder:
        work, profile = Path(folder, "work"), Path(folder, "ipython")
        work.mkdir()
        client = NotebookClient(
            executed,
            timeout=seconds,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(work)}},
            on_cell_start=lambda cell, **_: begun(cell),
        )
        client.execute(
            env={**os.environ, **ENVIRONMENT, "IPYTHONDIR": str(profile)},
            stderr=subprocess.DEVNULL,  # the kernel's own log; a cell's stderr is an output
            cleanup_kc=True,
        )
    return executed


def line_of(error: Exception, cell: NotebookNode) -> str:
    """The text of the cell's line that raised, from the traceback; '' if it does not tell."""
    found = CELL_LINE.search(COLOURS.sub("", str(error)))
    lines = cell.source.splitlines()
    number = int(found[1]) if found else 0
    return str(lines[number - 1]) if 0 < number <= len(lines) else ""


def run_or_explain(
    notebook: NotebookNode,
    place: Place,
    seconds: int = CELL_SECONDS,
    begun: Callable[[NotebookNode], object] = id,
) -> NotebookNode:
    """`run`, but a cell that fails is a UserError naming the file, the line, the cell, the error."""
    reached: list[NotebookNode] = []

    def note(cell: NotebookNode) -> None:
        reached.append(cell)
        begun(cell)

    try:
        return run(notebook, seconds, note)
    except CellExecutionError as error:
        cell = reached[-1]
        raise UserError(
            f"{place.at(cell.id, line_of(error, cell))}: cell {cell.id!r} fails: "
            f"{error.ename}: {error.evalue}",
            'Mend the cell; or, if it is meant to fail, tag it "raises-exception".',
        ) from error
    except CellTimeoutError as error:
        raise UserError(
            f"{place.at(reached[-1].id)}: cell {reached[-1].id!r} ran for more than {seconds} s.",
            "Look for a loop that does not end, or train for fewer epochs.",
        ) from error
    except DeadKernelError as error:
        raise UserError(
            f"{place.at(reached[-1].id)}: the kernel died in cell {reached[-1].id!r}.",
            "It may have run out of memory: try the cell with smaller data.",
        ) from error


def executed(notebook: NotebookNode, place: Place, seconds: int = CELL_SECONDS) -> NotebookNode:
    """The executed solution, its outputs cleaned.

    Raises UserError for a cell that fails, or whose output cannot be the same on another machine.
    """
    result = fixed_metadata(run_or_explain(notebook, place, seconds))
    for cell in result.cells:
        if cell.cell_type == "code":
            what = unstable(cell)
            if what:
                raise UserError(
                    f"{place.at(cell.id)}: the output of cell {cell.id!r} holds {what!r}, "
                    "which is another on each machine.",
                    "Print something else (or end a plotting line with `;`), or tag the cell "
                    '"nbval-ignore-output".',
                )
            if is_test(cell) and any(o.get("name") == "stderr" for o in cell.outputs):
                raise UserError(
                    f"{place.at(cell.id)}: the test {cell.id!r} writes to stderr: "
                    "nbgrader would count that as a failure.",
                    "Find the warning in the solution notebook's output, and mend its cause.",
                )
            clean(cell)
    nbformat.validate(result)
    return result
