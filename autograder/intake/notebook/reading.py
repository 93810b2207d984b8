"""Read what was handed in: bytes to cells, trusting nothing about them.

`nbformat` refuses a notebook with one wrong type; a student must not lose a unit to that. What can
be read is read, whatever stands around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.intake.notebook.checksums import checksum
from autograder.intake.notebook.decoding import read_json
from autograder.intake.notebook.pictures import LONGEST_NAME, Attachments, attachment
from autograder.intake.notebook.remarks import Kind, Remark
from autograder.text import line

MAX_BYTES = 100 * 2**20
MAX_CELLS = 5000
MAX_SOURCE = 2**24  # characters in one cell
UNFIT = re.compile("[\x00\ud800-\udfff]")  # what neither a kernel nor a file takes
KINDS = ("code", "markdown", "raw")

CUT = Kind("{} [is|are] longer than can be graded: what lies beyond was cut off", person=True)
NO_TEXT = Kind("{} [holds|hold] no text where a cell's text should be", person=True)
NO_PICTURE = Kind(
    "{} cannot be shown here (no PNG, JPEG, GIF or WebP, or too large): see the file as handed in"
)


@dataclass(frozen=True)
class Submitted:
    """One cell as handed in. `id` and `grade_id` are empty where the file has none."""

    index: int
    kind: str  # code, markdown or raw
    source: str
    id: str = ""
    grade_id: str = ""
    attachments: Attachments = field(default_factory=dict)
    released: bool | None = None  # is it as some release had it? None: its metadata does not tell

    @property
    def place(self) -> str:
        """How to speak of it: by its number and its first words."""
        return place(self.index, self.source)


@dataclass(frozen=True)
class HandedIn:
    """A submitted notebook. `encoding` is empty, or the one that its bytes were guessed to be in."""

    cells: tuple[Submitted, ...]
    encoding: str = ""
    remarks: tuple[Remark, ...] = ()


class Unreadable(Exception):
    """The submission is not a notebook; the message says why, in words for its student."""


def read_submission(data: bytes) -> HandedIn:
    """A submitted notebook, nbformat 3 to 4.5. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the file is larger than {MAX_BYTES // 2**20} MiB")
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        decoded = read_json(data)
    except ValueError as error:
        raise Unreadable(f"the file is not a complete notebook: {where(error)}") from None
    notebook = decoded.value
    if not isinstance(notebook, dict):
        raise Unreadable("the file is JSON, but not a notebook")
    raw = notebook.get("cells")
    if raw is None and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [s for s in notebook["worksheets"] if isinstance(s, dict)]
        raw = [c for s in sheets if isinstance(s.get("cells"), list) for c in s["cells"]]
    if not isinstance(raw, list):
        raise Unreadable("the file is JSON, but not a notebook: it has no cells")
    if len(raw) > MAX_CELLS:
        raise Unreadable(f"the notebook has more than {MAX_CELLS} cells")
    cells = [(index, cell) for index, cell in enumerate(raw) if isinstance(cell, dict)]
    return HandedIn(
        tuple(as_cell(index, cell) for index, cell in cells),
        decoded.encoding,
        decoded.remarks + tuple(r for index, cell in cells for r in lacking(index, cell)),
    )


def where(error: ValueError) -> str:
    """The place of a JSON error, in few words."""
    number = error.lineno if isinstance(error, json.JSONDecodeError) else 1
    return f"it is damaged or cut off in line {number}"


def as_cell(index: int, cell: dict[str, Any]) -> Submitted:
    """One raw cell with every field of the type that it must have."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind, source = kind_of(cell), as_text(text_of(cell))
    return Submitted(
        index=index,
        kind=kind,
        source=source,
        id=cell["id"] if isinstance(cell.get("id"), str) else "",
        grade_id=grade_id if isinstance(grade_id, str) else "",
        attachments={name: found for name, found in pictures(cell) if found},
        released=is_released({"cell_type": kind, "source": source, "metadata": metadata}),
    )


def is_released(cell: dict[str, Any]) -> bool | None:
    """Whether a cell is what its own checksum, which a release has put there, was taken of.

    A student can forge it; what depends on it is the words of a remark, and whether what stands in a
    test cell is taken for the student's.
    """
    try:
        return bool(cell["metadata"]["nbgrader"]["checksum"] == checksum(cell))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def kind_of(cell: dict[str, Any]) -> str:
    """Code, markdown or raw. nbformat 3 had headings and html; what has outputs is code."""
    kind = str(cell.get("cell_type")).strip().lower()
    if kind in KINDS:
        return kind
    return "code" if "outputs" in cell or "input" in cell else "markdown"


def text_of(cell: dict[str, Any]) -> object:
    """What stands where a cell's text should be; nbformat 3 had `input` in code cells."""
    source = cell.get("source")
    return cell.get("input") if source is None else source


def as_text(source: object) -> str:
    """A cell's source, a string or a list of lines, with `\\n` at the end of each line."""
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        ended = any(line.endswith(("\n", "\r")) for line in lines)
        source = ("" if ended else "\n").join(lines)
    if not isinstance(source, str):
        return ""
    text = UNFIT.sub("\ufffd", source[:MAX_SOURCE].removeprefix("\ufeff"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def pictures(cell: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """The name of each attachment, and its picture; nothing in the place of what is none."""
    attachments = cell.get("attachments")
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        values = bundle.values() if isinstance(bundle, dict) else ()
        found = next((made for made in map(attachment, values) if made), {})
        yield UNFIT.sub("", name)[:LONGEST_NAME], found


def lacking(index: int, cell: dict[str, Any]) -> Iterator[Remark]:
    """What of a raw cell cannot be used."""
    source = text_of(cell)
    text = "".join(p for p in source if isinstance(p, str)) if isinstance(source, list) else source
    name = place(index, text if isinstance(text, str) else "")
    fit = source is None or isinstance(source, str)
    if isinstance(source, list):
        fit = all(isinstance(part, str) for part in source)
    if not fit:
        yield Remark(NO_TEXT, name)
    if isinstance(text, str) and len(text) > MAX_SOURCE:
        yield Remark(CUT, name)
    for attached, found in pictures(cell):
        if not found:
            yield Remark(NO_PICTURE, f"the attachment ‘{line(attached, 60)}’ of {name}")


def place(index: int, source: str) -> str:
    """How to speak of a submitted cell: by its number and its first words."""
    first = next((text for text in source[:2000].splitlines() if text.strip()), "")
    return f"cell {index + 1} (“{line(first, 40)}”)" if first else f"cell {index + 1}"
