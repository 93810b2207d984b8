"""The student's notebook, and nbgrader's opinion of it."""

from __future__ import annotations

import subprocess
import sys

from autograder.build import build_unit
from autograder.build.release import CODE_STUB, TEXT_STUB, to_text
from autograder.course import Course, is_solution, is_test, is_written
from autograder.regions import HIDDEN_TESTS, SOLUTION, without, without_marks

UNIT = "01_tiny"


def test_solutions_and_hidden_tests_are_taken_out(course: Course) -> None:
    text = to_text(build_unit(course, UNIT).released)
    assert "CANARY" not in text
    assert "return 2 * x" not in text
    assert "Marking:" not in text
    for cell in build_unit(course, UNIT).released.cells:
        if is_solution(cell):
            assert CODE_STUB.splitlines()[-1] in cell.source
        if is_written(cell):
            assert cell.source.endswith(TEXT_STUB)


def test_test_cells_are_locked(course: Course) -> None:
    for cell in build_unit(course, UNIT).released.cells:
        if is_test(cell):
            assert cell.metadata.editable is False
            assert cell.metadata.deletable is False


def test_nbgrader_generate_assignment_gives_the_same_bytes(built: Course) -> None:
    ours = (built.notebooks / UNIT / f"{UNIT}.ipynb").read_bytes()
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", UNIT, "--force"]
    subprocess.run(command, cwd=built.root, check=True, capture_output=True)
    assert (built.notebooks / UNIT / f"{UNIT}.ipynb").read_bytes() == ours
    assert (built.root / "gradebook.db").is_file()


def test_the_solution_keeps_visible_tests_and_no_markers(course: Course) -> None:
    text = to_text(build_unit(course, UNIT).solution)
    assert "a small example" in text
    assert "CANARY" not in text
    assert "BEGIN" not in text


def test_markers_and_hidden_tests_go_line_by_line() -> None:
    source = "a\n    ### BEGIN SOLUTION\n    b\n    ### END SOLUTION\nc"
    assert without_marks(source, SOLUTION) == "a\n    b\nc"
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc"
    assert without(source, HIDDEN_TESTS) == "a\nc"
