"""Limits on one process, by setrlimit; what they are in the system's own units."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path

from autograder.model import Limits

MIB = 1024 * 1024
FILES = 256  # each may be a socket, with a buffer that only `watch` counts
PENDING = 256  # signals that wait, and timers: the system's memory
_SIGPENDING = 11  # the module `resource` does not name it


def data_size() -> int:
    """Bytes of private writable memory that this process has mapped: what RLIMIT_DATA counts."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def apply(limits: Limits, count_processes: bool) -> None:
    """Limit this process and what it starts.

    Memory is what comes on top of what the warm parent already holds. RLIMIT_DATA gives a clean
    MemoryError, where RLIMIT_AS would trip over torch's reservations. `count_processes` only in a
    user namespace of one's own: elsewhere the system counts all that the user has running.
    """
    cpu = max(1, int(-(-limits.cpu_seconds // 1)))
    wanted = {
        resource.RLIMIT_DATA: (data_size() + limits.memory * MIB,) * 2,
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_FSIZE: (limits.file_size * MIB,) * 2,
        resource.RLIMIT_CORE: (1, 1),  # 0 would still run a core handler where there is one
        resource.RLIMIT_NOFILE: (FILES, FILES),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    if count_processes:
        wanted[resource.RLIMIT_NPROC] = (limits.processes, limits.processes)
        wanted[_SIGPENDING] = (PENDING, PENDING)
    for kind, (soft, hard) in wanted.items():
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:  # an ordinary user cannot raise what is already lower
            resource.setrlimit(kind, (min(soft, most), min(hard, most)))
        else:
            resource.setrlimit(kind, (soft, hard))


def go_first() -> None:
    """Make this process and what it starts the first to go when the machine runs out of memory."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
