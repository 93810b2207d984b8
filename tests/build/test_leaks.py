"""The leak check has teeth: a planted leak is found wherever it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.build import Built, build_unit
from autograder.build.leaks import leaks, secrets
from autograder.build.release import to_text
from autograder.build.unit import leaking, leaking_toolkit, mistakes, toolkit
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


# What is planted in the toolkit, the line of the planted text that a finding points to, the secret.
PLANTED = {
    "code": ("def twice(x):\n    return 2 * x\n", 2, "return 2 * x"),
    "a comment": (f"# {HIDDEN}\n", 1, HIDDEN),
    "a docstring": (f'"""Numbers.\n\nSuch as {HIDDEN}\n"""\n', 3, HIDDEN),
    "a text": ("TEXT = 'return X.mean(axis=0)'\n", 1, "return X.mean(axis=0)"),
    "other spacing": ("\n\nx  =  np.array([-3.0,  0.5, 7.0])  #  CANARY-01-double\n", 3, HIDDEN),
    "two lines": ("x = np.array([-3.0,\n    0.5, 7.0])  # CANARY-01-double\n", 1, HIDDEN),
    "a written answer": (
        "NOTE = 'Axis 0 counts the samples, and the mean of a column is taken over them.'\n",
        1,
        "Axis 0 counts the samples, and the mean of a column is taken over them.",
    ),
}


@pytest.mark.parametrize("file", ["lessonkit/data/new.py", "lessonkit/notes.md"])
@pytest.mark.parametrize("kind", PLANTED)
def test_a_leak_planted_in_the_toolkit_stops_the_build(
    course: Course, kind: str, file: str
) -> None:
    text, line, secret = PLANTED[kind]
    path = course.root / file
    path.parent.mkdir(parents=True)
    path.write_text(f'"""A module."""\n{text}', encoding="utf-8")
    findings, built = mistakes(course, UNIT)
    assert built is None
    assert [(found.file, found.line) for found in findings] == [(file, line + 1)]
    assert secret in findings[0].what
    assert "source/01_tiny.py:" in findings[0].what
    assert "another way" in findings[0].hint


def test_what_every_program_writes_is_no_leak(course: Course) -> None:
    lines = ["rng = np.random.default_rng(seed)", "with torch.no_grad():", "    pass"]
    path = course.source / f"{UNIT}.py"
    own = "".join(f"    {line}\n" for line in lines)
    text = path.read_text("utf-8").replace("    return 2 * x\n", f"{own}    return 2 * x\n")
    path.write_text(text, "utf-8")
    (course.root / "lessonkit").mkdir()
    (course.root / "lessonkit" / "points.py").write_text("\n".join(lines), "utf-8")
    findings, built = mistakes(course, UNIT)
    assert findings == []
    assert built is not None
    assert set(lines[:2]) <= {secret.line for secret in secrets(built.instructor)}


def test_the_students_toolkit_holds_no_solution_of_the_course() -> None:
    course = Course.find(ROOT)
    files = toolkit(course)
    assert {"lessonkit/check/score.py", "lessonkit/data/points.py"} <= set(files)
    compared = 0
    for name in course.units:
        built = build_unit(course, name)
        compared += len(secrets(built.instructor))
        assert leaking_toolkit(built, files) == []
    assert compared > 1000
