"""Files that are there in full or not at all, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import UserError

EVERYBODYS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # what no other file would escape

OURS = "Check that the folder can be written by you."


class Unwritable(UserError):
    """This one file cannot be written; another may be."""


def see_that_it_can_be_written(folder: Path) -> None:
    """Make the folder if it is not there. Raises UserError where nothing could be put into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}.", OURS) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"{folder} cannot be written.", OURS)


def write_if_changed(file: Path, text: str) -> bool:
    """Write a file that does not hold `text` yet, in full; returns whether it was written.

    Raises UserError when the disk refuses.
    """
    with _explained(file):
        if file.is_file() and file.read_bytes() == text.encode("utf-8", "replace"):
            return False
    write_atomically(file, text)
    return True


def write_atomically(file: Path, text: str) -> None:
    """Write a file in full, or leave the old one as it was. Raises UserError on a full disk."""
    with _written_beside(file, text) as new, _explained(file):
        new.replace(file)


@contextlib.contextmanager
def replacing(file: Path, text: str) -> Iterator[None]:
    """Put a new file in the place of the old one when the block has succeeded.

    The new one is on the disk in full before the block begins, and the old one is gone; where the
    block fails, or the process dies, there is none. Raises UserError on a full disk.
    """
    with _written_beside(file, text) as new:
        with _explained(file):
            file.unlink(missing_ok=True)
            _sync_folder(file.parent)
        yield
        with _explained(file):
            new.replace(file)


def beside(file: Path) -> Path:
    """Where a file is written before it takes its place; what a killed process leaves behind."""
    return file.with_name(f".{file.name}.new")


@contextlib.contextmanager
def _written_beside(file: Path, text: str) -> Iterator[Path]:
    """The new file, complete and on the disk; removed if the block fails.

    What UTF-8 has no bytes for (lone surrogates) becomes a question mark.
    """
    new = beside(file)
    try:
        with _explained(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            with new.open("w", encoding="utf-8", errors="replace", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        yield new
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


@contextlib.contextmanager
def _explained(file: Path) -> Iterator[None]:
    """What the system says of a file, in words that help."""
    try:
        yield
    except OSError as error:
        told = f"{file} cannot be written: {error.strerror}."
        if error.errno not in EVERYBODYS:
            raise Unwritable(told, OURS) from error
        hint = "Make room on the disk, and run this again; what was recorded stays recorded."
        raise UserError(told, OURS if error.errno == errno.EROFS else hint) from error


def _sync_folder(folder: Path) -> None:
    """Have the disk know what is in a folder, so that a power cut does not bring a file back."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
