"""The grader's handle on an examiner: start one, and hand it test cells.

    with Examiner.start(kernel.run_dir, parent=parent) as examiner:
        outcome = examiner.run(source, ask_kernel, seconds=60)

`ask_kernel(code)` sends `code` to the student's kernel as a silent execute request and returns at once;
the request stays pending while the exam of this cell goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from autograder.exam import references
from autograder.exam.cell_code import packed
from autograder.exam.outcome import Failure, Outcome, failed
from autograder.model import Limits
from autograder.sandbox import protocol
from lessonkit.check import CheckFailed

if TYPE_CHECKING:
    from autograder.sandbox import Process, WarmParent

CONNECT_SECONDS = 30.0  # a kernel that is not warm imports torch first
POLL_SECONDS = 0.25
ENDING_SECONDS = 1.0  # that a process which has hung up has to end
GRACE = 8.0  # seconds beyond a cell's own, after which the whole examiner is given up
SERVICE = "autograder.exam.service"
LIMITS = Limits(memory=3072, cpu_seconds=3600.0)


class Examiner:
    """One examiner's process, and the folder where agents find it.

    folder  visible at the same path from the student's kernel (`sandbox.Kernel.run_dir`); may be set
            anew when the kernel is
    """

    def __init__(self, folder: str | Path, parent: WarmParent | None, limits: Limits) -> None:
        self.folder = Path(folder)
        self.parent = parent
        self.limits = limits
        self.control: socket.socket | None = None
        self.process: Process | subprocess.Popen[bytes] | None = None
        self.count = 0

    @classmethod
    def start(
        cls, folder: str | Path, *, parent: WarmParent | None = None, limits: Limits = LIMITS
    ) -> Examiner:
        """An examiner forked from a warm parent; without one, a process of its own (some seconds)."""
        examiner = cls(folder, parent, limits)
        examiner._launch()
        return examiner

    def _launch(self) -> None:
        self.control, theirs = socket.socketpair()
        with theirs:
            if self.parent is not None:
                self.process = self.parent.spawn(
                    f"{SERVICE}:main",
                    {"modules": references.gather()},
                    fds=[theirs.fileno()],
                    limits=self.limits,
                )
                return
            command = [sys.executable, "-P", "-m", SERVICE]
            self.process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(self.limits.memory)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"},
            )

    def close(self) -> None:
        """End the examiner's process."""
        if self.control is not None:
            self.control.close()
            self.control = None
        process, self.process = self.process, None
        if isinstance(process, subprocess.Popen):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
            process.kill()
            process.wait()
        elif process is not None:
            process.kill()

    def __enter__(self) -> Examiner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        source: str,
        ask_kernel: Callable[[str], object],
        *,
        seconds: float = 60.0,
        alive: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        """Run one test cell against the kernel that `ask_kernel` speaks to.

        alive  whether the kernel may still come to the exam (it runs, and the request is pending)
        """
        with self._listening() as (listener, path):
            ask_kernel(request_code(path))
            return self._examine(source, listener, seconds, alive)

    async def run_async(
        self,
        source: str,
        ask_kernel: Callable[[str], object],
        *,
        seconds: float = 60.0,
        alive: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        """`run` for an event loop: `ask_kernel` is called in it, the waiting is done beside it."""
        with self._listening() as (listener, path):
            ask_kernel(request_code(path))
            return await asyncio.to_thread(self._examine, source, listener, seconds, alive)

    @contextlib.contextmanager
    def _listening(self):  # type: ignore[no-untyped-def]
        """A socket of its own for each cell, so that nobody comes late to another's exam."""
        self.count += 1
        path = self.folder / f"exam-{os.getpid()}-{self.count}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            try:
                path.chmod(0o666)
                listener.listen(1)
                yield listener, str(path)
            finally:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _examine(
        self, source: str, listener: socket.socket, seconds: float, alive: Callable[[], bool]
    ) -> Outcome:
        connection = accept(listener, min(seconds, CONNECT_SECONDS), alive)
        if connection is None:
            return absent(alive())
        with connection:
            return self._exchange(source, connection, seconds)

    def _exchange(self, source: str, connection: socket.socket, seconds: float) -> Outcome:
        if self.control is None:
            self._launch()
        control = self.control
        assert control is not None
        control.settimeout(seconds + GRACE)
        try:
            request = {"source": source, "code": packed(source), "seconds": seconds}
            protocol.send(control, request, [connection.fileno()])
            connection.close()
            plain, _ = protocol.receive(control)
            return Outcome.from_plain(plain)
        except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
            ended = self._ended()
            self.close()
            how = f"it ended: {ended}" if ended else f"{type(error).__name__}: {error}"
            return failed(f"the examiner does not answer: {how}")

    def _ended(self) -> str:
        """Why the examiner's process has ended, if it has."""
        if isinstance(self.process, subprocess.Popen):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return f"status {self.process.wait(ENDING_SECONDS)}"
        elif self.process is not None and self.process.wait(ENDING_SECONDS):
            return self.process.why()
        return ""


def request_code(path: str) -> str:
    """What the kernel is to run: the agent, until the examiner hangs up."""
    return f"__import__('autograder.exam.agent').exam.agent.serve({path!r})"


def accept(
    listener: socket.socket, seconds: float, alive: Callable[[], bool]
) -> socket.socket | None:
    """The agent's connection, or None if it does not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        listener.settimeout(POLL_SECONDS)
        try:
            return listener.accept()[0]
        except TimeoutError:
            if not alive():
                return None
    return None


def absent(alive: bool) -> Outcome:
    """The outcome for a kernel that did not come to the exam: no fault of the test's."""
    what = "The kernel did not answer." if alive else "The kernel has stopped."
    message = str(CheckFailed("crashed", what))
    error = Failure("CheckFailed", message, (f"✗ {message}",))
    return Outcome(error=error, kernel="stuck" if alive else "gone", remarks=(what,))
