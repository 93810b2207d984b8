"""A grader in a process of its own, and everything that it starts: to be found, and to be killed.

This process becomes the parent of whatever a killed grader leaves behind, so that nothing can hide.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder.sandbox.linux import syscalls

GRADER = (sys.executable, "-c", "from autograder.cli import main; main()")
WARM = "autograder.sandbox.parent.server"


@contextlib.contextmanager
def nothing_hides() -> Iterator[None]:
    """Whatever loses its parent below this process becomes its child."""
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 0)


class Run:
    """`autograder …` in a course's folder, with a folder of its own for temporary files."""

    def __init__(self, folder: Path, temporary: Path, *arguments: str) -> None:
        self.before = {child.pid for child in psutil.Process().children()}
        self.out = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*GRADER, *arguments],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
            stdout=self.out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.grader = psutil.Process(self.process.pid)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def processes(self) -> list[psutil.Process]:
        """The grader, and all that it started; also once it is gone. Not the dead."""
        found = []
        for child in psutil.Process().children():
            if child.pid not in self.before:
                with contextlib.suppress(psutil.NoSuchProcess):
                    found += [child, *child.children(recursive=True)]
        return [process for process in found if _lives(process)]

    def victims(self, kind: str) -> list[psutil.Process]:
        """Those processes of a kind that run now: grader, driver, or (warm) parent."""
        if kind == "grader":
            return [self.grader] if not self.ended() else []
        return [process for process in self.processes() if kind_of(process) == kind]

    def wait(self, seconds: float) -> tuple[int, str]:
        """How it ended, and what it printed. One that does not end is ended, and that is a fault."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            running = [describe(process) for process in self.processes()]
            self.end()
            raise AssertionError(
                f"did not end within {seconds:g} s: {self.said()}\n{running}"
            ) from None
        return code, self.said()

    def said(self) -> str:
        """What it has printed until now."""
        self.out.seek(0)
        return self.out.read()

    def left(self, seconds: float) -> list[str]:
        """What still runs, some seconds after the end, in words; and an end to it."""
        until = time.monotonic() + seconds
        while self.processes() and time.monotonic() < until:
            time.sleep(0.1)
        left = [describe(process) for process in self.processes()]
        self.end()
        return left

    def end(self) -> None:
        """Kill whatever runs, and bury those who have become this process's own."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for child in psutil.Process().children():
            ours = child.pid in self.before or child.pid == self.process.pid
            if not ours and not _lives(child):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child.pid, os.WNOHANG)


def kind_of(process: psutil.Process) -> str:
    """driver: of kernels beyond the grader's own. parent: a launcher of warm kernels, or the server below it.
    kernel: what runs in a warm parent's namespaces, supervisors too."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        command = " ".join(process.cmdline())
        if "autograder.grading.driver" in command:
            return "driver"
        if WARM in command:
            status = Path(f"/proc/{process.pid}/status").read_text(
                encoding="ascii", errors="replace"
            )
            inside = next(line for line in status.splitlines() if line.startswith("NSpid:"))
            return "kernel" if len(inside.split()) > 3 else "parent"
    return ""


def describe(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        state = f"{process.pid} of {process.ppid()}, {process.status()}"
        return f"{state}: {' '.join(process.cmdline())[:120]}"
    return f"{process.pid} (gone)"


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
