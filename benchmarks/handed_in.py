"""The classes that both sides grade: courses on disk, with submissions made from a unit's answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from autograder.build.answers import read_answers
from autograder.build.unit import Built, build_unit
from autograder.course import Course, is_solution, nbgrader_of
from autograder.prove.answers import filled

Notebook = dict[str, Any]


def mixed_class(course: Course, unit: str, size: int) -> dict[str, Notebook]:
    """student -> notebook: a third flawless, a third right in other ways, a third with a mistake in
    every other exercise."""
    built = build_unit(course, unit)
    answers = read_answers(course, unit)
    exercises = [nbgrader_of(c)["grade_id"] for c in built.released.cells if is_solution(c)]
    known = {
        kind: {
            exercise: [a.code for a in answers if a.exercise == exercise and a.kind == kind]
            for exercise in exercises
        }
        for kind in ("right", "wrong")
    }
    return {f"s{number:04}": hand_in(built, exercises, known, number) for number in range(size)}


def hand_in(
    built: Built, exercises: list[str], known: dict[str, dict[str, list[str]]], number: int
) -> Notebook:
    kind = ("solution", "right", "wrong")[number % 3]
    codes = {
        exercise: known[kind][exercise][number // 3 % len(known[kind][exercise])]
        for place, exercise in enumerate(exercises)
        if kind != "solution"
        and known[kind][exercise]
        and (kind == "right" or (place + number) % 2 == 0)
    }
    return filled(built.released, built.instructor, codes)


def our_course(root: Path, course: Course, unit: str, students: dict[str, Notebook]) -> Course:
    """A course with one unit, as `autograder grade` finds it."""
    stage = Course(root, course.repository, course.branch)
    shutil.copytree(course.instructor / unit, stage.instructor / unit)
    shutil.copytree(course.notebooks / unit, stage.notebooks / unit)
    (root / "source").mkdir()
    shutil.copy(course.root / "source" / f"{unit}.py", root / "source")
    write(stage.submitted, unit, students)
    return stage


def write(folder: Path, unit: str, students: dict[str, Notebook]) -> None:
    for student, notebook in students.items():
        file = folder / student / unit / f"{unit}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(notebook), encoding="utf-8")
