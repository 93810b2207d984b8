"""nbgrader's gradebook, opened so that one commit records one submission.

nbgrader's own API commits after each step, so that a crash in between leaves half a submission. We
use its models and its session, and leave the commit to the caller.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from autograder.course import Course, is_solution, is_test, is_written, nbgrader_of
from autograder.errors import UserError
from autograder.intake.notebook.checksums import locked
from autograder.records.results import make_table

WAIT = 30  # seconds that SQLite waits for another program to let go of the gradebook


@contextmanager
def open_gradebook(course: Course, create: bool = True) -> Iterator[Gradebook]:
    """The course's gradebook with our own table in it. Raises UserError for one out of reach."""
    url = course.gradebook
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///").split("?")[0])
        if not create and not file.is_file():
            raise UserError(f"There is no gradebook at {file}.", "Run `autograder grade` first.")
    with opened(url) as gradebook:
        yield gradebook


@contextmanager
def opened(url: str) -> Iterator[Gradebook]:
    """The gradebook at a database URL with our own table in it. Raises UserError likewise."""
    if url.startswith("sqlite:///"):
        url += ("&" if "?" in url else "?") + f"timeout={WAIT}"
    try:
        with mock.patch.object(nbgrader.api, "get_alembic_version", newest_revision):
            gradebook = Gradebook(url)
    except DBAPIError as error:
        raise unreachable(url, error) from error
    except (ArgumentError, ImportError) as error:
        raise UserError(
            f"The gradebook's database cannot be used: {error}.",
            "Check c.CourseDirectory.db_url in nbgrader_config.py; a postgresql:// one needs "
            "`pip install 'psycopg[binary]'`.",
        ) from error
    try:
        make_table(gradebook.engine)
        yield gradebook
    except DBAPIError as error:
        gradebook.db.rollback()
        raise unreachable(url, error) from error
    finally:
        gradebook.close()


def newest_revision() -> str:
    """The version of nbgrader's tables, found in this process: nbgrader starts another, for seconds."""
    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


def unreachable(url: str, error: DBAPIError) -> UserError:
    """A database error in the words of the person at the keyboard; the URL may hold a password."""
    name = make_url(url).database
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no answer"
    if "locked" in text:
        hint = "Another program is writing to it: wait for it, or close it, and run this again."
    elif "full" in text or "No space" in text:
        hint = "The disk is full: make room, and run this again; what was recorded stays recorded."
    elif "readonly" in text or "unable to open" in text:
        hint = "Check that the file and its folder can be written by you."
    elif "not a database" in text or "malformed" in text:
        hint = "The file is damaged: restore it from a backup, or move it away and grade again."
    else:
        hint = "Check the database, and c.CourseDirectory.db_url in nbgrader_config.py."
    return UserError(f"The gradebook cannot be used ({name}): {text}.", hint)


def enter_unit(db: Session, unit: str, prepared: dict[str, Any]) -> UnitRows:
    """Bring the unit's assignment, notebook and cells in the gradebook up to date; no commit.

    Grades and comments of cells that are gone go with them; submissions get rows for new cells.
    """
    assignment = db.query(Assignment).filter_by(name=unit).one_or_none()
    if assignment is None:
        assignment = Assignment(name=unit)
        db.add(assignment)
        db.flush()
    notebook = db.query(Notebook).filter_by(name=unit, assignment_id=assignment.id).one_or_none()
    if notebook is None:
        notebook = Notebook(name=unit, assignment_id=assignment.id)
        db.add(notebook)
    notebook.kernelspec = json.dumps(prepared["metadata"].get("kernelspec", {}))
    db.flush()
    cells = {nbgrader_of(c)["grade_id"]: c for c in prepared["cells"] if nbgrader_of(c)}
    _sources(db, notebook, cells)
    graded = {name: c for name, c in cells.items() if is_test(c) or is_written(c)}
    solved = {name: c for name, c in cells.items() if is_solution(c) or is_written(c)}
    _drop(db, notebook, graded, solved)
    for name, cell in graded.items():
        _cell(
            db,
            GradeCell,
            notebook,
            name,
            max_score=float(nbgrader_of(cell)["points"]),
            cell_type=cell["cell_type"],
        )
    for name in solved:
        _cell(db, SolutionCell, notebook, name)
    db.flush()
    db.expire(notebook)
    rows = _unit_rows(db, notebook)
    for submitted in notebook.submissions:
        _rows(db, rows, submitted.assignment, submitted)
    db.flush()
    return rows


def known_unit(db: Session, unit: str, prepared: dict[str, Any]) -> UnitRows:
    """The unit's rows: as they are where the gradebook has these cells, else brought up to date."""
    notebook = db.scalars(
        select(Notebook)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == unit, Notebook.name == unit)
    ).one_or_none()
    cells = [nbgrader_of(cell) for cell in prepared["cells"] if nbgrader_of(cell)]
    wanted = {meta["grade_id"]: meta.get("checksum") for meta in cells}
    if notebook and wanted == {cell.name: cell.checksum for cell in notebook.source_cells}:
        return _unit_rows(db, notebook)
    return enter_unit(db, unit, prepared)


def _sources(db: Session, notebook: Notebook, cells: dict[str, dict[str, Any]]) -> None:
    known = {cell.name: cell for cell in notebook.source_cells}
    for name in known.keys() - cells.keys():
        db.delete(known[name])
    for name, cell in cells.items():
        row = known.get(name)
        if row is None:
            row = SourceCell(name=name, notebook_id=notebook.id)
            db.add(row)
        row.cell_type, row.source = cell["cell_type"], cell["source"]
        row.locked = locked(nbgrader_of(cell))
        row.checksum = nbgrader_of(cell).get("checksum")


def _drop(db: Session, notebook: Notebook, graded: dict[str, Any], solved: dict[str, Any]) -> None:
    """Delete cells that the unit no longer has, with their grades and comments."""
    for kind, kept, rows in ((GradeCell, graded, Grade), (SolutionCell, solved, Comment)):
        for cell in db.query(kind).filter_by(notebook_id=notebook.id):
            if cell.name not in kept:
                db.query(rows).filter_by(cell_id=cell.id).delete()
                db.delete(cell)
    db.flush()


def _cell(db: Session, kind: Any, notebook: Notebook, name: str, **values: Any) -> None:
    row = db.query(kind).filter_by(notebook_id=notebook.id, name=name).one_or_none()
    if row is None:
        row = kind(name=name, notebook_id=notebook.id, **values)
        db.add(row)
    for key, value in values.items():
        setattr(row, key, value)


@dataclass(frozen=True)
class UnitRows:
    """A unit as the gradebook has it: numbers of its rows, and of its cells by name."""

    assignment_id: str
    notebook_id: str
    graded: dict[str, str]
    solved: dict[str, str]


@dataclass(frozen=True)
class Rows:
    """A student's rows for a unit; grades and comments by their cells' names."""

    submission: SubmittedAssignment
    submitted: SubmittedNotebook
    grades: dict[str, Grade]
    comments: dict[str, Comment]


def _unit_rows(db: Session, notebook: Notebook) -> UnitRows:
    def cells(kind: type[GradeCell] | type[SolutionCell]) -> dict[str, str]:
        found = db.execute(select(kind.name, kind.id).where(kind.notebook_id == notebook.id))
        return {name: number for name, number in found}  # noqa: C416  # a result has `keys` of its own

    return UnitRows(notebook.assignment_id, notebook.id, cells(GradeCell), cells(SolutionCell))


def _rows(
    db: Session, unit: UnitRows, submission: SubmittedAssignment, submitted: SubmittedNotebook
) -> Rows:
    """The rows that are there, and one more, not yet written, for each cell that has none."""
    new = inspect(submitted).transient  # then there is nothing to look for

    def by_name(kind: Any, cells: dict[str, str], known: str) -> dict[str, Any]:
        of_cell = {} if new else {row.cell_id: row for row in getattr(submitted, known)}
        return {
            name: of_cell.get(cell) or kind(cell_id=cell, notebook_id=submitted.id)
            for name, cell in cells.items()
        }

    grades = by_name(Grade, unit.graded, "grades")
    comments = by_name(Comment, unit.solved, "comments")
    db.add_all([submission, submitted, *grades.values(), *comments.values()])
    return Rows(submission, submitted, grades, comments)


def submitters(db: Session, unit: str) -> set[str]:
    """The students of whom the gradebook has a submission for this unit."""
    chosen = select(SubmittedAssignment.student_id).join(
        Assignment, Assignment.id == SubmittedAssignment.assignment_id
    )
    return set(db.scalars(chosen.where(Assignment.name == unit)))


def enter_submission(db: Session, unit: UnitRows, student: str) -> Rows:
    """The student's rows for this unit; no commit, and each is written once, when all is entered."""
    with db.no_autoflush:
        submission = submitted = None
        if db.get(Student, student) is None:
            db.add(Student(id=student))
        else:
            keys = {"assignment_id": unit.assignment_id, "student_id": student}
            submission = db.query(SubmittedAssignment).filter_by(**keys).one_or_none()
        if submission is None:
            submission = SubmittedAssignment(
                id=new_uuid(), assignment_id=unit.assignment_id, student_id=student
            )
        else:
            keys = {"assignment_id": submission.id, "notebook_id": unit.notebook_id}
            submitted = db.query(SubmittedNotebook).filter_by(**keys).one_or_none()
        if submitted is None:
            submitted = SubmittedNotebook(
                id=new_uuid(), assignment_id=submission.id, notebook_id=unit.notebook_id
            )
        return _rows(db, unit, submission, submitted)
