"""Read what was handed in: bytes to cells, trusting nothing about them.

`nbformat` refuses a notebook with one wrong type; a student must not lose a unit to that. What can
be read is read, whatever stands around it.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 100 * 2**20
MAX_CELLS = 5000
MAX_SOURCE = 2**20  # characters in one cell
IMAGE = re.compile(r"[A-Za-z0-9+/=\s]*")
UNFIT = re.compile("[\x00\ud800-\udfff]")  # what neither a kernel nor a file takes
KINDS = ("code", "markdown", "raw")


class Unreadable(Exception):
    """The submission is not a notebook; the message says why, in words for its student."""


@dataclass(frozen=True)
class Submitted:
    """One cell as handed in. `id` and `grade_id` are empty where the file has none."""

    index: int
    kind: str  # code, markdown or raw
    source: str
    id: str = ""
    grade_id: str = ""
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


def read_submission(data: bytes) -> list[Submitted]:
    """The cells of a submitted notebook, nbformat 3 to 4.5. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the file is larger than {MAX_BYTES // 2**20} MiB")
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        notebook = json.loads(decode(data))
    except RecursionError:
        raise Unreadable("the file is nested too deeply to be a notebook") from None
    except ValueError as error:
        raise Unreadable(f"the file is not a complete notebook: {where(error)}") from None
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
    return [as_cell(index, cell) for index, cell in enumerate(raw) if isinstance(cell, dict)]


def decode(data: bytes) -> str:
    """Text from UTF-8 (with or without a mark), UTF-16 with a mark, or UTF-8 with bad bytes."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def where(error: ValueError) -> str:
    """The place of a JSON error, in few words."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is damaged or cut off in line {error.lineno}"
    return "it holds a number that is too long"


def as_cell(index: int, cell: dict[str, Any]) -> Submitted:
    """One raw cell with every field of the type that it must have."""
    kind = cell.get("cell_type")
    source = cell.get("source")
    if kind == "code" and source is None:
        source = cell.get("input")  # nbformat 3
    if kind not in KINDS:
        kind = "markdown"  # nbformat 3 had headings and html
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return Submitted(
        index=index,
        kind=kind,
        source=as_text(source),
        id=cell["id"] if isinstance(cell.get("id"), str) else "",
        grade_id=grade_id if isinstance(grade_id, str) else "",
        attachments=images(cell.get("attachments")),
    )


def as_text(source: object) -> str:
    """A cell's source, a string or a list of lines, with `\\n` at the end of each line."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    text = UNFIT.sub("\ufffd", source[:MAX_SOURCE])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def images(attachments: object) -> dict[str, dict[str, str]]:
    """The PNG and JPEG images attached to a cell; everything else is left out."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for mime in ("image/png", "image/jpeg"):
            value = bundle.get(mime) if isinstance(bundle, dict) else None
            if isinstance(value, str) and len(value) < 8 * 2**20 and IMAGE.fullmatch(value):
                kept[UNFIT.sub("", str(name))[:100]] = {mime: value}
    return kept
