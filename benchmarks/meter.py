"""Run a command, and read off what it and everything it started used."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Use:
    """seconds: wall clock; cpu: seconds of all processes that were waited for; output: stdout."""

    seconds: float
    cpu: float
    output: str
    kernel_mib: float = 0.0  # the most private memory of any one process below a warm parent
    total_mib: float = 0.0  # the most of all processes together (proportional share)


def run(command: list[str], cwd: Path, look: float = 0.0) -> Use:
    """Run it to its end. Raises RuntimeError, with what it printed, if it fails.

    look  seconds between two looks at how much memory it takes; 0 does not look, which takes no time
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with watching(process.pid, look) as seen:
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(process.stderr.read()))  # type: ignore[union-attr]
        reader.start()
        output = process.stdout.read()  # type: ignore[union-attr]
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output}\n{said[0]}")
    return Use(seconds, usage.ru_utime + usage.ru_stime, output, seen[0], seen[1])


@contextlib.contextmanager
def watching(pid: int, look: float) -> Iterator[list[float]]:
    """[most memory of one kernel, most of all processes together], in MiB, while it lasts."""
    most = [0.0, 0.0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(look):
            one, everything = memory(pid)
            most[0], most[1] = max(most[0], one), max(most[1], everything)

    thread = threading.Thread(target=watch)
    if look:
        thread.start()
    try:
        yield most
    finally:
        over.set()
        if look:
            thread.join()


def memory(pid: int) -> tuple[float, float]:
    """The largest private memory of a kernel below `pid`, and the share of all processes, in MiB."""
    one = everything = 0.0
    with contextlib.suppress(psutil.Error):
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            with contextlib.suppress(psutil.Error, OSError):
                found = process.memory_full_info()
                everything += found.pss / 2**20
                if in_a_kernel(process):
                    one = max(one, found.uss / 2**20)
    return one, everything


def in_a_kernel(process: psutil.Process) -> bool:
    """Whether it runs in namespaces below those of a warm parent: a kernel, an examiner, or theirs."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    numbers = next(line for line in status.splitlines() if line.startswith("NSpid:"))
    return len(numbers.split()) > 3  # "NSpid:", and a number in each pid namespace
