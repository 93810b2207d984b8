"""The barrier round each submission: what nobody foresaw about it stays with it, and is told.

The one place that catches `Exception`. What concerns the whole course (a full disk, a gradebook
that is gone, whatever `UserError` says) goes through, for it would be the same for everybody.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from autograder.course import Course
from autograder.errors import UserError
from autograder.files import EVERYBODYS, Unwritable

TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True)
class Incident:
    """Something unforeseen, in words: whose submission, and what happened to it."""

    student: str
    reason: str


class Barrier:
    """What a command has met that was not foreseen, submission by submission.

    folder   where a log is begun with the first incident; one in the system's temporary folder where
             that cannot be written, and none at all for None
    command  the first part of its name
    log      the log, once there is one
    """

    def __init__(self, folder: Path | None = None, command: str = "grade") -> None:
        self.folder = folder
        self.command = command
        self.incidents: list[Incident] = []
        self.log: Path | None = None

    @classmethod
    def of(cls, course: Course, command: str = "grade") -> Barrier:
        return cls(course.logs, command)

    def around(self, student: str, doing: str) -> Guard:
        """For `with`: an error in the block ends the block, and the guard then has a `reason`.

        doing  what follows "something unforeseen happened while": "its files were read"
        """
        return Guard(self, student, doing)

    def keep(self, student: str, doing: str, error: Exception) -> str:
        """Note a incident and write its traceback down; what became of it, in words for anybody."""
        what = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
        reason = f"something unforeseen happened while {doing} ({what}); the log tells more"
        self.incidents.append(Incident(student, reason))
        self._write(f"{student}: {reason}\n{''.join(traceback.format_exception(error))}\n")
        return reason

    def _write(self, text: str) -> None:
        if self.folder is None:
            return
        with contextlib.suppress(OSError):  # no place for a log: the terminal names the incident
            self.log = self.log or begin(self.folder, self.command)
            with self.log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)


def begin(folder: Path, command: str) -> Path:
    """A new, empty log, in the folder or else among the temporary files. Raises OSError."""
    start = f"{command}-{datetime.now(UTC):%Y%m%d-%H%M%S}-"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".log", start, folder)
    except OSError:
        handle, name = tempfile.mkstemp(".log", f"autograder-{start}")
    os.close(handle)
    return Path(name)


class Guard:
    """One block under the barrier; `reason` is empty as long as nothing unforeseen has happened."""

    def __init__(self, barrier: Barrier, student: str, doing: str) -> None:
        self.barrier, self.student, self.doing = barrier, student, doing
        self.reason = ""

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception) or everybodys(error):
            return False
        self.reason = self.barrier.keep(self.student, self.doing, error)
        return True


def everybodys(error: Exception) -> bool:
    """Whether an error would be the same for each submission, so that a run had better end."""
    from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

    if isinstance(error, UserError):
        return not isinstance(error, Unwritable)
    if isinstance(error, OSError):
        return error.errno in (*EVERYBODYS, *TOO_MANY_OPEN)
    return isinstance(error, OperationalError | InterfaceError | InternalError)
