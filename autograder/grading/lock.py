"""One grader at a time: a lock on the course that ends with its process, however that ends.

It is on the course's folder, which whoever reads the course can lock, and on a file that names its
holder, where that can be written: some network file systems lock nothing but such files.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from autograder.course import Course
from autograder.errors import UserError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def only_grader(course: Course) -> Iterator[None]:
    """Hold the course's lock. Raises UserError if another grader holds it."""
    if fcntl is None:
        yield
        return
    with contextlib.ExitStack() as held:
        number = holder_file(course)
        for handle in filter(None, (os.open(course.root, os.O_RDONLY), number)):
            held.callback(os.close, handle)
            take(handle, number)
        if number:
            os.ftruncate(number, 0)
            os.write(number, str(os.getpid()).encode())
        yield


def holder_file(course: Course) -> int | None:
    """The file in which the holder's number stands, open; None where it cannot be written."""
    folder = course.root / ".build"
    try:
        folder.mkdir(exist_ok=True)
        return os.open(folder / "grading.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return None


def take(handle: int, number: int | None) -> None:
    """Lock an open file. Raises UserError if another grader has done so."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(number, 20, 0).decode("ascii", "replace").strip() if number else ""
        raise UserError(
            f"Another grader is at work on this course (process {holder or 'unknown'}).",
            "Wait until it is done, or stop it; what it has recorded stays recorded.",
        ) from None
    except OSError:  # a folder on a network file system; the file is locked as well
        if handle == number:
            raise
