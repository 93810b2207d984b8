"""The gradebook in PostgreSQL: named in one place, lost and found again, told of in clear words.

Recording and resuming themselves are in test_recording.py and test_stopping.py, for both databases.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from classroom import RIGHT, UNIT, Classroom
from databases import PostgreSQL
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from traitlets.config.loader import PyFileConfigLoader

from autograder.demo import set_up
from autograder.errors import UserError
from autograder.grading.options import Options
from autograder.grading.run import Step, grade
from autograder.model import Status
from autograder.records.gradebook import open_gradebook

pytestmark = pytest.mark.thorough

in_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")


def configured(room: Classroom, url: str) -> None:
    """The line that an instructor writes."""
    config = room.course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}\n")


def after(steps: int, then: Callable[[], None]) -> Callable[[Step], None]:
    """A progress that does something once, after so many submissions."""
    settled: list[Step] = []

    def progress(step: Step) -> None:
        settled.append(step)
        if len(settled) == steps:
            then()

    return progress


@in_postgresql
def test_one_setting_names_the_gradebook_for_nbgrader_and_for_us(room: Classroom) -> None:
    room.hand_in_right("ann")
    room.grade()
    assert not (room.course.root / "gradebook.db").exists()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(room.course.root)).load_config()
    theirs = NbGraderAPI(CourseDirectory(config=config), config=config)
    (student,) = theirs.get_submissions(UNIT)
    assert (student["student"], student["score"], student["autograded"]) == ("ann", 5, True)


def test_without_a_setting_it_is_where_nbgrader_would_look(room: Classroom) -> None:
    ours = room.course.gradebook
    assert ours == CourseDirectory(root=str(room.course.root)).db_url
    (room.course.root / "nbgrader_config.py").unlink()
    assert room.course.gradebook == ours


@in_postgresql
def test_a_server_lost_in_mid_run_costs_nothing_that_is_recorded(
    room: Classroom, postgresql: PostgreSQL
) -> None:
    for number in range(4):
        room.hand_in_right(f"s{number}")
    options = Options(engine="stock", workers=1)
    try:
        with pytest.raises(UserError, match="cannot be used") as told:
            grade(room.course, UNIT, options, after(2, postgresql.stop))
    finally:
        postgresql.start()
    assert "db_url" in told.value.hint
    again: list[Step] = []
    found = grade(room.course, UNIT, options, again.append)
    assert [step.ran for step in again].count(False) == 2
    assert {result.points for result in found} == {5}


@in_postgresql
def test_characters_that_it_cannot_hold_cost_nobody_anything(room: Classroom) -> None:
    strange = "def double(x):\n    raise ValueError('\\0 \\ud800 \\x1b[31m')"
    room.hand_in_right("strange", double=strange)
    room.hand_in_right("deep", double=f"raise SystemExit('\\0')\n{RIGHT['double']}")
    found = room.grade()
    assert found["strange"].points == 2
    assert {result.status for result in found.values()} <= {Status.GRADED, Status.FAILED}
    with Gradebook(room.course.gradebook) as gradebook:
        assert {s.student.id for s in gradebook.assignment_submissions(UNIT)} == set(found)


@pytest.mark.parametrize("url", ["postgresql+pg8000://me@localhost/course", "postgres://x", "x"])
def test_a_url_that_nothing_here_understands_is_said_so(room: Classroom, url: str) -> None:
    configured(room, url)
    with pytest.raises(UserError, match="database") as told, open_gradebook(room.course):
        pass
    assert "psycopg[binary]" in told.value.hint


@in_postgresql
def test_a_server_that_does_not_answer_is_said_so_without_its_password(room: Classroom) -> None:
    there = make_url(room.course.gradebook)
    wrong = there.set(password="hunter2", database="nowhere")
    configured(room, wrong.render_as_string(hide_password=False))
    with pytest.raises(UserError, match="nowhere") as told, open_gradebook(room.course):
        pass
    assert "hunter2" not in str(told.value) + told.value.hint


def test_a_fault_in_the_configuration_is_said_so(room: Classroom) -> None:
    (room.course.root / "nbgrader_config.py").write_text("c = get_config()\nc.Course.db_url = (")
    with pytest.raises(UserError, match=r"nbgrader_config\.py cannot be read: SyntaxError"):
        _ = room.course.gradebook


@in_postgresql
def test_a_demo_keeps_out_of_the_gradebook(room: Classroom) -> None:
    stage = set_up(room.course, UNIT)
    assert stage.gradebook == f"sqlite:///{stage.root / 'gradebook.db'}"
