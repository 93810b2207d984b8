"""This machine as workers: a thread for each, which drives one notebook at a time.

The student's code runs in processes of its own, and a thread mostly waits for them. With the exam engine
all threads of this process share one warm parent; beyond what one interpreter drives well, more drivers
are started (`driver`), with threads and a warm parent of their own. A stock kernel is its driver's own
child and can kill it: it is given a driver for itself.
"""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from multiprocessing.connection import Connection
from types import TracebackType

from autograder.engines.base import EngineError
from autograder.errors import UserError
from autograder.grading.workers import TRIES, Attempt, default_workers, warm_up, work
from autograder.model import Execution, Task
from autograder.sandbox.parent import shared

HERE = 4  # exam kernels that one interpreter drives without being what they wait for
END_SECONDS = 20.0  # for threads to notice that they are to stop

Do = Callable[[Task], Execution | str]


class Driver:
    """A process that executes so many tasks side by side; started with the first, and again if it dies."""

    def __init__(self, engine: str, width: int) -> None:
        self.engine = engine
        self.width = width
        self.process: subprocess.Popen[bytes] | None = None
        self.connections: list[Connection] = []
        self.stopped = False
        self.lock = threading.Lock()

    def execute(self, slot: int, task: Task) -> Execution | str:
        """Execute a task; each caller has a slot of its own."""
        process = None
        try:
            process, connection = self._running(slot)
            connection.send(task)
            done: Execution | str = connection.recv()
        except (OSError, EOFError) as error:
            self._bury(process)
            return f"the process that graded it died ({type(error).__name__})"
        return done

    def _running(self, slot: int) -> tuple[subprocess.Popen[bytes], Connection]:
        with self.lock:
            if self.stopped:
                raise EOFError
            if self.process is None:
                pairs = [socket.socketpair() for _ in range(self.width)]
                theirs = [end.fileno() for _, end in pairs]
                command = [sys.executable, "-m", "autograder.grading.driver", self.engine]
                self.process = subprocess.Popen(
                    [*command, *map(str, theirs)],
                    pass_fds=theirs,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
                for _, end in pairs:
                    end.close()
                self.connections = [Connection(ours.detach()) for ours, _ in pairs]
            return self.process, self.connections[slot]

    def _bury(self, dead: subprocess.Popen[bytes] | None) -> None:
        with self.lock:
            if dead is not None and self.process is dead:
                self.process, self.connections = None, []
                dead.kill()
                dead.wait()

    def stop(self, at_once: bool) -> None:
        """End it: at once, or, if nothing runs there any more, by letting go of it."""
        with self.lock:
            self.stopped = True
            process, self.process, self.connections = self.process, None, []
        if process is not None:
            if at_once:
                process.kill()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Local:
    """Workers of this machine, for one run or several. Use it as a context manager.

    engine   what runs the cells (see autograder.engines.choose)
    workers  how many; 0 is one per core
    ahead    start at once, beside what the caller does meanwhile; else with the first task
    """

    def __init__(self, engine: str = "stock", workers: int = 0, ahead: bool = False) -> None:
        self.engine = engine
        self.workers = workers or default_workers()
        self.ahead = ahead
        self.warm: Future[str] | None = None
        self.threads: list[threading.Thread] = []
        self.drivers: list[Driver] = []
        self.todo: queue.SimpleQueue[Attempt | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[tuple[Attempt, Execution | str]] = queue.SimpleQueue()

    def __enter__(self) -> Local:
        if self.ahead:
            self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        idle = kind is None and self.todo.empty()
        for _ in self.threads:
            self.todo.put(None)
        if idle:
            self._join()
        for driver in self.drivers:
            driver.stop(at_once=not idle)
        if not idle:
            with shared.none_any_more():  # what runs is ended, and cannot start again
                self._join()

    def _join(self) -> None:
        for thread in self.threads:
            thread.join(END_SECONDS)

    def _start(self) -> None:
        """Start the threads; the first thing that they need, a warm parent, is made meanwhile."""
        if self.threads:
            return
        warm: Future[str] = Future()
        self.warm = warm
        for number in range(self.workers):
            self._thread(self._serve, self._place(number))
        if self.engine == "stock":
            warm.set_result("")
        else:
            self._thread(self._warm_up)

    def _thread(self, target: Callable[..., None], *arguments: Do) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _place(self, number: int) -> Do:
        """Where a worker's tasks are executed: here, or by a driver."""
        width = 1 if self.engine == "stock" else HERE
        if self.engine != "stock" and number < HERE:
            return self._here
        if number % width == 0:
            self.drivers.append(Driver(self.engine, min(width, self.workers - number)))
        return partial(self.drivers[-1].execute, number % width)

    def _here(self, task: Task) -> Execution | str:
        return work(task, self.engine)

    def _warm_up(self) -> None:
        assert self.warm is not None
        try:
            self.warm.set_result(warm_up(self.engine))
        except Exception as error:  # noqa: BLE001  # told to who waits for it
            self.warm.set_exception(error)

    def _serve(self, do: Do) -> None:
        while (attempt := self.todo.get()) is not None:
            try:
                self.done.put((attempt, do(attempt.task)))
            except Exception as error:  # noqa: BLE001  # as a worker elsewhere: its task has failed
                self.done.put((attempt, f"{type(error).__name__}: {error}"))

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Execution | EngineError]]:
        """Execute tasks side by side, one on each worker, with one more at hand for the first that
        is free. Raises UserError if this machine cannot."""
        running = 0

        def feed() -> None:
            nonlocal running
            while running <= self.workers and (task := next(tasks, None)) is not None:
                self._start()
                self.todo.put(Attempt(task))
                running += 1

        feed()
        if running and self.warm is not None and (failure := self.warm.result()):
            raise UserError(f"A worker cannot grade: {failure}", "`autograder doctor` says why.")
        while running:
            attempt, outcome = self.done.get()
            if isinstance(outcome, str) and attempt.number < TRIES:
                self.todo.put(Attempt(attempt.task, attempt.number + 1))
                continue
            running -= 1
            feed()  # before the caller writes down what came
            yield attempt.task, EngineError(outcome) if isinstance(outcome, str) else outcome
