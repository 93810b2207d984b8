"""The steps from a source to the instructor's notebook."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from autograder.build import build_unit
from autograder.build.release import to_text
from autograder.build.source import read_source
from autograder.build.steps import cell_ids, instructor, number_exercises
from autograder.course import Course, read_unit, tags_of

UNIT = "01_tiny"


def source_of(course: Course) -> NotebookNode:
    return read_source(course.source / f"{UNIT}.py").notebook


def test_ids_depend_on_nothing_but_the_source(course: Course) -> None:
    first, second = (cell_ids(source_of(course), UNIT) for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)
    assert first[:6] == [
        *("01-title-1", "01-setup-1", "01-section-1", "01-predict-1"),
        *("exercise-double", "double"),
    ]


def test_a_step_leaves_its_argument_alone(course: Course) -> None:
    source = source_of(course)
    before = copy.deepcopy(source)
    instructor(source, course, UNIT)
    assert source == before


def test_the_same_source_gives_the_same_text(course: Course) -> None:
    texts = {to_text(instructor(source_of(course), course, UNIT)) for _ in range(3)}
    assert len(texts) == 1


def test_an_exercise_says_its_number_difficulty_points_and_time(course: Course) -> None:
    text = next(c for c in build_unit(course, UNIT).released.cells if c.id == "exercise-mean")
    assert text.source.startswith(
        "### Exercise 2 · Mean of the columns\n\n●●○ · 2 points · about 3 minutes\n\n"
    )


def test_a_unit_can_be_read_from_the_instructors_notebook(course: Course) -> None:
    unit = read_unit(UNIT, build_unit(course, UNIT).instructor)
    assert [(e.id, e.title, e.points) for e in unit.exercises] == [
        ("double", "Double", 3.0),
        ("mean", "Mean of the columns", 2.0),
    ]
    assert unit.points == 7


def test_the_title_has_its_badge_points_and_minutes(course: Course) -> None:
    title = build_unit(course, UNIT).released.cells[0].source
    address = "github/somebody/somewhere/blob/spring/notebooks/01_tiny/01_tiny.ipynb"
    assert address in title
    assert "7 points, about 10 minutes" in title
    assert "{{" not in title


def test_the_setup_cell_installs_from_the_courses_own_repository(course: Course) -> None:
    setup = next(c for c in build_unit(course, UNIT).released.cells if "setup" in tags_of(c))
    assert "git+https://github.com/somebody/somewhere@spring#subdirectory=lessonkit" in setup.source
    assert "nbval-ignore-output" in setup.metadata.tags


def test_cells_for_seeds_are_in_no_notebook(course: Course) -> None:
    path = course.source / f"{UNIT}.py"
    more = '\n# %% tags=["seeds"]\nTHRESHOLDS = {}\nMEASURED_HERE = 1\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    built = build_unit(course, UNIT)
    for notebook in (built.instructor, built.released, built.solution):
        assert "MEASURED_HERE" not in to_text(notebook)


def test_exercises_without_number_stay_what_they_are() -> None:
    from nbformat.v4 import new_markdown_cell, new_notebook

    notebook = new_notebook(cells=[new_markdown_cell("### Reveal")])
    assert number_exercises(notebook) == notebook
