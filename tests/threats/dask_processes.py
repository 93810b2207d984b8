"""A Dask scheduler and a worker, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def scheduler_and_worker(
    folder: Path, temporary: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The scheduler's process and its address. Both end with the block.

    `folder` is for what Dask itself leaves behind, `temporary` for what graders do.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    at = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    scheduler = spawn(folder, folder, "dask_scheduler", *at)
    alone = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder))
    worker = spawn(folder, temporary, "dask_worker", address, *alone)
    try:
        yield scheduler, address
    finally:
        for process in (scheduler, worker):
            process.terminate()
        for process in (scheduler, worker):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def spawn(folder: Path, temporary: Path, command: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{command}", *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
