"""A worker as another machine has it: the installed package, and nothing of the course's disk.

The package is built as a wheel and installed in an environment of its own; the worker runs in a mount
namespace in which the course, the gradebook and this checkout are empty folders.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from classroom import RIGHT, ROOT, Classroom
from distributed import Client
from plugins.isolation import lacking
from test_cluster import end, free_address, spawn

from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits, Status

APART = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--mount", "--map-root-user"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel in it; what it depends on is borrowed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run([*pip, *build], check=True)
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    wheel = next(folder.glob("*.whl"))
    subprocess.run([*pip, "--python", python, "install", "--no-deps", wheel], check=True)
    ours = next((folder / "env").glob("lib/python*/site-packages"))
    (ours / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return python


@pytest.fixture
def scheduler(installed: Path, tmp_path: Path, room: Classroom) -> Iterator[str]:
    """The address of a scheduler with one worker, which sees neither the course nor this checkout."""
    if subprocess.run([*APART, "true"], capture_output=True).returncode:
        lacking("this machine allows no mount namespace")
    hidden = [room.course.root, *(ROOT / name for name in ("autograder", "lessonkit", "data"))]
    hide = [f"mount -t tmpfs none {shlex.quote(str(path))}" for path in hidden]
    (tmp_path / "worker").mkdir()
    address = f"tcp://{free_address()}"
    host, port = address.removeprefix("tcp://").split(":")
    first = ("dask_scheduler", "--host", host, "--port", port, "--no-dashboard")
    worker = ("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    processes = [
        spawn(*first, folder=tmp_path / "worker"),
        spawn(
            *worker,
            folder=tmp_path / "worker",
            command=[*APART, "sh", "-c", f'{" && ".join(hide)} && exec "$@"', "-", str(installed)],
        ),
    ]
    yield address
    for process in processes:
        end(process)


def test_a_worker_needs_the_wheel_and_nothing_of_the_course(
    room: Classroom, scheduler: str, installed: Path
) -> None:
    def look(path: str) -> tuple[str, list[str]]:
        """Where the worker's package is, and what it sees of a folder."""
        import autograder

        return autograder.__file__, os.listdir(path)

    room.hand_in("right", room.notebook(**RIGHT))
    room.hand_in("half", room.notebook(mean=RIGHT["mean"]))
    room.hand_in("loop", room.notebook(**{**RIGHT, "double": "while True: pass"}))
    limits = Limits(cell_seconds=3)
    there = grade(room.course, "01_tiny", Options(cluster=scheduler, limits=limits))
    with Client(scheduler, timeout=30) as client:
        ((package, seen),) = client.run(look, str(room.course.root)).values()
    assert package.startswith(str(installed.parents[1]))
    assert seen == []
    here = grade(room.course, "01_tiny", Options(again=True, limits=limits))
    assert [(r.student, r.status, r.points) for r in there] == [
        (r.student, r.status, r.points) for r in here
    ]
    assert {r.student: r.status for r in there}["right"] is Status.GRADED
    assert {r.student: r.points for r in there}["right"] == 5
