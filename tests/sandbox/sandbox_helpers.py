"""Ways to run code in a kernel, and to look at what is left of processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder import sandbox

SECRET = "canary-in-the-grader-environment-7f3a"


class Runner:
    """A kernel, and what its cells print."""

    def __init__(self, kernel: sandbox.Kernel) -> None:
        self.kernel = kernel

    def __call__(self, code: str, timeout: float = 20) -> str:
        """Run a cell; what it printed, its result and its error's name and text."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "execute_result":
                said.append(content["data"]["text/plain"])
            elif message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")

        self.kernel.client.execute_interactive(code, output_hook=hear, timeout=timeout)
        return "".join(said).strip()

    def until_dead(self, code: str, timeout: float = 20) -> str | None:
        """Run a cell that ends its kernel; the cause."""
        self.kernel.client.execute(code)
        assert self.kernel.process.wait(timeout), "the kernel is still alive"
        return self.kernel.cause()


def eventually(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `what` becomes true within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return what()


def parents() -> dict[int, int]:
    """Each living process's parent, as /proc tells."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                found[int(entry.name)] = int(words[1])
    return found


def children_of(pid: int) -> set[int]:
    return {child for child, parent in parents().items() if parent == pid}


def below(pid: int) -> set[int]:
    """A process and all its descendants; nothing if it does not live."""
    above = parents()
    found = {pid} & set(above)
    while more := {p for p, parent in above.items() if parent in found} - found:
        found |= more
    return found
