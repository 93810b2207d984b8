"""A class graded on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from classroom import RIGHT, Classroom

from autograder.errors import UserError
from autograder.grading.run import Options, Step, grade
from autograder.model import Limits, Status

SLOW = RIGHT["double"].replace("return", "import time; time.sleep(0.7); return")


def spawn(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    """A Dask process in a folder that holds nothing of the course."""
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("scheduler")
    host, port = address.split(":")
    process = spawn(
        "dask_scheduler", "--host", host, "--port", port, "--no-dashboard", folder=folder
    )
    yield f"tcp://{address}"
    end(process)


@pytest.fixture
def workers(
    scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers without a nanny: one that is killed stays dead."""
    found = [
        spawn(
            *("dask_worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
            folder=tmp_path_factory.mktemp("worker"),
        )
        for _ in range(2)
    ]
    yield found
    for process in found:
        end(process)


def test_a_worker_killed_in_mid_run_costs_only_a_retry(
    room: Classroom, scheduler: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    students = [f"s{n}" for n in range(8)]
    for student in students:
        room.hand_in(student, room.notebook(**{**RIGHT, "double": SLOW}))
    settled: list[Step] = []
    victim = workers[0]

    def progress(step: Step) -> None:
        settled.append(step)
        if len(settled) == 2:
            os.kill(victim.pid, signal.SIGKILL)

    found = grade(room.course, "01_tiny", Options(cluster=scheduler), progress)
    assert victim.wait(10) == -signal.SIGKILL
    assert [r.student for r in found] == students
    assert {r.status for r in found} == {Status.GRADED}, [r.reason for r in found]
    assert {r.points for r in found} == {5}
    again = grade(room.course, "01_tiny", Options(cluster=scheduler), settled.append)
    assert not any(step.ran for step in settled[len(students) :])
    assert [r.points for r in again] == [5] * len(students)


@pytest.mark.usefixtures("workers")
def test_a_cluster_gives_the_points_that_this_machine_gives(
    room: Classroom, scheduler: str
) -> None:
    room.hand_in("right", room.notebook(**RIGHT))
    room.hand_in("half", room.notebook(mean=RIGHT["mean"]))
    room.hand_in("loop", room.notebook(**{**RIGHT, "double": "while True: pass"}))
    room.hand_in("broken", b"{")
    limits = Limits(cell_seconds=3)
    there = grade(room.course, "01_tiny", Options(cluster=scheduler, limits=limits))
    here = grade(room.course, "01_tiny", Options(again=True, limits=limits))
    assert [(r.student, r.status, r.points) for r in there] == [
        (r.student, r.status, r.points) for r in here
    ]


def test_a_cluster_that_is_not_there_is_said_so(room: Classroom, monkeypatch) -> None:
    from autograder.grading import cluster

    monkeypatch.setattr(cluster, "WAIT_SECONDS", 1.0)
    room.hand_in("right", room.notebook(**RIGHT))
    started = time.monotonic()
    with pytest.raises(UserError, match="does not answer") as told:
        grade(room.course, "01_tiny", Options(cluster="tcp://127.0.0.1:9"))
    assert "dask worker" in told.value.mend
    assert time.monotonic() - started < 30
