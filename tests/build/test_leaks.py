"""The leak check has teeth: a planted leak is found wherever it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.build import Built, build_unit
from autograder.build.leaks import LONG, holds, leaks, secrets
from autograder.build.release import to_text
from autograder.build.source import read_source
from autograder.build.steps import instructor
from autograder.build.unit import leaking
from autograder.course import Course

ROOT = Path(__file__).parents[2]
UNIT = "01_tiny"
HIDDEN = "x = np.array([-3.0, 0.5, 7.0])  # CANARY-01-double"


@pytest.fixture
def unit(course: Course) -> Built:
    return build_unit(course, UNIT)


def found(unit: Built, notebook: NotebookNode) -> list[tuple[str, str]]:
    return [
        (place, secret.line)
        for place, secret in leaks(json.dumps(notebook), secrets(unit.instructor))
    ]


def test_the_released_notebook_leaks_nothing(unit: Built) -> None:
    assert found(unit, unit.released) == []
    assert leaking(unit) == []


def test_every_line_of_a_solution_and_a_hidden_test_is_a_secret(unit: Built) -> None:
    lines = {secret.line for secret in secrets(unit.instructor)}
    assert {"return 2 * x", "return X.mean(axis=0)", HIDDEN} <= lines
    assert any(line.startswith("Axis 0 counts the samples") for line in lines)


def test_the_instructors_notebook_leaks_all_of_it(unit: Built) -> None:
    assert {line for _, line in found(unit, unit.instructor)} == {
        secret.line for secret in secrets(unit.instructor)
    }


def test_a_leak_in_a_cell_is_found(unit: Built) -> None:
    unit.released.cells[6].source += f"\n{HIDDEN}"
    assert found(unit, unit.released) == [("double-values", HIDDEN)]


def test_a_leak_in_metadata_is_found(unit: Built) -> None:
    unit.released.metadata["backup"] = {"cell": ["def double(x):\n", "    return 2 * x\n"]}
    assert found(unit, unit.released) == [("metadata", "return 2 * x")]


def test_a_leak_in_an_output_is_found(unit: Built) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"--> 2 {HIDDEN}"]}
    unit.released.cells[6].outputs = [error]
    assert found(unit, unit.released) == [("double-values", HIDDEN)]


def test_a_leak_in_other_spacing_is_found(unit: Built) -> None:
    unit.released.cells[
        2
    ].source += "\nWrite return X.mean(axis=0)\nx  =  np.array([-3.0, 0.5,\n7.0])"
    assert found(unit, unit.released) == [("01-section-1", "return X.mean(axis=0)")]
    unit.released.cells[2].source += f"\n{HIDDEN.replace(' ', '   ')}"
    assert ("01-section-1", HIDDEN) in found(unit, unit.released)


def test_a_hidden_test_in_the_solution_is_found(unit: Built) -> None:
    unit.solution.cells[6].source += f"\n{HIDDEN}"
    assert [HIDDEN in finding.what for finding in leaking(unit)] == [True]
    assert "the solution" in leaking(unit)[0].what


def test_code_that_is_visible_anyway_is_no_secret(course: Course) -> None:
    path = course.source / f"{UNIT}.py"
    text = path.read_text(encoding="utf-8")
    shown = text.replace("print(", "def twice(x):\n    return 2 * x\n\nprint(")
    path.write_text(shown, encoding="utf-8")
    unit = build_unit(course, UNIT)
    assert "return 2 * x" not in {secret.line for secret in secrets(unit.instructor)}


def test_a_piece_of_a_visible_line_is_no_secret(course: Course) -> None:
    path = course.source / f"{UNIT}.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("print(", "numbers = sorted([3, 1, 2])[0]\nprint(")
    own = "numbers = sorted([3, 1, 2])\nothers = sorted([6, 4, 5])\n"
    text = text.replace("### BEGIN HIDDEN TESTS\n", f"### BEGIN HIDDEN TESTS\n{own}", 1)
    path.write_text(text, encoding="utf-8")
    lines = {secret.line for secret in secrets(build_unit(course, UNIT).instructor)}
    assert "numbers = sorted([3, 1, 2])" not in lines
    assert "others = sorted([6, 4, 5])" in lines


def test_what_students_get_on_disk_leaks_nothing(unit: Built, built_course: Course) -> None:
    text = (built_course.notebooks / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8")
    assert text == to_text(unit.released)
    assert leaks(text, secrets(unit.instructor)) == []


def test_the_students_toolkit_holds_no_solution_of_the_course() -> None:
    course = Course.find(ROOT)
    toolkit = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "lessonkit").rglob("*.py"))
    for name in course.units:
        notebook = instructor(read_source(course.source / f"{name}.py").notebook, course, name)
        lines = {secret.line for secret in secrets(notebook) if len(secret.line) >= LONG}
        assert [line for line in lines if holds(toolkit, line, prose=True)] == []
