"""Find what was handed in, student by student: the notebook, files beside it, when it came."""

from __future__ import annotations

import codecs
import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.barrier import Barrier
from autograder.course import Course
from autograder.errors import UserError
from autograder.intake.folder import timestamps
from autograder.intake.folder.items import Item, Unfit, read_file, shown_name
from autograder.intake.folder.naming import Kind, kind_of, stem, unit_named
from autograder.intake.folder.search import find, is_folder, listing
from autograder.model import Status
from autograder.text import line

LONGEST_NAME = 128  # what the gradebook holds


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one unit, as it lies there.

    notebook      the file to grade, or None where there is none
    beside        the files that lie beside it
    problem       why there is no notebook; empty if nothing at all was handed in
    status        what to record for a problem
    needs_person  why a person should look at it, although it can be graded
    """

    student: str
    unit: str
    notebook: Item | None = None
    problem: str = ""
    remarks: tuple[str, ...] = ()
    timestamp: datetime | None = None
    status: Status = Status.FAILED
    beside: tuple[Item, ...] = ()
    needs_person: str = ""

    @property
    def missing(self) -> bool:
        return self.notebook is None and not self.problem


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
        if any(is_there(course.submitted / name, unit, course.units) for name in students(course))
    ]
    if not found:
        raise UserError(
            f"There are no submissions in {course.submitted}.",
            "Put each student's notebook at submitted/<student>/<unit>/<unit>.ipynb.",
        )
    return found


def is_there(folder: Path, unit: str, units: list[str]) -> bool:
    """Whether a student's folder holds anything of a unit, as far as it can be read."""
    try:
        return (folder / unit).is_dir() or find(folder, unit, units) is not None
    except OSError:
        return False


def fit_name(name: str) -> bool:
    """Whether a folder's name can be a student's id: printable, and not too long."""
    return len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()


def left_out(course: Course) -> list[str]:
    """What lies in submitted/ and is nobody's, or of no unit, in words."""
    found = []
    for path in listing(course.submitted):
        hidden, name = path.name.startswith("."), shown_name(path.name)
        if hidden and (not path.is_dir() or path.name == ".ipynb_checkpoints"):
            continue
        if path.is_symlink():
            found.append(f"{name}: a symbolic link, which is not followed")
        elif path.is_dir() and (hidden or not fit_name(path.name)):
            found.append(f"{name}: a name that cannot be a student's id")
        elif not path.is_dir():
            found.append(f"{name}: a file outside of any student's folder")
        else:
            with contextlib.suppress(OSError):  # a folder that cannot be read: collecting tells
                found += of_no_unit(path, course.units)
    return found


def of_no_unit(folder: Path, units: list[str]) -> list[str]:
    """What lies in a student's folder and is of no unit, in words."""
    told: list[str] = []
    files: list[str] = []
    loose = False
    for path in listing(folder):
        name = f"{shown_name(folder.name)}/{shown_name(path.name)}"
        unit = unit_named(path.name if is_folder(path) else stem(path.name), units)
        loose = loose or bool(unit and not is_folder(path))
        if path.name in units or kind_of(path.name) is Kind.JUNK:
            continue
        if path.is_symlink():
            told.append(f"{name}: a symbolic link, which is not followed")
        elif not unit and (is_folder(path) or kind_of(path.name) is not Kind.OTHER):
            told.append(f"{name}: of none of the course's units")
        elif not unit:
            files.append(f"{name}: of none of the course's units")
    return told if loose else told + files  # files beside a notebook are used with it


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
        with barrier.around(name, "its folder was read") as unforeseen:
            found.append(look(course, name, unit))
        if unforeseen.reason:
            found.append(
                Submission(name, unit, None, unforeseen.reason, status=Status.NEEDS_PERSON)
            )
    if all(submission.missing for submission in found):
        raise UserError(
            f"There are no submissions of {unit} in {course.submitted}.",
            f"Put each student's notebook at submitted/<student>/{unit}/{unit}.ipynb.",
        )
    return found


def look(course: Course, student: str, unit: str) -> Submission:
    """What one student handed in for one unit. Raises OSError for a folder that cannot be read."""
    folder = course.submitted / student
    found = find(folder, unit, course.units)
    if found is None:
        return Submission(student, unit)
    home = found.notebook.path.parent if found.notebook else folder / unit
    timestamp, remarks = (None, ()) if home.is_symlink() else read_timestamp(home / "timestamp.txt")
    return Submission(
        student,
        unit,
        found.notebook,
        found.problem,
        remarks + found.remarks,
        timestamp,
        Status.NEEDS_PERSON if found.needs_person else Status.FAILED,
        found.beside,
        found.needs_person,
    )


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
