"""A class that hands in, for trying everything out: `autograder demo`.

Its submissions are made from a unit's own answers (`source/answers/`) and from what happens in every
class: a file cut short, a loop without end, a copied cell, lost metadata, a wrong file name. It has
a course folder of its own, `demo/`, in which every command works; the course itself is left alone.
"""

from __future__ import annotations

import copy
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder import build
from autograder.build.answers import Answer, read_answers
from autograder.build.unit import Built, build_unit
from autograder.course import Course, is_solution, is_test, is_written, nbgrader_of
from autograder.errors import UserError
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits
from autograder.prove.submissions import filled, perfect, untouched
from autograder.reports.bar import grading_bar
from autograder.reports.class_table import class_table, figures
from autograder.reports.export import write_export
from autograder.reports.feedback import write_feedback
from autograder.reports.report import write_report

LIMITS = Limits(cell_seconds=20, notebook_seconds=90)
MARK = ".made-by-autograder-demo"
Notebook = dict[str, Any]
OWN_GRADEBOOK = """
# The demo's class stays out of the course's gradebook, wherever that is kept.
from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.db_url = f"sqlite:///{Path(__file__).resolve().parent / 'gradebook.db'}"
"""
ENDLESS = "while True:\n    pass"
DEADLY = "import os\n\nos._exit(1)"
WARNS = "import warnings\n\nwarnings.warn('a warning costs nothing')\n\n"


@dataclass(frozen=True)
class HandedIn:
    """One student's file: its name and its bytes."""

    student: str
    data: bytes
    name: str = ""  # the unit's own where empty


def play(course: Course, unit: str, workers: int, engine: str, console: Console) -> None:
    """Make the class, grade it, and say where to look."""
    started = time.monotonic()
    name = course.select([unit])[0]
    stage = set_up(course, name)
    built = build_unit(course, name)
    hand_in(stage, name, handed_in(built, read_answers(course, name)))
    options = Options(workers=workers, engine=engine, limits=LIMITS)
    with grading_bar(name) as settled:
        grade(stage, name, options, settled)
    pages = write_feedback(stage, name)
    file, stand, summary = write_report(stage, name)
    (grades,) = write_export(stage, [name], "csv")
    console.print(class_table(stand), "", figures(summary))
    show_ways(console, course, stage, name, pages, file, grades)
    console.print(f"{len(stand.rows)} students in {time.monotonic() - started:.0f} seconds.")


def show_ways(
    console: Console,
    course: Course,
    stage: Course,
    unit: str,
    pages: list[Path],
    report: Path,
    grades: Path,
) -> None:
    """Where to look, and what to do next."""

    def near(path: Path) -> str:
        return str(path.relative_to(course.root))

    lines = (
        "",
        "[bold]Where to look[/]",
        f"  {near(report)}    how the class did",
        f"  {near(pages[0])}    what one student reads",
        f"  {near(grades)}    grades for a spreadsheet",
        f"  {near(stage.autograded)}/    each notebook as it was run, for the instructor",
        "",
        f"[bold]What to do next[/] (in {near(stage.root)}/, a course of its own)",
        "  autograder grade                    grade again: only what has changed is run",
        f"  autograder export --format canvas   or moodle, gradescope: {unit} for your platform",
        "  jupyter lab                         menu Nbgrader, Formgrader: mark the written answers",
        "",
    )
    for text in lines:
        console.print(text, highlight=False, soft_wrap=True)


def set_up(course: Course, unit: str) -> Course:
    """An empty course in demo/ with the unit built in it. The last demo's files go."""
    stage = Course(course.root / "demo", course.repository, course.branch)
    if stage.root.exists():
        if not (stage.root / MARK).exists():
            raise UserError(
                f"{stage.root} is there, and was not made by a demo.", "Move it away, or rename it."
            )
        shutil.rmtree(stage.root)
    instructor = course.instructor / unit
    if build.stale(course, [unit]) or not instructor.is_dir():
        build.build(course, [unit])
    for folder, kind in (("notebooks", "r"), ("solutions", "r"), (".build/source", "i")):
        source = instructor if kind == "i" else course.root / folder / unit
        shutil.copytree(source, stage.root / folder / unit)
    for path in (f"source/{unit}.py", f"source/answers/{unit}.py", "nbgrader_config.py"):
        if (course.root / path).is_file():
            (stage.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(course.root / path, stage.root / path)
    with (stage.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(OWN_GRADEBOOK)
    (stage.root / MARK).write_text("This folder is thrown away by the next demo.\n")
    return stage


def hand_in(stage: Course, unit: str, files: list[HandedIn]) -> None:
    """Put the class's files where students' files belong; one student hands in nothing."""
    for file in files:
        folder = stage.submitted / file.student / unit
        folder.mkdir(parents=True)
        (folder / (file.name or f"{unit}.ipynb")).write_bytes(file.data)
    (stage.submitted / "zeno").mkdir()


def handed_in(built: Built, answers: list[Answer]) -> list[HandedIn]:
    """The class, from the unit's answers."""
    exercises = [nbgrader_of(c)["grade_id"] for c in built.released.cells if is_solution(c)]
    wrong = by_exercise(answers, "wrong")
    right = by_exercise(answers, "right")
    students = [
        *whole_answers(built, exercises, right),
        *mistakes(built, exercises, wrong),
        *unlucky(built, exercises),
    ]
    return sorted(students, key=lambda file: file.student)


def by_exercise(answers: list[Answer], kind: str) -> dict[str, list[str]]:
    """exercise -> the code of its answers of one kind, in their order."""
    found: dict[str, list[str]] = {}
    for answer in answers:
        if answer.kind == kind:
            found.setdefault(answer.exercise, []).append(answer.code)
    return found


def whole_answers(
    built: Built, exercises: list[str], right: dict[str, list[str]]
) -> Iterator[HandedIn]:
    """Those who have it all right: as in the solution, in other ways, with warnings on the side."""
    yield submitted("amara", with_texts(perfect(built)))
    for student, which in (("ben", 1), ("chidi", 2)):
        codes = {e: right[e][which % len(right[e])] for e in exercises if e in right}
        yield submitted(student, with_texts(fill(built, codes)))
    warned = with_texts(perfect(built))
    for cell in warned["cells"]:
        if is_solution(cell):
            cell["source"] = WARNS + cell["source"]
    yield submitted("dana", warned)


def mistakes(built: Built, exercises: list[str], wrong: dict[str, list[str]]) -> Iterator[HandedIn]:
    """Those who make typical mistakes: each another one in every second or third exercise."""
    for number, student in enumerate(("emil", "farah", "goran", "hana", "ivo")):
        codes = {
            exercise: wrong[exercise][number % len(wrong[exercise])]
            for place, exercise in enumerate(exercises)
            if exercise in wrong and (place + number) % (2 + number % 2) == 0
        }
        yield submitted(student, with_texts(fill(built, codes)))


def unlucky(built: Built, exercises: list[str]) -> Iterator[HandedIn]:
    """What happens in every class."""
    half: dict[str, str | None] = dict.fromkeys(exercises[len(exercises) // 2 :])
    yield submitted("jun", fill(built, half))
    yield submitted("kofi", untouched(built))
    yield submitted("lena", with_texts(fill(built, {exercises[-1]: ENDLESS})))
    yield submitted("mira", with_texts(fill(built, {exercises[0]: DEADLY})))
    whole = submitted("noor", with_texts(perfect(built)))
    yield HandedIn("noor", whole.data[: len(whole.data) // 2])
    yield submitted("otto", copied(with_texts(perfect(built))))
    yield submitted("priya", rebuilt(with_texts(perfect(built))))
    yield HandedIn(
        "quinn", submitted("quinn", with_texts(perfect(built))).data, "homework(1).ipynb"
    )


def fill(built: Built, codes: dict[str, str] | dict[str, str | None]) -> Notebook:
    return filled(built.released, built.instructor, codes)


def with_texts(notebook: Notebook) -> Notebook:
    """With something below each question that is answered in words."""
    for cell in notebook["cells"]:
        if is_written(cell):
            cell["source"] += "\n\nI followed one gradient by hand, and compared it with the check."
    return notebook


def copied(notebook: Notebook) -> Notebook:
    """With a test cell and a solution cell pasted a second time, ids and all."""
    return inserted(inserted(notebook, is_test), is_solution)


def inserted(notebook: Notebook, which: Callable[[Notebook], bool]) -> Notebook:
    cells = notebook["cells"]
    place = next(i for i, cell in enumerate(cells) if which(cell))
    cells.insert(place + 1, copy.deepcopy(cells[place]))
    return notebook


def rebuilt(notebook: Notebook) -> Notebook:
    """As an editor leaves it that rebuilds all cells: no ids, no metadata, another kernel."""
    plain: Notebook = json.loads(json.dumps(notebook))
    plain["metadata"] = {"kernelspec": {"name": "conda-env-ml-py", "display_name": "ML"}}
    plain["nbformat_minor"] = 4
    for cell in plain["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return plain


def submitted(student: str, notebook: Notebook) -> HandedIn:
    return HandedIn(student, json.dumps(notebook, ensure_ascii=False, indent=1).encode())
