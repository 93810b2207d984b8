"""A Dask cluster as workers: a scheduler that is there already, and workers on any machines.

Tasks and executions travel by value, so that a worker needs the installed package and nothing else: no
shared disk, no database. Workers do nothing but `execute`; all writing stays with the caller. A worker
that dies costs the task that it held a second try, and nobody else anything.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait
from concurrent.futures import Future as ConcurrentFuture
from types import TracebackType
from typing import Any

import dask
from distributed import Client, Future, as_completed
from distributed.scheduler import KilledWorker

from autograder.engines.base import EngineError
from autograder.errors import UserError
from autograder.grading.workers import TRIES, Attempt, warm_up, work
from autograder.model import Execution, Task

WAIT_SECONDS = 30.0  # for a cluster to answer, and for its first worker

SETTINGS: dict[str, Any] = {
    "distributed.comm.timeouts.connect": WAIT_SECONDS,
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.low-level-log-length": 10,  # of messages, with the notebooks in them
    "distributed.admin.system-monitor.log-length": 10,
    "distributed.scheduler.allowed-failures": 0,  # trying again is ours
    "distributed.worker.memory.target": False,  # nothing stays on a worker that could be spilled
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.system-monitor.interval": "10s",  # nobody looks at these figures
    "distributed.admin.tick.interval": "1s",
    "distributed.scheduler.work-stealing": False,  # there is never more than a task or two ahead
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.use-file-locking": False,
    "distributed.scheduler.http.routes": [],  # nothing is served to the browser
    "distributed.worker.http.routes": [],
}


class Cluster:
    """The workers of a scheduler, for one run or several. Use it as a context manager.

    engine   what runs the cells (see autograder.engines.choose)
    address  of the scheduler, such as "tls://10.0.0.1:8786"
    ahead    connect at once, beside what the caller does meanwhile; else with the first task
    """

    def __init__(self, engine: str, address: str, ahead: bool = False) -> None:
        self.ahead = ahead
        self.engine = engine
        self.address = address
        self.client: Client | None = None
        self.settings = contextlib.ExitStack()
        self.opening: ConcurrentFuture[None] | None = None
        self.needed = False  # there was a task

    def __enter__(self) -> Cluster:
        if self.ahead:
            self._begin()
        return self

    def _begin(self) -> None:
        if self.opening is None:
            self.opening = ConcurrentFuture()
            threading.Thread(target=self._open_for, args=(self.opening,), daemon=True).start()

    def _open_for(self, opening: ConcurrentFuture[None]) -> None:
        try:
            self._open()
        except BaseException as error:  # noqa: BLE001
            opening.set_exception(error)
        else:
            opening.set_result(None)

    def _open(self) -> None:
        for name in ("distributed", "distributed.client", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.settings.enter_context(dask.config.set(SETTINGS))
        try:
            self._join()
            self._warm_up()
        except BaseException:
            self._close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.opening is None:
            return
        at_once = kind is not None or not self.needed
        while not self.opening.done():  # what is half there cannot be ended
            if at_once:
                self._close_client()
            wait([self.opening], timeout=0.1)
        self._close()

    def _join(self) -> None:
        try:
            self.client = Client(self.address, timeout=WAIT_SECONDS)
            self.client.wait_for_workers(1, timeout=WAIT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise UserError(
                f"The cluster {self.address} does not answer: {error}.",
                "Start a scheduler and at least one worker (`dask scheduler`, `dask worker "
                "ADDRESS --nthreads 1`), with this package installed where the workers run.",
            ) from error
        self._same_package()

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

    def _warm_up(self) -> None:
        """Have each worker open the engine once: what takes seconds is done, and known to work.

        One that dies meanwhile has nothing to tell.
        """
        assert self.client is not None
        try:
            addresses = self.client.scheduler_info(n_workers=-1)["workers"]
            warming = [
                self.client.submit(
                    warm_up, self.engine, workers=[address], allow_other_workers=True, pure=False
                )
                for address in addresses
            ]
            failures = [told for told in self.client.gather(warming, errors="skip") if told]
        except (OSError, CancelledError) as error:
            raise self._lost() from error
        if failures:
            raise UserError(
                f"A worker cannot grade: {failures[0]}", "`autograder doctor`, run there, says why."
            )

    def _close_client(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):  # what is gone already
                self.client.close()

    def _close(self) -> None:
        """Let go of the cluster; it forgets what it was asked for."""
        self._close_client()
        self.client = None
        self.settings.close()

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Execution | EngineError]]:
        """Execute tasks side by side, one on each worker, with one more at hand for the first that
        is free. Raises UserError if the cluster goes away."""
        running: dict[Future[Any], Attempt] = {}
        at_hand: deque[Attempt] = deque()

        def fetch() -> bool:
            """Whether there is an attempt at hand."""
            if not at_hand and (task := next(tasks, None)):
                at_hand.append(Attempt(task))
            return bool(at_hand)

        def keep_busy() -> None:
            for _ in range(self._width() - len(running)):
                if not fetch():
                    return
                attempt = at_hand.popleft()
                future = self._submit(attempt.task)
                running[future] = attempt
                ended.add(future)

        if not fetch():
            return
        self.needed = True
        self._begin()
        assert self.opening is not None
        self.opening.result()
        ended = as_completed()
        while fetch() or running:
            keep_busy()
            fetch()
            future = self._next(ended)
            attempt = running.pop(future)
            outcome = self._outcome(future)
            if isinstance(outcome, EngineError) and attempt.number < TRIES:
                at_hand.append(Attempt(attempt.task, attempt.number + 1))
                continue
            keep_busy()  # before the caller writes down what came
            yield attempt.task, outcome

    def _submit(self, task: Task) -> Future[Any]:
        assert self.client is not None
        return self.client.submit(work, task, self.engine, pure=False)

    def _next(self, ended: as_completed) -> Future[Any]:
        """The next future that is done, and not because the cluster is."""
        future = next(ended)
        if future.cancelled():
            raise self._lost()
        return future

    def _outcome(self, future: Future[Any]) -> Execution | EngineError:
        """What came of it, which has to be fetched: the cluster may go away even now."""
        try:
            return outcome_of(future)
        except (OSError, CancelledError) as error:
            raise self._lost() from error

    def _width(self) -> int:
        """How many tasks can run now: one for each thread of each worker."""
        assert self.client is not None
        try:
            workers = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, CancelledError) as error:
            raise self._lost() from error
        return max(1, sum(worker["nthreads"] for worker in workers.values()))

    def _lost(self) -> UserError:
        return UserError(
            f"The cluster {self.address} went away in mid-run.",
            "What is recorded stays recorded. Start it again, and run the same command.",
        )


def outcome_of(future: Future[Any]) -> Execution | EngineError:
    """What a task came to, with every failure of a worker as an EngineError."""
    error = future.exception()
    if isinstance(error, KilledWorker):
        return EngineError("the process that graded it died")
    if error is not None:
        return EngineError(f"{type(error).__name__}: {error}")
    result = future.result()
    return EngineError(result) if isinstance(result, str) else result


def package_version() -> str:
    """The version of the autograder installed here."""
    from importlib import metadata

    return metadata.version("backprop-autograder")
