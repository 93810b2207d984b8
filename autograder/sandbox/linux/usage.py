"""The limits that the system has no name for: what all processes of a child use together."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.model import Limits

MEMORY, CPU, PROCESSES = "memory limit", "CPU limit", "process limit"
_TICKS = os.sysconf("SC_CLK_TCK")
_SLACK = 1.1  # a single process meets its own limit, and a MemoryError, before this one


@dataclass
class Usage:
    """What a child's processes use together: MiB beyond the warm parent's, CPU seconds, tasks.

    Memory is pages and swap, the tables that map them, and what sockets may hold.
    """

    memory: float = 0.0
    cpu: float = 0.0
    tasks: int = 0


class Watch:
    """Looks through /proc now and then. `alone` is True in a pid namespace of one's own."""

    def __init__(self, limits: Limits, alone: bool) -> None:
        self.limits = limits
        self.alone = alone
        own = _status("/proc/self/status")
        self.base = own.get("RssAnon", 0) / 1024
        self.tables = own.get("VmPTE", 0) / 1024
        self.sockets = _sockets() if alone else 0
        self.buffer = _buffer() / 2**20
        self.pause = 0.25  # seconds until it is worth looking again
        self.peak = Usage()

    def exceeded(self) -> str | None:
        """The name of the limit that is exceeded, or None."""
        usage = self._measure(exact=False)
        most = self.limits.memory * _SLACK
        if usage.memory > most:
            usage = self._measure(exact=True)
        busy = usage.tasks > 24 or usage.memory > 0.25 * self.limits.memory
        self.pause = 0.05 if busy else 0.25
        self.peak = Usage(
            max(self.peak.memory, usage.memory),
            max(self.peak.cpu, usage.cpu),
            max(self.peak.tasks, usage.tasks),
        )
        if usage.memory > most:
            return MEMORY
        if usage.cpu > self.limits.cpu_seconds:
            return CPU
        if usage.tasks > self.limits.processes:  # where the system does not count: see limits
            return PROCESSES
        return None

    def _measure(self, exact: bool) -> Usage:
        """`exact` counts pages that several processes share once; it takes some milliseconds."""
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        usage = Usage(cpu=own.ru_utime + own.ru_stime)
        shared = 0.0
        for pid in self.pids():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
                words = fields.rpartition(")")[2].split()
                usage.cpu += sum(map(int, words[11:15])) / _TICKS
                usage.tasks += int(words[17])
                status = _status(f"/proc/{pid}/status")
                shared = max(shared, status.get("RssShmem", 0) / 1024)
                swapped = status.get("VmSwap", 0) / 1024
                private = status.get("RssAnon", 0) / 1024 - self.base
                if exact:
                    private = self._proportional(pid, private)
                tables = status.get("VmPTE", 0) / 1024 - self.tables
                usage.memory += max(0.0, private) + max(0.0, tables) + swapped
        usage.memory += shared
        if self.alone:
            usage.memory += (_sockets() - self.sockets) * self.buffer
        return usage

    def _proportional(self, pid: int, otherwise: float) -> float:
        """A process's share of its pages, less what this process has: the warm parent's pages."""
        try:
            rollup, own = _status(f"/proc/{pid}/smaps_rollup"), _status("/proc/self/smaps_rollup")
        except OSError:  # it has barred others from looking
            return otherwise
        return (rollup.get("Pss_Anon", 0) - own.get("Pss_Anon", 0)) / 1024

    def pids(self) -> Iterator[int]:
        """The processes to count: all but this one, or all that descend from it."""
        if self.alone:
            own = os.getpid()
            yield from (int(n) for n in os.listdir("/proc") if n.isdigit() and int(n) != own)
        else:
            yield from descendants(os.getpid())


def _buffer() -> int:
    """Bytes that the messages waiting in one socket may take: its limit, and one that goes beyond it."""
    with socket.socket(socket.AF_UNIX) as one:
        return 2 * one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


def _sockets() -> int:
    """How many sockets there are in this network namespace, also such as are on their way in another."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/sockstat").read_text(encoding="ascii").splitlines():
            if line.startswith("sockets: used "):
                return int(line.split()[2])
    return 0


def descendants(pid: int) -> list[int]:
    """All living processes that descend from `pid`, nearest first."""
    found: list[int] = []
    queue = [pid]
    while queue:
        queue = [child for one in queue for child in _children(one)]
        found += queue
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii")
                found += map(int, text.split())
    return found


def kill_all(alone: bool, seconds: float = 10.0) -> None:
    """Kill and reap all that runs below this process: so that what it used is accounted for.

    Without a pid namespace this process must be a subreaper.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        alive = [-1] if alone else descendants(os.getpid())
        for signum in (signal.SIGSTOP, signal.SIGKILL):  # stopped: so that nothing forks away
            for pid in alive:
                with contextlib.suppress(OSError):
                    os.kill(pid, signum)
        try:
            if alone:  # what it killed is dead for certain: no need to look again
                while True:
                    os.waitpid(-1, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _status(path: str) -> dict[str, int]:
    """The numbers (KiB) in a file of `Name:  123 kB` lines."""
    numbers = {}
    for line in Path(path).read_text("utf-8", "replace").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB":
            numbers[name] = int(words[0])
    return numbers
