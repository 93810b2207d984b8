"""Writing a generated file: whole or not at all, and only when it changes."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import UserError


def write(path: Path, text: str) -> bool:
    """Write `text`; returns whether the file changed. Raises UserError when the disk refuses."""
    data = text.encode("utf-8")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}.",
            "Make room on the disk, or look at the folder's permissions; then build again.",
        ) from error
    return True
