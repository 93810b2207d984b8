"""Who executes tasks: tasks in, executions out, in the order in which they end.

Two kinds, with the same three steps: `start` (beside what the caller does meanwhile), `run`, and the end
of the `with` block. `local.Local` is this machine, and `cluster.Cluster` a Dask cluster elsewhere. Nobody
but the caller writes: a task and what comes of it are plain data.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from autograder.engines.base import EngineError
from autograder.engines.choose import open_engine
from autograder.engines.notebook import execute
from autograder.model import Execution, Limits, Task

TRIES = 2  # for a task whose worker died


class Workers(Protocol):
    """A context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Execution | EngineError]]:
        """Execute tasks side by side. Raises UserError if nobody is there to do it."""


@dataclass(frozen=True)
class Attempt:
    """A task, and how often it is being tried."""

    task: Task
    number: int = 1


def default_workers() -> int:
    """One per core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def work(task: Task, engine: str) -> Execution | str:
    """What a worker does. An engine that fails is told in words: its exception may not travel."""
    try:
        return execute(task, engine)
    except EngineError as error:
        return str(error)


def warm_up(engine: str) -> str:
    """What a worker does first, where the engine keeps something warm; what is wrong, if anything is."""
    failure = ""
    for _ in range(TRIES if engine != "stock" else 0):
        try:
            with open_engine(engine, Limits()):
                return ""
        except EngineError as error:
            failure = str(error)
    return failure
