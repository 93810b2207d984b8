"""This machine's workers: each task once, a second try for what failed, and an end at once where it is asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from plugins.isolation import need_isolation

from autograder.engines.base import EngineError
from autograder.errors import UserError
from autograder.grading import local
from autograder.grading.local import HERE, Local
from autograder.model import Execution, Limits, Status, Task
from autograder.sandbox import SandboxError
from autograder.sandbox.parent import shared

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def tasks(count: int, notebook: str = NOTEBOOK):
    return iter([Task(f"s{n}", "01", notebook, Limits(cell_seconds=20)) for n in range(count)])


def executed(task: Task) -> Execution:
    return Execution(task.student, task.unit, task.notebook, (), Status.GRADED)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each task was executed; s3 fails once, s5 always, s7 breaks what executes it."""
    seen: Counter[str] = Counter()

    def work(task: Task, engine: str) -> Execution | str:
        assert engine == "exam"
        seen[task.student] += 1
        if task.student == "s5" or (task.student == "s3" and seen["s3"] == 1):
            return "no kernel"
        if task.student == "s7":
            raise RuntimeError("broken")
        return executed(task)

    monkeypatch.setattr(local, "work", work)
    monkeypatch.setattr(local, "warm_up", lambda _: "")
    return seen


def test_each_task_is_executed_once_and_what_failed_twice(tried: Counter[str]) -> None:
    with Local("exam", 3) as workers:
        found = {task.student: outcome for task, outcome in workers.run(tasks(12))}
        again = list(workers.run(tasks(2)))  # as for another unit
    assert sorted(found) == sorted(f"s{n}" for n in range(12))
    failed = {student: str(o) for student, o in found.items() if isinstance(o, EngineError)}
    assert failed == {"s5": "no kernel", "s7": "RuntimeError: broken"}
    assert {s: n for s, n in tried.items() if n > 1} == {
        "s0": 2,
        "s1": 2,
        "s3": 2,
        "s5": 2,
        "s7": 2,
    }
    assert len(again) == 2
    assert not any(thread.is_alive() for thread in workers.threads)


def test_without_a_task_nothing_is_started(tried: Counter[str]) -> None:
    with Local("exam", 3) as workers:
        assert list(workers.run(tasks(0))) == []
        assert workers.threads == []
    assert not tried


def test_no_more_tasks_are_fetched_than_can_be_executed_soon(tried: Counter[str]) -> None:
    """A class of thousands is not restored at once."""
    fetched = 0

    def counted():
        nonlocal fetched
        for task in tasks(40):
            fetched += 1
            yield task

    with Local("exam", 2) as workers:
        for number, _ in enumerate(workers.run(counted()), 1):
            assert fetched <= number + 3
    assert sum(tried.values()) == 40 + 3  # and second tries


def test_a_machine_that_cannot_grade_says_so(
    monkeypatch: pytest.MonkeyPatch, tried: Counter[str]
) -> None:
    monkeypatch.setattr(local, "warm_up", lambda _: "no namespaces")
    with (
        pytest.raises(UserError, match="no namespaces") as told,
        Local("exam", 2, ahead=True) as workers,
    ):
        list(workers.run(tasks(4)))
    assert "doctor" in told.value.hint
    assert len(tried) <= 3


def test_an_end_at_once_ends_what_runs_and_lets_nothing_start() -> None:
    need_isolation()
    slow = NOTEBOOK.replace(
        "[]",
        '[{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "id": "a",'
        ' "source": "while True: pass"}]',
        1,
    )
    shared.shared_parent()  # what takes seconds is done
    before, began = threading.active_count(), time.monotonic()

    def interrupted() -> None:
        with Local("exam", 2) as workers:
            threading.Timer(3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            next(workers.run(tasks(2, slow)))

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 12
    assert threading.active_count() <= before + 1
    with shared.none_any_more(), pytest.raises(SandboxError, match="ending"):
        shared.shared_parent()
    assert shared.shared_parent().alive  # and afterwards there is one again


def test_a_driver_that_dies_is_started_again_and_its_task_is_tried_again() -> None:
    with Local("stock", 2) as workers:
        running = workers.run(tasks(6))
        found = [next(running)]
        for driver in workers.drivers:
            assert driver.process is not None
            driver.process.kill()
        found += running
    outcomes = {task.student: outcome for task, outcome in found}
    assert len(outcomes) == 6
    assert not [str(o) for o in outcomes.values() if isinstance(o, EngineError)]
    assert [driver.process for driver in workers.drivers] == [None, None]


def test_dask_is_imported_for_a_cluster_alone() -> None:
    script = (
        "import sys\n"
        "from autograder import cli, demo\n"
        "from autograder.grading import driver, local, run, start\n"
        "print(sorted({'dask', 'distributed'} & set(sys.modules)))\n"
        "start.cluster_at('tcp://127.0.0.1:1', 'stock', insecure=False, ahead=False)\n"
        "print(sorted({'dask', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[]", "['dask', 'distributed']"], done.stderr


@pytest.mark.parametrize(
    ("engine", "workers", "widths"),
    [
        ("stock", 3, [1, 1, 1]),
        ("exam", HERE, []),
        ("exam", HERE + 1, [1]),
        ("exam", 2 * HERE, [HERE]),
        ("exam", 2 * HERE + 3, [HERE, 3]),
        ("exam-process", HERE + 2, [2]),
    ],
)
def test_drivers_are_for_stock_kernels_and_for_more_than_one_interpreter_drives(
    monkeypatch: pytest.MonkeyPatch, engine: str, workers: int, widths: list[int]
) -> None:
    monkeypatch.setattr(local, "warm_up", lambda _: "")
    with Local(engine, workers, ahead=True) as started:
        assert [driver.width for driver in started.drivers] == widths
        assert not any(driver.process for driver in started.drivers)
