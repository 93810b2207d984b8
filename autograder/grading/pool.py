"""Who executes what, and when: tasks in, executions out, in the order in which they end.

Worker processes do nothing but `execute`; all writing stays with the caller. A worker that dies
costs the task that it held a second try, and nobody else anything.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import FrameType

from autograder.grading.engine import EngineError
from autograder.grading.execute import execute
from autograder.model import Execution, Task

TRIES = 2


def default_workers() -> int:
    """One per core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def start_worker() -> None:
    """Ctrl-C is the coordinator's; a worker that is told to end closes its kernel first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, leave)


def leave(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise SystemExit(1)


def work(task: Task, engine: str) -> Execution:
    """`execute`, in a worker. One that is told to end does so as soon as its kernel is closed.

    The executor would take SystemExit for the task's own error, and go on with the next task.
    """
    try:
        return execute(task, engine)
    except SystemExit:
        os._exit(1)


class Pool:
    """Worker processes for one run. Use it as a context manager: leaving it ends them all."""

    def __init__(self, workers: int, engine: str = "stock") -> None:
        self.workers = workers
        self.engine = engine
        self.executor = self._new()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def _new(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, context, start_worker)

    def _end(self) -> None:
        processes = list((self.executor._processes or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            if process.is_alive():
                process.terminate()
        for process in processes:
            process.join(10)
            if process.is_alive():
                process.kill()

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Execution | EngineError]]:
        """Execute tasks side by side; only a few are taken from the iterator ahead of time."""
        waiting: list[tuple[Task, int]] = []
        running: dict[Future[Execution], tuple[Task, int]] = {}
        more = True
        while True:
            while more and len(waiting) + len(running) < 2 * self.workers:
                task = next(tasks, None)
                more = task is not None
                if task is not None:
                    waiting.append((task, 1))
            while waiting and len(running) < 2 * self.workers:
                task, tries = waiting.pop(0)
                running[self.executor.submit(work, task, self.engine)] = (task, tries)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(f.exception(), BrokenProcessPool) for f in done):
                yield from self._after_a_death(running, waiting)
                continue
            for future in done:
                task, tries = running.pop(future)
                error = future.exception()
                if error is None:
                    yield task, future.result()
                elif tries < TRIES:
                    waiting.append((task, tries + 1))
                else:
                    yield task, as_engine_error(error)

    def _after_a_death(
        self,
        running: dict[Future[Execution], tuple[Task, int]],
        waiting: list[tuple[Task, int]],
    ) -> Iterator[tuple[Task, Execution | EngineError]]:
        """A worker died and took the pool along: new workers, and the tasks again, one by one.

        Nobody knows whose task it was, so each runs with one worker until the guilty one is found.
        """
        wait(running)
        suspects = []
        for future, (task, tries) in running.items():
            if future.exception() is None:
                yield task, future.result()
            else:
                suspects.append((task, tries))
        running.clear()
        self._end()
        for task, tries in suspects:
            with Pool(1, self.engine) as alone:
                future = alone.executor.submit(work, task, self.engine)
                error = future.exception()
                if error is None:
                    yield task, future.result()
                elif tries + 1 < TRIES and not isinstance(error, BrokenProcessPool):
                    waiting.append((task, tries + 1))
                else:
                    yield task, as_engine_error(error)
        self.executor = self._new()


def as_engine_error(error: BaseException) -> EngineError:
    """What a task's last try raised, as one kind of error."""
    if isinstance(error, EngineError):
        return error
    if isinstance(error, BrokenProcessPool):
        return EngineError("the process that graded it died")
    return EngineError(f"{type(error).__name__}: {error}")
