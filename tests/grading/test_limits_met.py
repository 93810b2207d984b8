"""Each limit can be set, holds for a submission that goes beyond it, and is named in what comes back."""

from __future__ import annotations

import json
import sys
from dataclasses import fields

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom
from plugins.isolation import need_isolation
from test_nbgrader import nbgrader

from autograder.build.release import prepare
from autograder.cli import main
from autograder.engines.notebook import execute
from autograder.errors import UserError
from autograder.intake.notebook.restore import restore
from autograder.limits import LimitTraits, limits_from
from autograder.model import Execution, Limits, Status, Task
from autograder.records.gradebook import enter_unit, open_gradebook
from autograder.records.standing import standing
from autograder.sandbox import shared_parent

BEYOND = {  # word -> what a student's `double` does to go beyond that limit
    "cell_seconds=2": "while True: pass",
    "cpu_seconds=1": "while True: pass",
    "memory=256": "return np.ones(1 << 30)",
    "processes=30": "[Thread(target=time.sleep, args=(9,), daemon=True).start() for _ in range(99)]\ntime.sleep(5)",
    "file_size=1": "open('large', 'wb').write(bytes(2 << 20))",
    "scratch=3": "[open(str(n), 'wb').write(bytes(1 << 20)) for n in range(9)]",
}
IMPORTS = "import time\nimport numpy as np\nfrom threading import Thread\n"


@pytest.fixture(scope="module", autouse=True)
def isolating() -> None:
    need_isolation()
    for isolate in (True, False):  # so that no test's time goes into their start
        shared_parent(isolate)


def run(built: Classroom, engine: str, limits: Limits, double: str) -> Execution:
    """Grade a submission with this answer to `double`, and a right one to `mean`."""
    handed_in = json.dumps(built.notebook(ANSWER, double=double, mean=RIGHT["mean"])).encode()
    restored = restore(prepare(built.instructor), handed_in)
    return execute(Task("somebody", UNIT, restored.notebook, limits), engine)


@pytest.mark.parametrize(
    ("engine", "word"),
    [("exam", word) for word in BEYOND]
    + [("exam-process", word) for word in BEYOND if "scratch" not in word],  # not limited there
)
def test_a_test_that_meets_a_limit_names_it_and_costs_that_exercise_alone(built, engine, word):
    name = word.partition("=")[0]
    limits = limits_from(["cell_seconds=20", word])
    body = BEYOND[word].replace("\n", "\n    ")
    execution = run(built, engine, limits, f"{IMPORTS}def double(x):\n    {body}")
    double, mean, _ = execution.verdicts
    assert (double.points, mean.points) == (0, 2)
    assert limits.told(name) in double.message
    assert any(limits.told(name) in remark for remark in execution.remarks)


@pytest.mark.parametrize("engine", ["exam", "exam-process", "stock"])
def test_an_answer_that_goes_on_for_ever_names_the_limit_of_a_cell(built, engine):
    limits = Limits(cell_seconds=2)
    execution = run(built, engine, limits, "while True: pass")
    assert execution.status is Status.GRADED
    assert "did not come to its end in time" in execution.verdicts[0].message
    assert any("cell time limit (2 seconds)" in remark for remark in execution.remarks)


def test_a_notebook_that_takes_too_long_names_its_limit_and_the_rest_is_not_tested(built):
    execution = run(built, "exam", Limits(notebook_seconds=3), "while True: pass")
    assert "notebook time limit (3 seconds)" in execution.reason
    assert [v.status for v in execution.verdicts[:2]] == [Status.SKIPPED] * 2
    assert "notebook time limit (3 seconds)" in execution.verdicts[1].message


@pytest.mark.parametrize("engine", ["exam", "exam-process", "stock"])
def test_too_much_output_is_cut_and_named_and_costs_nothing(built, engine):
    chatter = "\nprint('x' * (3 << 20))"
    execution = run(built, engine, Limits(output=1), RIGHT["double"] + chatter)
    assert [v.points for v in execution.verdicts[:2]] == [3, 2]
    assert any("output limit (1 MiB)" in remark for remark in execution.remarks)
    assert len(execution.notebook) < 2 << 20


@pytest.mark.parametrize("engine", ["exam", "exam-process"])
def test_a_kernel_that_a_limit_ended_names_it(built, engine):
    execution = run(built, engine, Limits(cpu_seconds=1), "while True: pass")
    assert execution.status is Status.GRADED
    assert "ended its kernel" in execution.verdicts[0].message
    assert any("CPU limit (1 seconds)" in remark for remark in execution.remarks)


def test_every_limit_is_set_by_a_word_and_by_a_trait():
    names = [each.name for each in fields(Limits)]
    assert limits_from(f"{name}=7" for name in names) == Limits(*[7] * len(names))
    assert LimitTraits().limits == Limits()
    assert LimitTraits(**dict.fromkeys(names, 7)).limits == Limits(*[7] * len(names))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("memroy=5", "no limit 'memroy=5'"),
        ("memory", "'memory' sets no limit"),
        ("memory=2.5", "memory=2.5 is no limit"),
        ("memory=", "memory= is no limit"),
        ("output=0", "output=0 is no limit"),
        ("cell_seconds=nan", "cell_seconds=nan is no limit"),
        ("cell_seconds=-1", "cell_seconds=-1 is no limit"),
    ],
)
def test_what_is_no_limit_is_an_error_that_says_so(word, said):
    with pytest.raises(UserError, match=said):
        limits_from([word])


LARGE = IMPORTS + "def double(x):\n    return np.ones(1 << 30)"


@pytest.fixture
def configured(room: Classroom) -> Classroom:
    """A course whose nbgrader_config.py sets a limit, and a submission that goes beyond it."""
    room.hand_in("large", room.notebook(ANSWER, double=LARGE))
    with (room.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.ExecuteInExam.memory = 256\n")
    return room


@pytest.mark.parametrize(
    ("words", "told"), [((), "256 MiB"), (("--limit", "memory=200"), "200 MiB")]
)
def test_grade_takes_limits_from_the_configuration_and_then_from_options(
    configured, monkeypatch, capsys, words, told
):
    monkeypatch.chdir(configured.course.root)
    words = ["--limit", "cpu-seconds=60", "--cell-seconds", "20", *words]
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", "--json", "--workers", "1", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert f"memory limit ({told})" in capsys.readouterr().out


def test_nbgraders_autograde_takes_limits_from_the_configuration(configured):
    with open_gradebook(configured.course) as gradebook:
        enter_unit(gradebook.db, UNIT, prepare(configured.instructor))
        gradebook.db.commit()
    nbgrader(configured, "autograde", UNIT)
    rows = {row.student: row for row in standing(configured.course, UNIT).rows}
    assert "memory limit (256 MiB)" in rows["large"].marks["double-values"].message
