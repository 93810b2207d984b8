"""What the unit's cells say, and how cells of the student's own stand among them."""

from __future__ import annotations

from typing import Any

from autograder.course import is_test, nbgrader_of, tags_of
from autograder.intake.notebook.pictures import Attachments
from autograder.intake.notebook.reading import Submitted
from autograder.regions import HIDDEN_TESTS, without

Cell = dict[str, Any]


def squeeze(source: str) -> str:
    """A source without what editors change on their own."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def name_of(cell: dict[str, Any], index: int) -> str:
    """How to speak of a cell of the unit."""
    if "setup" in tags_of(cell):
        return "the setup cell"
    return f"‘{nbgrader_of(cell).get('grade_id') or cell.get('id') or f'cell {index + 1}'}’"


def telling_line(source: str) -> str:
    """The longest line of a text: what a question is known by."""
    return max((line.strip() for line in source.splitlines()), key=len, default="")


def released_test(source: str) -> str:
    """A test's source as students got it: without its hidden part."""
    return without(source, HIDDEN_TESTS)


def released(cell: dict[str, Any]) -> str:
    """A cell's text as students got it."""
    return released_test(cell["source"]) if is_test(cell) else str(cell["source"])


def runs_as_is(cell: dict[str, Any]) -> bool:
    """The instructor's own setup and study cells, which a submission does not change."""
    return bool({"setup", "study"} & set(tags_of(cell)))


def is_fixed(cell: Cell) -> bool:
    """Code that a submission does not change: setup, study and tests."""
    return runs_as_is(cell) or is_test(cell)


def extra(handed_in: Submitted) -> Cell:
    """A cell that the student added."""
    return own_cell(handed_in.kind, handed_in.source, handed_in.attachments)


def own_cell(kind: str, source: str, attachments: Attachments | None = None) -> Cell:
    """A new cell for something of the student's."""
    cell: Cell = {
        "cell_type": kind,
        "metadata": {"autograder": {"added": True}},
        "source": source,
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif attachments:
        cell["attachments"] = attachments
    return cell


def quoted(title: str, source: str, attachments: Attachments | None = None) -> Cell:
    """Something of the student's that is shown to whoever decides, and not run."""
    text = "\n".join(f"    {line}" for line in source.split("\n"))
    cell = own_cell("markdown", f"{title}\n\n{text}", attachments)
    cell["metadata"]["autograder"]["quoted"] = True
    return cell


def with_ids(cells: list[Cell]) -> list[Cell]:
    """Ids for the added cells, where the unit's own cells have ids."""
    taken = {cell["id"] for cell in cells if "id" in cell}
    count = 0
    for cell in cells:
        if "id" in cell or not taken:
            continue
        count += 1
        while f"added-{count}" in taken:  # an id that the unit itself uses
            count += 1
        cell["id"] = f"added-{count}"
    return cells
