"""The one warm parent that all kernels of this process share; started by the first."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Iterator

from autograder.sandbox.parent.client import WarmParent
from autograder.sandbox.parent.process import SandboxError

_lock = threading.Lock()
_parents: dict[tuple[int, bool], WarmParent] = {}
_ending = 0  # how many are ending what runs


def shared_parent(isolate: bool = True) -> WarmParent:
    """This process's warm parent; a new one where there is none, or the last one has died.

    Raises SandboxError where the system cannot isolate, and while `none_any_more`.
    """
    with _lock:
        if _ending:
            raise SandboxError("The run is ending.")
        key = (os.getpid(), isolate)  # a fork of this process must have its own
        parent = _parents.get(key)
        if parent is None or not parent.alive:
            if parent is not None:
                parent.close()
            elif not any(pid == os.getpid() for pid, _ in _parents):
                atexit.register(close_shared)
            parent = _parents[key] = WarmParent(isolate=isolate).start()
        return parent


def close_shared() -> None:
    """End this process's warm parents and all their children."""
    with _lock:
        for key in [key for key in _parents if key[0] == os.getpid()]:
            _parents.pop(key).close()


@contextlib.contextmanager
def none_any_more() -> Iterator[None]:
    """End this process's warm parents with all that they run; within the block, there is no other."""
    global _ending  # noqa: PLW0603
    _ending += 1
    try:
        close_shared()
        yield
    finally:
        _ending -= 1
