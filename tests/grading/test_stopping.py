"""A run that is stopped, or loses a worker, loses nothing that was done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from classroom import LIMITS, RIGHT, Classroom
from plugins.isolation import need_isolation
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

SLOW = "import time\ntime.sleep(3)\n"


def recorded(room: Classroom) -> int:
    engine = create_engine(room.course.gradebook)
    try:
        with engine.connect() as db:
            return int(db.scalar(text("SELECT count(*) FROM autograder_result")))
    except DBAPIError:  # there is none yet
        return 0
    finally:
        engine.dispose()


def of_session(leader: int) -> list[str]:
    """The processes of a session, but zombies."""
    listed = subprocess.run(
        ["ps", "-eo", "sid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [row.split(None, 2) for row in listed.stdout.splitlines()]
    return [row[2] for row in rows if row[0] == str(leader) and not row[1].startswith("Z")]


@pytest.mark.parametrize(
    ("engine", "database"),
    [
        ("exam", "sqlite"),
        pytest.param("stock", "sqlite", marks=pytest.mark.thorough),
        pytest.param("stock", "postgresql", marks=pytest.mark.thorough),
    ],
    indirect=["database"],
    scope="session",
)
def test_ctrl_c_stops_at_once_and_the_next_run_does_the_rest(room, engine):
    if engine == "exam":
        need_isolation()
    for number in range(6):
        room.hand_in_right(f"s{number}", double=SLOW + RIGHT["double"])
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", "01"]
    run = subprocess.Popen(
        [*command, "--engine", engine, "--workers", "2"],
        cwd=room.course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as a shell starts it  # noqa: PLW1509
    )
    until = time.monotonic() + 150
    while recorded(room) < 2 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.2)
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == 130, out
    assert "What is recorded stays" in out
    assert "Traceback" not in out
    done = recorded(room)
    assert 2 <= done < 6
    until = time.monotonic() + 20
    while of_session(run.pid) and time.monotonic() < until:
        time.sleep(0.2)
    assert of_session(run.pid) == []
    assert {r.points for r in room.grade().values()} == {5.0}


def test_a_submission_that_kills_its_worker_costs_nobody_else_anything(room):
    room.hand_in_right("killer", double="import os\nos.kill(os.getppid(), 9)")
    for name in ("ann", "bob", "cy"):
        room.hand_in_right(name)
    found = room.grade(limits=LIMITS)
    assert {found[name].points for name in ("ann", "bob", "cy")} == {5.0}
    assert found["killer"].points in (0.0, 2.0)
    assert "died" in " ".join([found["killer"].reason, *found["killer"].remarks])
