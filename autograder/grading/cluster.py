"""Who executes what, and when, on a Dask cluster that is there already; the same shape as `Pool`.

Tasks and executions travel by value, so a worker needs the installed package and nothing else: no
shared disk, no database. A worker that dies costs the task that it held another try elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import dask
from distributed import Client, Future, as_completed
from distributed.scheduler import KilledWorker

from autograder.errors import UserError
from autograder.grading.engine import EngineError
from autograder.grading.execute import execute
from autograder.model import Execution, Task

AHEAD = 3  # tasks in flight for each worker
WAIT_SECONDS = 30.0  # for a cluster to answer, and for its first worker

SETTINGS: dict[str, Any] = {
    "distributed.comm.timeouts.connect": WAIT_SECONDS,
    "distributed.admin.tick.limit": "60s",
}


def work(task: Task, engine: str) -> Execution | str:
    """What a worker does. An engine that fails is told in words: its exception may not travel."""
    try:
        return execute(task, engine)
    except EngineError as error:
        return str(error)


class Cluster:
    """A running cluster for one run. Use it as a context manager.

    address  of its scheduler, such as "tcp://10.0.0.1:8786"
    """

    def __init__(self, address: str, engine: str = "stock") -> None:
        self.address = address
        self.engine = engine
        self.client: Client | None = None

    def __enter__(self) -> Cluster:
        for name in ("distributed", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with dask.config.set(SETTINGS):
            try:
                self.client = Client(self.address, timeout=WAIT_SECONDS)
                self.client.wait_for_workers(1, timeout=WAIT_SECONDS)
            except (OSError, TimeoutError, ValueError) as error:
                self._close()
                raise UserError(
                    f"The cluster {self.address} does not answer: {error}.",
                    "Start a scheduler and at least one worker (`dask scheduler`, `dask worker "
                    "ADDRESS --nthreads 1`), with this package installed where the workers run.",
                ) from error
        try:
            self._same_package()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):  # a cluster that is gone already
                self.client.close()
            self.client = None

    def _same_package(self) -> None:
        """Workers elsewhere must have the package, in this version."""
        assert self.client is not None
        try:
            found = self.client.run(package_version)
        except Exception as error:
            raise UserError(
                f"The workers of {self.address} cannot import the autograder: {error}.",
                "Install this package where the workers run.",
            ) from error
        other = {v for v in found.values() if v != package_version()}
        if other:
            raise UserError(
                f"The workers of {self.address} have version {', '.join(sorted(other))}; "
                f"this is {package_version()}.",
                "Install the same version everywhere.",
            )

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Execution | EngineError]]:
        """Execute tasks side by side; only a few are taken from the iterator ahead of time."""
        assert self.client is not None
        running: dict[Future, Task] = {}
        ended = as_completed(with_results=False)

        def submit() -> bool:
            task = next(tasks, None)
            if task is None:
                return False
            assert self.client is not None
            future = self.client.submit(work, task, self.engine, pure=False)
            running[future] = task
            ended.add(future)
            return True

        more = True
        while True:
            while more and len(running) < AHEAD * self._width():
                more = submit()
            if not running:
                return
            future = next(ended)
            task = running.pop(future)
            yield task, outcome_of(future)
            future.release()

    def _width(self) -> int:
        """How many workers there are now."""
        assert self.client is not None
        return max(1, len(self.client.scheduler_info(n_workers=-1)["workers"]))


def outcome_of(future: Future) -> Execution | EngineError:
    """What a task came to, with every failure of the cluster as an EngineError."""
    error = future.exception()
    if isinstance(error, KilledWorker):
        return EngineError("every worker that had it died")
    if error is not None:
        return EngineError(f"{type(error).__name__}: {error}")
    result = future.result()
    return EngineError(result) if isinstance(result, str) else result


def package_version() -> str:
    """The version of the autograder installed here."""
    from importlib import metadata

    return metadata.version("backprop-autograder")
