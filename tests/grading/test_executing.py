"""Whatever a student's cell does ends in a verdict, and costs no other exercise its points."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.engines.choose import choose_engine
from autograder.engines.notebook import execute
from autograder.model import Execution, Limits, Status, Task

Cell = dict[str, Any]
QUICK = Limits(cell_seconds=5, notebook_seconds=60, output=1)


def code(source: str, **meta: Any) -> Cell:
    nbgrader = {"schema_version": 3, "locked": False, "solution": False, "grade": False, **meta}
    metadata = {"nbgrader": nbgrader} if meta else {}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}


def answer(name: str, source: str) -> Cell:
    return code(source, grade_id=name, solution=True)


def graded_cell(name: str, source: str, points: float = 2) -> Cell:
    return code(source, grade_id=name, grade=True, locked=True, points=points)


def run(*cells: Cell, limits: Limits = QUICK) -> Execution:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return execute(Task("somebody", "unit", json.dumps(notebook), limits), "stock")


def run_in_exam(*cells: Cell, limits: Limits = QUICK) -> Execution:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return execute(Task("somebody", "unit", json.dumps(notebook), limits), choose_engine("exam"))


def points(execution: Execution) -> dict[str, float]:
    return {verdict.grade_id: verdict.points for verdict in execution.verdicts}


def around(source: str) -> tuple[Cell, ...]:
    """A notebook whose second answer does `source`, between two right ones."""
    return (
        answer("a", "a = 1"),
        graded_cell("a-t", "assert a == 1"),
        answer("b", source),
        graded_cell("b-t", "assert b == 1"),
        answer("c", "c = a + 1"),
        graded_cell("c-t", "assert c == 2"),
    )


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("1 / 0", "", ""),
        ("raise SystemExit", "", ""),
        ("raise KeyboardInterrupt", "", ""),
        ("input('?')", "", ""),
        ("def b(:", "", ""),
        ("while True:\n    pass", "too-slow", "did not come to its end"),
        ("import time\ntime.sleep(600)", "too-slow", "did not come to its end"),
        ("import os\nos._exit(1)", "kernel-ended", "kernel died"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "kernel-ended", "kernel died"),
        ("exit()", "kernel-ended", ""),
    ],
)
def test_what_ends_one_answer_leaves_the_others_their_points(source, code, said):
    """It is that cell's failure: its student reads of it, and the submission is graded."""
    execution = run(*around(source))
    assert points(execution) == {"a-t": 2, "b-t": 0, "c-t": 2}
    assert (execution.status, execution.reason) == (Status.GRADED, "")
    lost = execution.verdicts[1]
    if code:
        assert lost.diagnosis == (code,)
        assert "because its cell" in lost.message
        assert said in lost.message
        assert any("‘b’" in remark for remark in execution.remarks)


def test_an_answer_that_was_there_before_its_cell_was_stopped_keeps_its_points():
    execution = run(*around("b = 1\nwhile True:\n    pass"))
    assert points(execution) == {"a-t": 2, "b-t": 2, "c-t": 2}
    assert "because its cell" not in execution.verdicts[1].message


def test_a_loop_that_cannot_be_interrupted_is_killed():
    stubborn = (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except KeyboardInterrupt:\n        pass"
    )
    execution = run(*around(stubborn))
    assert points(execution) == {"a-t": 2, "b-t": 0, "c-t": 2}
    assert any("did not react" in remark for remark in execution.remarks)


def test_an_answer_that_does_not_end_when_called_costs_its_test_alone():
    execution = run(
        answer("a", "def a():\n    while True:\n        pass"),
        graded_cell("a-t", "assert a() == 1"),
        answer("b", "b = 2"),
        graded_cell("b-t", "assert b == 2"),
    )
    assert points(execution) == {"a-t": 0, "b-t": 2}
    assert execution.verdicts[0].diagnosis == ("too-slow",)
    assert execution.status is Status.GRADED


def test_the_last_resort_is_the_notebooks_own_limit():
    slow = answer("a", "import time\ntime.sleep(4)")
    execution = run(
        slow, slow, slow, slow, graded_cell("t", "pass"), limits=Limits(5, notebook_seconds=6)
    )
    assert execution.status is Status.FAILED
    assert "6 seconds" in execution.reason
    assert execution.verdicts[0].status is Status.SKIPPED


def test_a_kernel_that_dies_again_and_again_is_given_up():
    death = answer("d", "import os\nos._exit(1)")
    execution = run(death, death, death, death, graded_cell("t", "pass"))
    assert execution.status is Status.FAILED
    assert execution.verdicts[0].status is Status.SKIPPED
    assert "died too often" in execution.reason


def test_output_without_end_is_cut():
    execution = run(answer("a", "for i in range(40):\n    print('x' * 100_000)"))
    outputs = json.loads(execution.notebook)["cells"][0]["outputs"]
    assert sum(len(output["text"]) for output in outputs) < 1.2 * 2**20
    assert "cut here" in outputs[-1]["text"]


def test_warnings_and_prints_cost_nothing():
    execution = run(
        answer("a", "import sys, warnings\nwarnings.warn('old')\na = 1"),
        graded_cell("a-t", "import sys\nprint('!', file=sys.stderr)\nprint(3)\nassert a == 1\n2"),
    )
    assert points(execution) == {"a-t": 2}


@pytest.mark.parametrize(
    ("result", "status", "earned"),
    [
        ("2", Status.PASSED, 2),
        ("1.5", Status.PARTIAL, 1.5),
        ("0", Status.FAILED, 0),
        ("None", Status.PASSED, 2),
        ("__import__('numpy').float64(1.5)", Status.PARTIAL, 1.5),
        ("float('nan')", Status.BROKEN, 0),
        ("-1", Status.BROKEN, 0),
        ("3", Status.BROKEN, 0),
        ("True", Status.BROKEN, 0),
        ("'2'", Status.BROKEN, 0),
        ("[2]", Status.BROKEN, 0),
    ],
)
def test_points_are_a_number_from_0_to_the_maximum(result, status, earned):
    execution = run(graded_cell("t", result))
    verdict = execution.verdicts[0]
    assert (verdict.status, verdict.points) == (status, earned)
    assert (execution.status is Status.NEEDS_PERSON) == (status is Status.BROKEN)


def test_study_cells_are_left_out():
    study = code("raise SystemError")
    study["metadata"]["tags"] = ["study"]
    execution = run(study)
    assert json.loads(execution.notebook)["cells"][0]["outputs"] == []


def test_a_written_answer_waits_for_a_person():
    text = {
        "cell_type": "markdown",
        "metadata": {"nbgrader": {"grade_id": "w", "grade": True, "solution": True, "points": 3}},
        "source": "because",
    }
    assert run(text).verdicts[0].status is Status.MANUAL


def test_a_test_shows_its_message_and_none_of_its_lines():
    source = "### BEGIN HIDDEN TESTS\nsecret = 41\nassert secret == a, secret\n### END HIDDEN TESTS"
    execution = run(answer("a", "a = 1"), graded_cell("t", source))
    verdict = execution.verdicts[0]
    assert "AssertionError" in verdict.message
    assert "41" not in verdict.message
    outputs = json.loads(execution.notebook)["cells"][1]["outputs"]
    assert "secret" not in json.dumps(outputs)


SCORED = "print('scored')\n1 if b == 1 else 0.5"


@pytest.mark.parametrize(
    "lost",
    [
        "get_ipython().displayhook.finish_displayhook = lambda: None",
        "get_ipython().displayhook.finish_displayhook = lambda: None\nOut = In = _ = None",
        "import ipykernel.displayhook as d\nd.ZMQShellDisplayHook.finish_displayhook = print",
    ],
)
@pytest.mark.parametrize(("value", "earned"), [(1, 1), (2, 0.5)])
def test_a_score_whose_message_is_lost_counts_all_the_same(lost, value, earned):
    """No message is not a full score: a kernel that floods or breaks its channel loses messages."""
    execution = run(answer("b", f"b = {value}\n{lost}"), graded_cell("b-t", SCORED))
    assert points(execution) == {"b-t": earned}


@pytest.mark.parametrize(
    "way", ["raise ValueError('\\ud800')", "print('\\ud800', flush=True)\n1 / 0"]
)
def test_a_test_that_fails_with_what_no_message_can_carry_gives_no_points(way):
    source = f"def b():\n    {way.replace(chr(10), chr(10) + '    ')}"
    execution = run(answer("b", source), graded_cell("b-t", "b()"))
    assert points(execution) == {"b-t": 0}


def test_a_kernel_that_does_not_say_how_a_test_ended_gives_no_points():
    mute = (
        "kernel = get_ipython().kernel\nsend = kernel.session.send\n"
        "kernel.session.send = lambda stream, what, *args, **named: (\n"
        "    None if what == 'execute_reply' else send(stream, what, *args, **named)\n)"
    )
    execution = run(
        answer("b", f"b = 2\n{mute}"),
        graded_cell("b-t", "assert b == 1"),
        answer("c", "c = 3"),
        graded_cell("c-t", "assert c == 3"),
    )
    assert points(execution) == {"b-t": 0, "c-t": 2}
    assert execution.status is Status.GRADED
    assert any("did not answer" in remark for remark in execution.remarks)


def test_a_cell_that_is_busy_for_longer_than_a_lost_reply_is_waited_for():
    execution = run(*around("import time\ntime.sleep(4)\nb = 1"))
    assert points(execution) == {"a-t": 2, "b-t": 2, "c-t": 2}
    assert execution.status is Status.GRADED
