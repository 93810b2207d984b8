"""The classes that both sides grade: courses on disk, with submissions made from a unit's answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from autograder.build.answers import read_answers
from autograder.build.unit import build_unit
from autograder.course import Course, is_solution, nbgrader_of
from autograder.prove.submissions import filled

Notebook = dict[str, Any]


def mixed_class(course: Course, unit: str, size: int) -> dict[str, Notebook]:
    """student -> notebook: a third flawless, a third with one exercise right in another way, a third
    with mistakes in every other exercise."""
    built = build_unit(course, unit)
    exercises = [nbgrader_of(c)["grade_id"] for c in built.released.cells if is_solution(c)]
    known: dict[str, dict[str, list[str]]] = {"right": {}, "wrong": {}}
    for answer in read_answers(course, unit):
        known[answer.kind].setdefault(answer.exercise, []).append(answer.code)
    codes = {
        f"s{number:04}": (
            {},
            another_way(exercises, known["right"], number // 3),
            mistakes(exercises, known["wrong"], number // 3),
        )[number % 3]
        for number in range(size)
    }
    return {s: filled(built.released, built.instructor, own) for s, own in codes.items()}


def another_way(exercises: list[str], right: dict[str, list[str]], turn: int) -> dict[str, str]:
    exercise = [e for e in exercises if e in right][turn % len(right)]
    return {exercise: right[exercise][-1]}


def mistakes(exercises: list[str], wrong: dict[str, list[str]], turn: int) -> dict[str, str]:
    return {
        exercise: wrong[exercise][turn % len(wrong[exercise])]
        for place, exercise in enumerate(exercises)
        if exercise in wrong and (place + turn) % 2 == 0
    }


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
