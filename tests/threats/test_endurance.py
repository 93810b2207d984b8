"""A large class in one run, one in ten hostile or broken: nothing is left over, and nothing grows.

`make endurance` is a class of 500; otherwise a small one stands for it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil
import pytest
from integrity import faults, files_below
from plugins.isolation import need_isolation
from processes import Run, kind_of, nothing_hides
from tiny import ANSWER, RIGHT, UNIT, Classroom, recorded

from autograder.model import Status

pytestmark = pytest.mark.thorough

SIZE = int(os.environ.get("CLASS", "40"))
GROWTH = 32 * 2**20  # bytes that a process may hold more at the end than in the middle

# What one in ten hands in. Each answers the second exercise, and deserves its points, if it gets there.
STRANGE = {
    "endless": "while True:\n    pass",
    "deadly": "import os\nos._exit(1)",
    "forks": "import os\nwhile True:\n    os.fork()",
    "hoards": "hoard = []\nwhile True:\n    hoard.append(bytearray(2**26))",
    "shouts": "while True:\n    print('x' * 10_000)",
    "fills": "n = 0\nwhile True:\n    open(f'/tmp/{n}', 'wb').write(b'x' * 2**20); n += 1",
    "stays": "import subprocess\nsubprocess.Popen(['sleep', '999'], start_new_session=True)\ndouble = None",
    "kills": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "recurs": "def double(x):\n    return double(x)",
    "cut": "",  # a file cut short
}


@pytest.fixture
def course(tmp_path: Path) -> Classroom:
    """The class, handed in."""
    room = Classroom(tmp_path / "course")
    strange = list(STRANGE)
    for number in range(SIZE):
        if number % 10 == 9:
            kind = strange[number // 10 % len(strange)]
            student = f"{number:03}-{kind}"
            room.hand_in_right(student, double=STRANGE[kind])
            if kind == "cut":
                room.hand_in(student, room.hand_in_right(student).read_bytes()[:700])
        else:
            room.hand_in(f"{number:03}-honest", room.notebook(ANSWER, **RIGHT))
    return room


def mounts() -> set[str]:
    return set(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())


class Memory:
    """What the processes that last hold, as a run goes on."""

    def __init__(self) -> None:
        self.held: dict[str, list[int]] = defaultdict(list)

    def look(self, run: Run) -> None:
        for process in [run.grader, *run.victims("worker"), *run.victims("parent")]:
            kind = kind_of(process) or "grader"
            try:
                self.held[f"{kind} {process.pid}"].append(process.memory_info().rss)
            except psutil.Error:  # it has just ended
                continue

    def growth(self) -> dict[str, float]:
        """Bytes that each held more in the last quarter than in the second one."""
        most = max(len(held) for held in self.held.values())
        grown = {}
        for name, held in self.held.items():
            if len(held) > most / 2:
                quarter = len(held) // 4
                first, last = held[quarter : 2 * quarter], held[-quarter:]
                grown[name] = statistics.median(last) - statistics.median(first)
        return grown


def test_a_large_class_is_graded_in_one_run_and_leaves_nothing_behind(course: Classroom) -> None:
    need_isolation()
    memory, before = Memory(), mounts()
    with nothing_hides(), tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as temporary:
        started = time.monotonic()
        limits = ("--cell-seconds", "3", "--notebook-seconds", "30")
        run = Run(course.course.root, Path(temporary), "grade", "01", "--workers", "2", *limits)
        while not run.ended():
            memory.look(run)
            time.sleep(0.5)
        code, output = run.wait(10)
        seconds = time.monotonic() - started
        assert code == 0, output[-3000:]
        assert run.left(5) == []
        assert files_below(Path(temporary)) == []
    assert mounts() <= before
    assert faults(course.course, UNIT) == []
    found = recorded(course.course)
    honest = {s: r for s, r in found.items() if s.endswith("honest")}
    assert len(found) == SIZE
    assert {(r.status, r.points) for r in honest.values()} == {(Status.GRADED, 5.0)}
    for student, result in found.items():
        if student not in honest:
            assert result.points <= 2, (student, result)
            assert result.reason or result.status is Status.GRADED, student
    grown = memory.growth()
    print(f"{SIZE} submissions in {seconds:.0f} s, {SIZE / seconds:.2f} a second")
    for name, more in sorted(grown.items()):
        print(
            f"  {name} held {max(memory.held[name]) / 2**20:.0f} MiB, {more / 2**20:+.1f} MiB later on"
        )
    assert len(grown) >= 3, "the grader and two workers at least"
    assert max(grown.values()) < GROWTH
