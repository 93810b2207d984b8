"""The grader, or what helps it, is killed at a random moment. Run it again: all is graded exactly once.

`make crashes ROUNDS=50 SEED=7` does so that often; the same seed, at the same moments.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from dask_processes import scheduler_and_worker
from integrity import faults, files_below
from plugins.isolation import need_isolation
from processes import Run, describe, kind_of, nothing_hides
from tiny import RIGHT, UNIT, Classroom, copied, recorded

from autograder.grading.local import HERE
from autograder.model import Status

pytestmark = pytest.mark.thorough

ROUNDS = int(os.environ.get("ROUNDS", "4"))
SEED = os.environ.get("SEED", "1")
# What may be killed, and how the run may end then: 1 is an error that says what to do.
ENDS = {"grader": (-signal.SIGKILL, 0), "driver": (0,), "parent": (0, 1), "scheduler": (0, 1)}
WORKERS = {"driver": str(HERE + 1)}  # beyond what the grader drives itself
STUDENTS = 6
PAUSE = "import time\ntime.sleep(0.4)\n"


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class to be graded, each of whom deserves full points."""
    need_isolation()
    room = Classroom(tmp_path_factory.mktemp("waiting") / "course")
    for number in range(STUDENTS):
        room.hand_in_right(f"s{number}", double=PAUSE + RIGHT["double"])
    return room


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files, with a short path: sockets live there."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def starting(waiting: Classroom, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds until the first submission is recorded here, in a run that nobody disturbs."""
    room = copied(waiting, tmp_path_factory.mktemp("undisturbed") / "course")
    with nothing_hides(), tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as temporary:
        started = time.monotonic()
        run = Run(room.course.root, Path(temporary), "grade", "01", "--workers", "2")
        wait_for(run, room, 1)
        starting = time.monotonic() - started
        code, out = run.wait(300)
        assert code == 0, out
        assert run.left(5) == []
        assert files_below(Path(temporary)) == []
    return starting


def wait_for(run: Run, room: Classroom, count: int) -> None:
    """Until so many are recorded, or the run has ended."""
    gradebook = f"file:{room.course.root / 'gradebook.db'}?mode=ro"
    while not run.ended():
        with (
            contextlib.suppress(sqlite3.OperationalError),  # not made yet, or just being written
            contextlib.closing(sqlite3.connect(gradebook, uri=True)) as db,
        ):
            if db.execute("SELECT count(*) FROM autograder_result").fetchone()[0] >= count:
                return
        time.sleep(0.02)


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after so many submissions are recorded."""

    recorded: int
    seconds: float

    @classmethod
    def random(cls, dice: random.Random, starting: float) -> Moment:
        """One in four while the run starts, the others while it grades."""
        if dice.random() < 0.25:
            return cls(0, dice.random() * starting)
        return cls(dice.randrange(1, STUDENTS), dice.random())

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s after submission {self.recorded}"

    def come(self, run: Run, room: Classroom) -> None:
        if self.recorded:
            wait_for(run, room, self.recorded)
        time.sleep(self.seconds)


def kill_one(run: Run, kind: str, dice: random.Random) -> str:
    """Kill one of its kind, as soon as there is one."""
    while not run.ended():
        if victims := run.victims(kind):
            victim = dice.choice(victims)
            words = describe(victim)
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
                return words
        time.sleep(0.02)
    return "nobody: it had ended"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_a_random_moment(
    waiting: Classroom, starting: float, temporary: Path, tmp_path: Path, number: int
) -> None:
    dice = random.Random(f"{SEED}.{number}")
    kind = list(ENDS)[number % len(ENDS)]
    moment = Moment.random(dice, starting)
    print(f"\nround {number} of SEED={SEED}: the {kind}, {moment}")
    room = copied(waiting, tmp_path / "course")
    grade = ("grade", "01", "--workers", WORKERS.get(kind, "2"))
    with nothing_hides():
        if kind == "scheduler":
            with scheduler_and_worker(tmp_path, temporary) as (scheduler, address):
                run = Run(room.course.root, temporary, *grade, "--cluster", address)
                moment.come(run, room)
                scheduler.kill()
                code, out = run.wait(120)
                left = run.left(10)
        else:
            run = Run(room.course.root, temporary, *grade)
            moment.come(run, room)
            print(f"  killed {kill_one(run, kind, dice)}")
            code, out = run.wait(120)
            left = run.left(10)
        assert not left, "\n".join(left)
        assert code in ENDS[kind], out
        assert (kind, code) != ("parent", 1) or not moment.recorded, out
        assert code != 1 or "try:" in out, out
        assert "Traceback" not in out
        assert faults(room.course, UNIT, finished=False) == []
        before = {
            student: result
            for student, result in recorded(room.course).items()
            if (room.course.autograded / student / UNIT / f"{UNIT}.ipynb").is_file()
        }
        print(f"  it ended with {code}; {len(before)} of {STUDENTS} recorded")
        again = Run(room.course.root, temporary, *grade)
        code, out = again.wait(120)
        assert code == 0, out
        assert not (left := again.left(10)), "\n".join(left)
    after = recorded(room.course)
    assert faults(room.course, UNIT) == []
    assert {r.status for r in after.values()} == {Status.GRADED}, [r.reason for r in after.values()]
    assert {r.points for r in after.values()} == {5}
    assert {student: after[student] for student in before} == before, "graded twice"
    assert files_below(temporary) == []


def test_every_kind_of_process_can_be_found(
    waiting: Classroom, temporary: Path, tmp_path: Path
) -> None:
    """Else the rounds above kill nothing."""
    room = copied(waiting, tmp_path / "course")
    found: set[str] = set()
    with nothing_hides():
        run = Run(room.course.root, temporary, "grade", "01", "--workers", str(HERE + 1))
        while not run.ended():
            found |= {kind_of(process) for process in run.processes()}
            time.sleep(0.2)
        run.wait(10)
    assert {"driver", "parent", "kernel"} <= found
