"""One grader at a time: a lock on the course that ends with its process, however that ends."""

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
    folder = course.root / ".build"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / "grading.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            raise UserError(
                f"Another grader is at work on this course (process {holder or 'unknown'}).",
                "Wait until it is done, or stop it; what it has recorded stays recorded.",
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
