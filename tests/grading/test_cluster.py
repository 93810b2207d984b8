"""A class graded on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from classroom import RIGHT, Classroom

from autograder.errors import UserError
from autograder.grading import cluster
from autograder.grading.options import Options
from autograder.grading.run import Step, grade
from autograder.grading.start import cluster_at, in_private
from autograder.model import Limits, Status

SLOW = RIGHT["double"].replace("return", "import time; time.sleep(0.7); return")


def spawn(
    *arguments: str, folder: Path, command: Sequence[str] = (sys.executable,), **environment: str
) -> subprocess.Popen[bytes]:
    """A Dask process in a folder that holds nothing of the course.

    command  what runs Python
    """
    return subprocess.Popen(
        [*command, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
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


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    address = free_address()
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


ADDRESSES = {
    "tls://10.0.0.1:8786": True,
    "tls://grading.example:8786": True,
    "tcp://127.0.0.1:8786": True,
    "tcp://127.8.9.1:8786": True,
    "tcp://[::1]:8786": True,
    "tcp://localhost:8786": True,
    "127.0.0.1:8786": True,
    "tcp://10.0.0.1:8786": False,
    "10.0.0.1:8786": False,
    "tcp://0.0.0.0:8786": False,
    "tcp://localhost.example:8786": False,
    "tcp://127.0.0.1.example:8786": False,
    "ws://10.0.0.1:8786": False,
    "tcp://grading.example": False,
    "": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_hidden_tests_travel_in_clear_only_where_that_is_wanted(address: str) -> None:
    assert in_private(address) == ADDRESSES[address]
    if not ADDRESSES[address]:
        with pytest.raises(UserError, match="in clear") as told:
            cluster_at(address, "stock", insecure=False, ahead=False)
        assert "--insecure-cluster" in told.value.hint
    assert cluster_at(address, "stock", insecure=True, ahead=False)


def test_a_cluster_that_is_not_there_is_said_so(room: Classroom, monkeypatch) -> None:
    from autograder.grading import cluster

    monkeypatch.setattr(cluster, "WAIT_SECONDS", 1.0)
    room.hand_in("right", room.notebook(**RIGHT))
    started = time.monotonic()
    with pytest.raises(UserError, match="does not answer") as told:
        grade(room.course, "01_tiny", Options(cluster="tcp://127.0.0.1:9"))
    assert "dask worker" in told.value.hint
    assert time.monotonic() - started < 30


def test_workers_with_another_version_are_refused(
    room: Classroom, scheduler: str, tmp_path: Path
) -> None:
    other = tmp_path / "backprop_autograder-99.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: backprop-autograder\nVersion: 99.0\n"
    )
    worker = spawn(
        *("dask_worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
        folder=tmp_path,
        PYTHONPATH=str(tmp_path),
    )
    room.hand_in("right", room.notebook(**RIGHT))
    try:
        with pytest.raises(UserError, match="have version 99") as told:
            grade(room.course, "01_tiny", Options(cluster=scheduler))
    finally:
        end(worker)
    assert "same version" in told.value.hint


@contextmanager
def short_lived(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A cluster of one worker: its address, and its scheduler, which a test may kill."""
    host, port = free_address().split(":")
    address = f"tcp://{host}:{port}"
    flags = ("--host", host, "--port", port, "--no-dashboard")
    dying = spawn("dask_scheduler", *flags, folder=folder)
    worker = spawn(
        *("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"), folder=folder
    )
    try:
        yield address, dying
    finally:
        end(worker)
        end(dying)


def test_a_scheduler_that_dies_while_its_workers_warm_up_is_said_so(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.hand_in("right", room.notebook(**RIGHT))
    with short_lived(tmp_path) as (address, dying):

        def kill_and_wait(_: str, pid: int = dying.pid) -> str:
            os.kill(pid, signal.SIGKILL)
            time.sleep(60)
            return ""

        monkeypatch.setattr(cluster, "warm_up", kill_and_wait)
        with pytest.raises(UserError, match="went away") as told:
            grade(room.course, "01_tiny", Options(cluster=address))
    assert "run the same command" in told.value.hint


def test_a_scheduler_that_dies_in_mid_run_is_said_so_and_the_next_run_does_the_rest(
    room: Classroom, tmp_path: Path
) -> None:
    for number in range(5):
        room.hand_in(f"s{number}", room.notebook(**{**RIGHT, "double": SLOW}))
    settled: list[Step] = []

    def progress(step: Step) -> None:
        settled.append(step)
        if len(settled) == 2:
            dying.kill()

    lost = pytest.raises(UserError, match="went away in mid-run")
    with short_lived(tmp_path) as (address, dying), lost:
        grade(room.course, "01_tiny", Options(cluster=address), progress)
    done = len(settled)
    found = grade(room.course, "01_tiny", Options(workers=1), settled.append)
    assert 2 <= done < 5
    assert sum(step.ran for step in settled[done:]) == 5 - done
    assert {r.points for r in found} == {5}
