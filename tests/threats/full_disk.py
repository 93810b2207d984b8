"""`unshare --mount python full_disk.py COURSE UNIT`: grade on a disk that is really full.

In a mount namespace of its own: a small disk in memory, with a copy of the course on it. For each
amount of free space a graded student hands in something new and is graded; then there is room again.
Prints JSON: for each amount what the grader said, and what was wrong with the gradebook then.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from integrity import faults
from processes import GRADER
from tiny import Classroom

from autograder.course import Course

FREE = (0, 8, 16)  # KiB: no room for the notebook, for the database's journal, for its pages
FIXED = "def double(x):\n    return x + x  # mended"


def main(root: str, unit: str) -> None:
    disk = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], check=True)
    shutil.copytree(root, disk / "course")
    room = object.__new__(Classroom)
    room.course = Course(disk / "course")
    seen = {}
    for number, free in enumerate(FREE):
        room.hand_in_right("wrong", double=f"{FIXED} {number}")
        filler = fill(disk, free * 1024)
        said = graded(room)
        seen[free] = {"said": said, "faults": faults(room.course, unit, finished=False)}
        filler.unlink()
    said = graded(room)
    seen["room"] = {"said": said, "faults": faults(room.course, unit)}
    print(json.dumps(seen))


def fill(disk: Path, free: int) -> Path:
    """A file that takes the disk's last byte but these."""
    filler = disk / "filler"
    about = os.statvfs(disk)
    size = about.f_bavail * about.f_frsize - free
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, size)
    return filler


def graded(room: Classroom) -> tuple[int, str]:
    done = subprocess.run(
        [*GRADER, "grade", "01", "--engine", "stock", "--workers", "1", "--student", "wrong"],
        cwd=room.course.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
