"""The exam behind the same seam: the same points, and nothing to be found on the student's side."""

from __future__ import annotations

import json

import pytest
from classroom import ANSWER, RIGHT, Classroom, cell
from plugins.isolation import need_isolation

from autograder.build.release import prepare
from autograder.engines.choose import choose_engine
from autograder.engines.notebook import execute
from autograder.errors import UserError
from autograder.intake.notebook.restore import restore
from autograder.model import Execution, Limits, Status, Task

LIMITS = Limits(cell_seconds=30, notebook_seconds=200, memory=1500)


@pytest.fixture(scope="module", autouse=True)
def isolating() -> None:
    need_isolation()


def run(built: Classroom, engine: str, double: str, mean: str = RIGHT["mean"]) -> Execution:
    data = json.dumps(built.notebook(ANSWER, double=double, mean=mean)).encode()
    restored = restore(prepare(built.instructor), data)
    return execute(Task("somebody", "unit", restored.notebook, LIMITS), engine)


@pytest.mark.parametrize(
    "double",
    [
        RIGHT["double"],
        "def double(x):\n    return x + 2",
        "def double(x):\n    raise ValueError",
        "import numpy as np\ndef double(x):\n    return np.array([2.0, 4.0])",
        "import warnings\nwarnings.warn('!')\ndef double(x):\n    print('hm')\n    return 2 * x",
        "def double(x):\n    return [2 * v for v in x]",
        "1 / 0",
    ],
)
def test_both_engines_give_the_same_points_and_diagnoses(built, double):
    stock, exam = (run(built, engine, double) for engine in ("stock", "exam"))
    assert [(v.points, v.status, v.diagnosis) for v in stock.verdicts] == [
        (v.points, v.status, v.diagnosis) for v in exam.verdicts
    ]
    assert stock.status == exam.status


def test_a_death_costs_one_exercise_and_has_a_name(built):
    execution = run(built, "exam", "import os\nos._exit(7)")
    assert execution.status is Status.GRADED
    assert "exit(7)" in execution.verdicts[0].message
    assert [v.points for v in execution.verdicts] == [0, 2, 0]


def test_a_death_during_a_test_costs_that_test_alone(built):
    execution = run(built, "exam", "import os\ndef double(x):\n    os._exit(7)")
    assert [v.points for v in execution.verdicts] == [0, 2, 0]
    assert any("exit(7)" in remark for remark in execution.remarks)


CLOSES_THE_BELL = """
import os, socket
closed = []
for fd in range(3, 256):
    try:
        with socket.socket(fileno=os.dup(fd)) as copy:
            if copy.getsockname() == copy.getpeername() == "":
                os.close(fd)
                closed.append(fd)
    except OSError:
        pass
def double(x):
    return 2 * x
print("closed", len(closed))
"""


def test_who_cuts_the_line_to_the_exam_is_told_that_nobody_answers(built):
    """The kernel lives. It is ended; in the fresh one the same cell cuts the line again."""
    execution = run(built, "exam", CLOSES_THE_BELL)
    shown = cell(json.loads(execution.notebook), "double")["outputs"]
    assert shown[0]["text"].startswith("closed ")
    assert shown[0]["text"] != "closed 0\n"
    assert [v.points for v in execution.verdicts] == [0, 0, 0]
    assert (
        "[crashed] While your work was tested, the kernel did not answer."
        in execution.verdicts[0].message
    )
    assert any("the kernel did not answer" in remark for remark in execution.remarks)


def test_tests_and_the_course_are_out_of_the_students_reach(built):
    look = f"""
import gc, os
found = [str(o) for o in gc.get_objects() if isinstance(o, str) and "CANARY" + "-01" in o]
seen = os.path.exists({str(built.course.root)!r})
from IPython import get_ipython
old = "".join(map(str, get_ipython().history_manager.input_hist_raw))
def double(x):
    return 2 * x
print("looked:", found, seen, "CANARY" + "-01" in old)
"""
    execution = run(built, "exam", RIGHT["double"], RIGHT["mean"] + look)
    notebook = json.loads(execution.notebook)
    shown = "".join(o.get("text", "") for o in cell(notebook, "mean")["outputs"])
    assert "looked: [] False False" in shown
    assert sum(v.points for v in execution.verdicts) == 5


def test_an_engine_that_does_not_exist_is_an_error():
    with pytest.raises(UserError, match="steam"):
        choose_engine("steam")
