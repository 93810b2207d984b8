"""Who executes what, and when: tasks in, executions out, in the order in which they end.

It is always a Dask cluster: one of this machine's processes, started for the run, or one that is
there already. Tasks and executions travel by value, so that a worker needs the installed package
and nothing else: no shared disk, no database. Workers do nothing but `execute`; all writing stays
with the caller. A worker that dies costs the task that it held a second try, and nobody else
anything.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait
from concurrent.futures import Future as ConcurrentFuture
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import dask
from distributed import Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from autograder.engines.base import EngineError
from autograder.engines.choose import open_engine
from autograder.engines.notebook import execute
from autograder.errors import UserError
from autograder.grading import tls
from autograder.model import Execution, Limits, Task
from autograder.sandbox.parent import rundir, zygote

TRIES = 2
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
    told = ""
    for _ in range(TRIES if engine != "stock" else 0):
        try:
            with open_engine(engine, Limits()):
                return ""
        except EngineError as error:
            told = str(error)
    return told


@dataclass(frozen=True)
class Attempt:
    """A task, and how often it is being tried."""

    task: Task
    number: int = 1


class Cluster:
    """A cluster, for one run or several. Use it as a context manager.

    engine   what runs the cells (see autograder.engines.base)
    workers  processes on this machine; 0 is one per core
    address  of a scheduler, such as "tcp://10.0.0.1:8786", whose workers are used instead
    ahead    start at once, beside what the caller does meanwhile; else with the first task
    """

    def __init__(
        self, engine: str = "stock", workers: int = 0, address: str = "", ahead: bool = False
    ) -> None:
        self.ahead = ahead
        self.engine = engine
        self.workers = workers or default_workers()
        self.address = address
        self.local: LocalCluster | None = None
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
            if self.address:
                self._join()
            else:
                self._start()
            self._warm_up()
        except BaseException:
            self._close(at_once=True)
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
                self._kill_workers()
                if self.client is not None:
                    with contextlib.suppress(Exception):
                        self.client.close()
            wait([self.opening], timeout=0.1)
        self._close(at_once)

    def _start(self) -> None:
        """Processes of this machine. Nobody else on it can give them work: they speak TLS.

        Dask imports from its folder: it must be ours alone, and removed also if we are killed.
        """
        folder = self.settings.enter_context(rundir.make())
        self.settings.enter_context(dask.config.set({"temporary-directory": folder}))
        environment = {}
        if self.engine != "stock":
            environment[zygote.ADDRESS] = self.settings.enter_context(zygote.started(folder))
        try:
            self.local = LocalCluster(
                n_workers=self.workers,
                threads_per_worker=1,
                processes=True,
                security=tls.security(),
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                env=environment,
                silence_logs=logging.CRITICAL,
            )
        except RuntimeError as error:  # a worker has died before it was ready
            raise UserError(
                f"The workers could not be started: {error.__cause__ or error}.",
                "Run the same command again; if it stays so, with `--workers 1`.",
            ) from error
        self.client = Client(self.local)

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

    def _close(self, at_once: bool) -> None:
        """End what was started here. `at_once`: a worker that is busy is not waited for."""
        if at_once:
            self._kill_workers()
        for opened in (self.client, self.local):
            if opened is not None:
                with contextlib.suppress(Exception):  # what is gone already
                    opened.close()
        self.client = self.local = None
        self.settings.close()

    def _kill_workers(self) -> None:
        for nanny in list(self.local.workers.values()) if self.local is not None else ():
            nanny.auto_restart = False
            if nanny.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(nanny.pid, signal.SIGKILL)

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
        who = f"The cluster {self.address}" if self.address else "The scheduler of this run"
        hint = "Start it again, and run the same command." if self.address else "Run it again."
        return UserError(f"{who} went away in mid-run.", f"What is recorded stays recorded. {hint}")


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
