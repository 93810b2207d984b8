"""Find what was handed in: `submitted/<student>/<unit>/<unit>.ipynb`, read with care.

Nothing here follows a symbolic link, opens a device, or reads more than a notebook may hold.
"""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading import timestamps
from autograder.grading.barrier import Barrier
from autograder.grading.reading import MAX_BYTES
from autograder.grading.text import line
from autograder.model import Status

LONGEST_NAME = 128  # what the gradebook holds


@dataclass(frozen=True)
class Submission:
    """One student's folder for one unit.

    file     the notebook, or None where there is none to grade
    problem  why not; empty if the student handed in nothing at all
    status   what to record for a problem
    """

    student: str
    unit: str
    file: Path | None
    problem: str = ""
    remarks: tuple[str, ...] = ()
    timestamp: datetime | None = None
    status: Status = Status.FAILED

    @property
    def missing(self) -> bool:
        return self.file is None and not self.problem


class Unfit(Exception):
    """A file that is no ordinary file, or too large; the message says which."""


def folders(parent: Path) -> list[str]:
    """The names of real folders in `parent`, sorted; links and hidden ones are not among them."""
    try:
        with os.scandir(parent) as entries:
            return sorted(
                e.name
                for e in entries
                if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")
            )
    except OSError:
        return []


def students(course: Course) -> list[str]:
    """Everyone who has a folder in submitted/, whatever is in it."""
    return [name for name in folders(course.submitted) if fit_name(name)]


def units_with_submissions(course: Course, units: list[str]) -> list[str]:
    """Those of `units` that anyone has a folder for. Raises UserError when there are none."""
    found = [
        unit
        for unit in units
        if any(is_folder(course.submitted / name / unit) for name in students(course))
    ]
    if not found:
        raise UserError(
            f"There are no submissions in {course.submitted}.",
            "Put each student's notebook at submitted/<student>/<unit>/<unit>.ipynb.",
        )
    return found


def is_folder(path: Path) -> bool:
    """Whether it is seen to be a folder: what lies in one that cannot be read is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def fit_name(name: str) -> bool:
    """Whether a folder's name can be a student's id: printable, and not too long."""
    return len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()


def left_out(course: Course) -> list[str]:
    """What lies in submitted/ and is nobody's folder, in words."""
    found = []
    with os.scandir(course.submitted) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            hidden = entry.name.startswith(".")
            if hidden and (not entry.is_dir() or entry.name == ".ipynb_checkpoints"):
                continue
            if entry.is_symlink():
                found.append(f"{line(entry.name)}: a symbolic link, which is not followed")
            elif entry.is_dir() and (hidden or not fit_name(entry.name)):
                found.append(f"{line(entry.name)}: a name that cannot be a student's id")
            elif not entry.is_dir():
                found.append(f"{line(entry.name)}: a file outside of any student's folder")
    return found


def collect(
    course: Course, unit: str, only: list[str] | None = None, barrier: Barrier | None = None
) -> list[Submission]:
    """The submissions of a unit, sorted by student. Raises UserError when there are none."""
    everyone = students(course)
    unknown = [name for name in only or [] if name not in everyone]
    if unknown:
        raise UserError(
            f"There is no submission of {', '.join(unknown)} in {course.submitted}.",
            f"The folders there are: {', '.join(everyone[:20]) or 'none'}.",
        )
    barrier = barrier or Barrier()
    found = []
    for name in only or everyone:
        with barrier.around(name, "its folder was read") as met:
            found.append(look(course, name, unit))
        if met.reason:
            found.append(Submission(name, unit, None, met.reason, status=Status.NEEDS_PERSON))
    if all(submission.missing for submission in found):
        raise UserError(
            f"There are no submissions of {unit} in {course.submitted}.",
            f"Put each student's notebook at submitted/<student>/{unit}/{unit}.ipynb.",
        )
    return found


def look(course: Course, student: str, unit: str) -> Submission:
    """What one student handed in for one unit."""
    folder = course.submitted / student / unit
    if folder.is_symlink():
        return Submission(student, unit, None, "the folder is a symbolic link")
    if not folder.is_dir():
        return Submission(student, unit, None)
    timestamp, remarks = read_timestamp(folder / "timestamp.txt")
    right = folder / f"{unit}.ipynb"
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(".ipynb"))
    others = [name for name in names if name != right.name]
    if right.name in names:
        if others:
            remarks += (f"there were other notebooks beside it: {line(', '.join(others))}",)
        return Submission(student, unit, right, "", remarks, timestamp)
    if len(others) == 1:
        remarks += (f"the file was named {line(others[0])}",)
        return Submission(student, unit, folder / others[0], "", remarks, timestamp)
    if others:
        problem = f"there are {len(others)} notebooks, and none is named {right.name}"
    else:
        problem = f"there is no notebook in the folder, where {right.name} belongs"
    return Submission(student, unit, None, problem, remarks, timestamp)


def read_file(file: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of an ordinary file. Raises Unfit for a link, a device, or a huge one."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if file.is_symlink():
            raise Unfit("the file is a symbolic link")
        with os.fdopen(os.open(file, flags), "rb") as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Unfit("the file is no ordinary file")
            if about.st_size > most:
                size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most} bytes"
                raise Unfit(f"the file is larger than {size}")
            return stream.read(most + 1)
    except OSError as error:
        raise Unfit(f"the file cannot be read: {error.strerror}") from error


def read_timestamp(file: Path) -> tuple[datetime | None, tuple[str, ...]]:
    """When it was handed in, in UTC without a zone as nbgrader keeps it; a remark if unreadable."""
    if not file.exists() and not file.is_symlink():
        return None, ()
    try:
        data = read_file(file, 1000)
    except Unfit as problem:
        return None, (f"its timestamp.txt cannot be read: {problem}",)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    try:
        return timestamps.parse(text), ()
    except ValueError:
        told = f"‘{line(text, 60)}’" if line(text) else "it is empty"
        return None, (f"its timestamp.txt cannot be read as a time: {told}",)
