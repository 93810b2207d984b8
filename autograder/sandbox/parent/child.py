"""What a function that runs in a warm child is given, and how it is found and called."""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.linux.mounts import HOME, SCRATCH, WORK
from autograder.sandbox.parent.supervisor import READY


@dataclass(frozen=True)
class Child:
    """Handed to the target function.

    `payload` is what the caller gave to `spawn`; `fds` are the caller's open files, in their order;
    `run_dir` is a folder that both sides see at the same path. In an isolated child it becomes
    read-only at `ready()`: sockets in there can still be connected to, but none can be added.
    """

    payload: dict[str, Any]
    fds: tuple[int, ...]
    run_dir: str
    isolated: bool

    def ready(self) -> None:
        """Tell the caller (`wait_ready`) that this child can be spoken to."""
        os.kill(os.getppid(), READY)


def find(target: str) -> Callable[[Child], int | None]:
    """The function that `module:function` names. Raises ImportError, AttributeError, ValueError."""
    module, _, name = target.partition(":")
    if not module or not name:
        raise ValueError(f"A target is written module:function, not {target!r}.")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(f"The target {target!r} cannot be called.")
    return found


def run(target: str, payload: int, fds: tuple[int, ...], run_dir: str, *, isolated: bool) -> int:
    """Read the payload from the open file `payload`, call the target, return its exit code."""
    with open(payload, "rb") as file:
        file.seek(0)
        content = json.loads(file.read())
    settle(isolated, content["threads"], content["cwd"])
    code = find(target)(Child(content["payload"], fds, run_dir, isolated))
    return int(code or 0)


def settle(isolated: bool, threads: int, cwd: str | None) -> None:
    """Give a fresh fork its own surroundings: folder, environment, random numbers, threads."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if isolated:
        os.environ.update(HOME=HOME, TMPDIR=SCRATCH, USER="student", LOGNAME="student")
        os.environ.pop("MPLCONFIGDIR", None)
    os.chdir(WORK if isolated else cwd or "/")
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    import sys

    if "numpy" in sys.modules:  # else every child would draw the same numbers
        import numpy as np

        np.random.seed()
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(threads)


def echo(child: Child) -> None:
    """A target to try the machinery with: writes its payload to the file it was given."""
    with open(child.fds[0], "w", encoding="utf-8") as file:
        json.dump(child.payload, file)
