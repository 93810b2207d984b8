"""Proving the tiny course with the real engine: tests that hold, and a test that was weakened."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.model import Execution, Status, Task, Verdict
from autograder.prove import gather
from autograder.prove import proving as room
from autograder.prove.trials import Trial

UNIT = "01_tiny"
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line in the course's folder: its exit code, and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.chdir(course.root)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["autograder", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def as_expected(trial: Trial) -> Execution:
    """An execution that gives what the trial asks for."""
    codes = (trial.diagnosis,) if trial.diagnosis else ()
    verdicts = tuple(
        Verdict(name, points, trial.worth[name], Status.PASSED, "", codes)
        for name, points in trial.expected.items()
    )
    return Execution(trial.task.student, trial.unit, "{}", verdicts, Status.GRADED)


def test_each_answer_and_both_ends_of_the_scale_are_tried(course: Course) -> None:
    ((_, trials),) = gather(course, [UNIT])
    assert [(trial.name, trial.kind) for trial in trials] == [
        ("untouched", "untouched"),
        ("solution", "solution"),
        ("adds_two", "wrong"),
        ("memorised", "wrong"),
        ("loop", "right"),
        ("other_axis", "wrong"),
        ("sum_over_n", "right"),
    ]
    expected = {trial.name: trial.expected for trial in trials}
    assert expected["untouched"] == {"double-values": 0, "mean-values": 0}
    assert expected["memorised"] == {"double-values": 1, "mean-values": 2}
    hidden = [trial.name for trial in trials if "CANARY-01-double" not in trial.task.notebook]
    assert hidden == []


def test_it_exits_with_0_when_all_hold(
    course: Course, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((_, trials),) = gather(course, [UNIT])
    by_student = {trial.task.student: trial for trial in trials}

    def graded(tasks: list[Task], *_: object) -> Iterator[tuple[Task, Execution]]:
        for task in reversed(tasks):
            yield task, as_expected(by_student[task.student])

    monkeypatch.setattr(room, "graded", graded)
    code, printed = command("prove", "--alone")
    assert code == 0
    assert "7 submissions graded: all hold." in printed
    code, printed = command("prove", "--alone", "--json")
    assert code == 0
    assert json.loads(printed)["holds"] is True
    code, printed = command("prove", "--alone", "--markdown")
    assert code == 0
    assert printed.splitlines()[2] == "| 01 · Tiny | 3 of 3 | 3 of 3 | 2 of 2 | 0 of 5 | 5 of 5 |"


def test_a_weakened_test_is_found_with_the_real_engine(course: Course, command: Command) -> None:
    path = course.source / f"{UNIT}.py"
    text = path.read_text(encoding="utf-8")
    hidden = '    check.close("double(x)", double(x), 2 * x, candidates={"memorised": np.array([2.0, 4.0])})'
    assert hidden in text
    path.write_text(text.replace(hidden, "    assert x.any()"), encoding="utf-8")
    code, printed = command("prove", "--json")
    assert code == 1
    proof = json.loads(printed)
    assert proof["holds"] is False
    (unit,) = proof["units"]
    assert (unit["untouched"], unit["solution"], unit["points"]) == (2, 5, 5)
    double, mean = unit["exercises"]
    assert (double["wrong"], double["caught"], double["right"], double["kept"]) == (2, 0, 1, 1)
    assert (mean["wrong"], mean["caught"], mean["named"]) == (1, 1, 1)
    assert (mean["right"], mean["kept"]) == (1, 1)
    failed = {failure["answer"]: failure for failure in unit["failures"]}
    assert set(failed) == {"untouched", "adds_two", "memorised"}
    memorised = failed["memorised"]
    assert memorised["place"] == f"source/answers/{UNIT}.py:8"
    points, diagnosis = memorised["differences"]
    assert points["test"] == "double-values"
    assert (points["expected"], points["got"]) == ("1 of 3 points", "3 of 3 points")
    assert (diagnosis["expected"], diagnosis["got"]) == ("diagnosis memorised", "diagnosis none")
