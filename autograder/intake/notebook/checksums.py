"""nbgrader's checksum of a cell: what tells an answer from an untouched stub.

The same as `nbgrader.utils.compute_checksum` (a test compares the two), on plain JSON, and without
importing nbgrader, which a worker does not need.
"""

from __future__ import annotations

import hashlib
from typing import Any

from autograder.course import nbgrader_of


def locked(meta: dict[str, Any]) -> bool:
    """Whether nbgrader takes a cell with this metadata for locked."""
    if meta.get("solution"):
        return False
    return True if meta.get("grade") else bool(meta.get("locked"))


def checksum(cell: dict[str, Any]) -> str:
    """The checksum of a cell that has a grade_id."""
    meta = nbgrader_of(cell)
    parts = [
        cell["source"],
        cell["cell_type"],
        str(bool(meta.get("grade"))),
        str(bool(meta.get("solution"))),
        str(locked(meta)),
        meta["grade_id"],
    ]
    if meta.get("grade"):
        parts.append(str(float(meta["points"])))
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def untouched(cell: dict[str, Any]) -> bool:
    """Whether the cell still is what was released, as far as its metadata tells."""
    return nbgrader_of(cell).get("checksum") == checksum(cell)
