"""Account for all that was handed in: it is in the graded notebook, is as released, or is named.

A check that knows nothing of how the notebook was put together: whatever a step before has dropped,
this one misses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.intake.notebook.reading import Submitted
from autograder.intake.notebook.remarks import Kind, Remark
from autograder.text import line

PICTURE = re.compile(r"!\[[^\[\]\n]*\]\([^\n]*?\)|<img\b[^<>]*>", re.IGNORECASE)

NOT_PLACED = Kind("{} [is|are] not in the graded notebook: see the file as handed in", person=True)
NO_PLACE = Kind("{} [is|are] not shown in the graded notebook: see the file as handed in")


def account(
    submitted: Sequence[Submitted], unit: list[dict[str, Any]], graded: list[dict[str, Any]]
) -> Iterator[Remark]:
    """A remark for each submitted cell with text or pictures that `graded` does not have.

    unit    the unit's cells, with stubs in place of solutions
    graded  all cells of the graded notebook
    """
    there = {said for cell in (*unit, *graded) for said in lines(cell["source"])}
    pictures = {
        picture
        for cell in graded
        for bundle in cell.get("attachments", {}).values()
        for picture in bundle.values()
    }
    for s in submitted:
        lost = next((said for said in lines(s.source) if said not in there), None)
        if lost is not None and not s.released:
            yield Remark(NOT_PLACED, f"{s.place}: “{line(lost, 60)}”")
        for name, bundle in s.attachments.items():
            if not pictures.issuperset(bundle.values()):
                yield Remark(NO_PLACE, f"the attachment ‘{line(name, 60)}’ of {s.place}")


def lines(source: str) -> Iterator[str]:
    """What a text says, line by line; pictures are compared as such."""
    for text in source.split("\n"):
        said = PICTURE.sub("", text).strip()
        if said:
            yield said
