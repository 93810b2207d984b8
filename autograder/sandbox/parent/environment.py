"""What of the grader's environment its sandboxed processes may know, and how one of them starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

_KEPT = ("LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")
# Large arrays go back to the system when they are freed. By itself glibc soon puts them on its heap,
# and keeps them there: 60 MiB in each kernel of unit 07.
_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(8 * 2**20),
}


def clean_environment() -> dict[str, str]:
    """What children may know of this process's environment; one thread for what counts threads."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        kept[name] = "1"
    # Who asks for more threads than there are cores must not wait for them with the cores themselves:
    # with 2 threads in each of 3 kernels on 2 cores, training took 9 s, and takes 2 s.
    kept["OMP_WAIT_POLICY"] = "passive"
    path = f"{os.path.dirname(os.path.abspath(sys.executable))}:/usr/local/bin:/usr/bin:/bin"
    kept |= {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "LESSONKIT_OFFLINE": "1"}
    kept["LESSONKIT_PROGRESS"] = "0"  # a bar is for someone who watches
    return {"LANG": "C.UTF-8", **_MALLOC, **kept}


def start(module: str, *arguments: str, fds: Sequence[int]) -> subprocess.Popen[bytes]:
    """`python -m module arguments…` in a session of its own, with these files and little else."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        pass_fds=fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=clean_environment(),
        cwd="/",
        start_new_session=True,
    )
