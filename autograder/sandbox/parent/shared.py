"""The one warm parent that all kernels of this process share; started by the first."""

from __future__ import annotations

import atexit
import os
import threading

from autograder.sandbox.parent.client import WarmParent

_lock = threading.Lock()
_parents: dict[tuple[int, bool], WarmParent] = {}


def shared_parent(isolate: bool = True) -> WarmParent:
    """This process's warm parent; a new one where there is none, or the last one has died.

    Raises SandboxError where the system cannot isolate.
    """
    with _lock:
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
