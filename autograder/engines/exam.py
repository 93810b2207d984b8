"""The exam engine: the student's cells in a sandboxed kernel, test cells in the examiner's process.

Both are forked from the one warm parent that this process keeps. What a test cell gives comes
from the examiner alone, and what the student's code can reach holds no test, no answer and no other
student's work. Without isolation (`exam-process`) the last is left to the student's good will.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from types import TracebackType

from autograder.engines.base import CellRun, End, EngineError
from autograder.engines.kernel.channels import Channels, largest
from autograder.engines.kernel.conversation import GRACE, POLL, Kernel
from autograder.engines.kernel.zmtp import Damaged, Lost
from autograder.engines.limits_met import after_a_cell, after_a_test
from autograder.exam.client.exam_socket import LISTEN, ExamSocket
from autograder.exam.client.examiner_process import Examiner
from autograder.exam.examiner.outcome import Outcome
from autograder.model import Limits
from autograder.sandbox import Kernel as Sandboxed
from autograder.sandbox import SandboxError, shared_parent, start

AT_HOME = """
import os as _os, tempfile as _tempfile
_os.environ.update(HOME=_os.getcwd(), TMPDIR=_os.getcwd())
_tempfile.tempdir = None
del _os, _tempfile
"""  # without isolation: what the student's code writes without looking goes into its scratch folder
START_SECONDS = 30.0


class SandboxHost:
    """A kernel that the warm parent has forked."""

    def __init__(self, sandboxed: Sandboxed, exam_socket: ExamSocket) -> None:
        self.sandboxed = sandboxed
        self.exam_socket = exam_socket

    def alive(self) -> bool:
        return self.sandboxed.alive

    def interrupt(self) -> None:
        self.sandboxed.interrupt()

    def free(self) -> bool:
        return self.exam_socket.free(POLL)

    def kill(self) -> None:
        self.sandboxed.process.kill()

    def cause(self) -> str:
        return self.sandboxed.cause() or ""


class ExamEngine:
    """One sandboxed kernel and one examiner for one notebook. Use it as a context manager.

    isolate  in namespaces of their own; without, in a scratch folder of this machine's, where only
             limits hold
    """

    def __init__(self, limits: Limits, isolate: bool = True) -> None:
        self.limits = limits
        self.isolate = isolate
        self.scratch: str | None = None
        self.sandboxed: Sandboxed | None = None
        self.channels: Channels | None = None
        self.kernel: Kernel | None = None
        self.exam_socket: ExamSocket | None = None
        self.examiner: Examiner | None = None

    def __enter__(self) -> ExamEngine:
        try:
            self._start(self.limits.output * 2**20)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self, budget: int) -> None:
        try:
            if not self.isolate:
                self.scratch = self.scratch or tempfile.mkdtemp(prefix="grading-")
            self.exam_socket = ExamSocket()
            self.sandboxed = start(
                limits=self.limits,
                isolate=self.isolate,
                cwd=self.scratch,
                prepare=LISTEN,
                terse=True,
                fds=[self.exam_socket.kernels_end],
            )
            self.exam_socket.close_kernels_end()
            self.examiner = self.examiner or Examiner.start(shared_parent(self.isolate))
            self.channels = Channels(self.sandboxed.connection, largest(self.limits), START_SECONDS)
        except (SandboxError, OSError, Lost, Damaged) as error:
            raise EngineError(f"no isolated kernel could be started: {error}") from error
        self.kernel = Kernel(SandboxHost(self.sandboxed, self.exam_socket), self.channels, budget)
        if not self.isolate:
            self.kernel.run(AT_HOME, START_SECONDS)

    def run(self, source: str, seconds: float) -> CellRun:
        if self.kernel is None:
            raise EngineError("the engine is not open")
        return after_a_cell(self.kernel.run(source, seconds))

    def test(self, grade_id: str, source: str, seconds: float) -> CellRun:  # noqa: ARG002
        """Let the examiner run the test cell while the kernel answers its questions."""
        if self.kernel is None or self.exam_socket is None or self.examiner is None:
            raise EngineError("the engine is not open")
        connection = self.exam_socket.connect()
        if connection is None:
            return after_a_test(nobody(self.kernel))
        outcome = self.examiner.run(source, connection, seconds=seconds)
        end, detail = self._settle(
            self.kernel, self.exam_socket, outcome.kernel == "stuck", seconds
        )
        return after_a_test(as_run(outcome, end, detail))

    def _settle(
        self, kernel: Kernel, exam_socket: ExamSocket, stuck: bool, seconds: float
    ) -> tuple[End, str]:
        """Wait until the kernel is free again; interrupt it where a call did not come back."""
        until = time.monotonic() + (0.0 if stuck else GRACE)
        while not exam_socket.finished(POLL):
            if not kernel.host.alive():
                return End.DIED, kernel.epitaph()
            if time.monotonic() >= until:
                break
        else:
            return End.DONE, ""
        kernel.host.interrupt()
        detail = f"a call did not come back within {seconds:g} seconds"
        if exam_socket.finished(GRACE):
            return End.DONE, detail
        kernel.host.kill()
        return End.DIED, detail

    def restart(self) -> None:
        if self.kernel is None:
            raise EngineError("the engine is not open")
        budget = self.kernel.budget
        self._end()
        self._start(budget)

    def _end(self) -> None:
        if self.channels:
            self.channels.close()
        if self.sandboxed:
            self.sandboxed.close()
        if self.exam_socket:
            self.exam_socket.close()
        self.sandboxed = self.channels = self.kernel = self.exam_socket = None

    def close(self) -> None:
        """End the kernel and the examiner, and remove what they wrote. Safe to call twice."""
        self._end()
        if self.examiner:
            self.examiner.close()
            self.examiner = None
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch = None


def nobody(kernel: Kernel) -> CellRun:
    """A test to which the kernel did not come: it has ended, or its code has cut the line to it."""
    time.sleep(POLL)  # one that is just ending is to be seen as ended, with its cause
    if not kernel.host.alive():
        return CellRun(end=End.DIED, detail=kernel.epitaph())
    kernel.host.kill()
    return CellRun(end=End.DIED, detail="the kernel did not answer")


def as_run(outcome: Outcome, end: End, detail: str) -> CellRun:
    """The examiner's outcome as the run of a cell."""
    broken = ""
    if outcome.broken or outcome.examiner_failed:
        last = outcome.instructor.strip().splitlines()
        broken = last[-1] if last else "the test failed on its own"
    return CellRun(
        tuple(outcome.outputs()),
        end,
        detail,
        judged=True,
        broken=broken,
        remarks=outcome.remarks,
        title=outcome.title,
        parts=outcome.parts,
        code=outcome.error.code if outcome.error else "",
    )
