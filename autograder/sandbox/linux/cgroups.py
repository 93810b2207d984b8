"""A control group round each submission, where one can be had: the system's own bound on its memory.

The other limits hold without it. It counts what they only estimate (the system's memory for sockets,
pipes, page tables and locks), and it acts at once. As root it can mostly be had; an ordinary user has it in
a scope of their own: `systemd-run --user --scope --property Delegate=yes autograder grade …`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PREFIX = "autograder-"
LEAF = f"{PREFIX}itself"  # where the grader's own processes go: in version 2 only leaves hold any
MIB = 1024 * 1024
COPIES = 512  # MiB for copies of the warm parent's pages, which the other limits do not count
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Home:
    """The group that those of submissions are made in."""

    folder: Path
    version: int

    def make(self, memory: int) -> Group:
        """A new group with at most `memory` MiB. Raises OSError."""
        group = Group(self.folder / f"{PREFIX}{os.getpid()}-{next(_numbers)}", self.version)
        group.folder.mkdir()
        try:
            group.limit(memory)
        except OSError:
            group.remove()
            raise
        return group

    def sweep(self) -> None:
        """Remove the groups of graders that have ended without doing so."""
        for folder in self.folder.glob(f"{PREFIX}*-*"):
            pid = folder.name.removeprefix(PREFIX).partition("-")[0]
            if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                with contextlib.suppress(OSError):  # where something still runs in it
                    folder.rmdir()


@dataclass(frozen=True)
class Group:
    """One submission's group."""

    folder: Path
    version: int

    def limit(self, memory: int) -> None:
        """At most so many MiB, and no swap beside them."""
        size = str(memory * MIB)
        if self.version == 2:
            self._write("memory.max", size)
            with contextlib.suppress(OSError):
                self._write("memory.swap.max", "0")
            with contextlib.suppress(OSError):
                self._write("memory.oom.group", "1")
        else:
            self._write("memory.limit_in_bytes", size)
            with contextlib.suppress(OSError):  # where swap is not counted
                self._write("memory.memsw.limit_in_bytes", size)

    def door(self) -> int:
        """An open file: a process that writes "0" to it is in, with all that it starts from then on.

        What counts are the rights of whoever has opened it.
        """
        return os.open(self.folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    def killed(self) -> bool:
        """Whether the system has killed a process of it for want of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        with contextlib.suppress(OSError, ValueError):
            for line in (self.folder / name).read_text(encoding="ascii").splitlines():
                word, _, count = line.partition(" ")
                if word == "oom_kill":
                    return int(count) > 0
        return False

    def remove(self) -> None:
        """When all its processes have ended. One that is still there is left to the next sweep."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _write(self, name: str, value: str) -> None:
        (self.folder / name).write_text(value, encoding="ascii")


@cache
def home() -> Home | None:
    """Where this process can make groups, tried by making one; None where it cannot."""
    for found in places(_read("/proc/self/cgroup"), _read("/proc/self/mountinfo")):
        try:
            if found.version == 2:
                delegate(found.folder)
            found.sweep()
            found.make(64).remove()
        except OSError:
            continue
        return found
    return None


def group(memory: int, scratch: int) -> Group | None:
    """A group for a submission with these limits (MiB); None where none can be had."""
    where = home()
    if where is not None:
        with contextlib.suppress(OSError):
            return where.make(memory + memory // 4 + scratch + COPIES)
    return None


def places(memberships: str, mounts: str) -> list[Home]:
    """The groups that this process is in, among those that count memory: from /proc/self/cgroup
    and /proc/self/mountinfo."""
    inside = {}  # version -> path of our group
    for line in memberships.splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            inside[2] = path
        elif "memory" in controllers.split(","):
            inside[1] = path
    found = []
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split(maxsplit=2)
        version = 2 if kind == "cgroup2" else 1 if kind == "cgroup" else 0
        if version not in inside or (version == 1 and "memory" not in options.split(",")):
            continue
        path = inside[version]
        below = os.path.relpath(path, root) if path.startswith(root) else "."
        folder = Path(os.path.normpath(os.path.join(point, below)))
        found.append(Home(folder.parent if folder.name == LEAF else folder, version))
    return found


def delegate(folder: Path) -> None:
    """Let the groups below `folder` count memory (version 2). Raises OSError where that cannot be.

    Its own processes must move to a leaf for that: only if they are this one and what it has started.
    """
    allowed = folder / "cgroup.subtree_control"
    if "memory" in allowed.read_text(encoding="ascii").split():
        return
    if "memory" not in (folder / "cgroup.controllers").read_text(encoding="ascii").split():
        raise OSError(f"{folder} cannot count memory")
    inside = (folder / "cgroup.procs").read_text(encoding="ascii").split()
    if inside and set(map(int, inside)) - _ours():
        raise OSError(f"{folder} holds processes of others")
    (folder / LEAF).mkdir(exist_ok=True)
    for pid in inside:
        with contextlib.suppress(ProcessLookupError):
            (folder / LEAF / "cgroup.procs").write_text(pid, encoding="ascii")
    allowed.write_text("+memory", encoding="ascii")


def _ours() -> set[int]:
    from autograder.sandbox.linux.usage import descendants

    return {os.getpid(), *descendants(os.getpid())}


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="utf-8")
    return ""
