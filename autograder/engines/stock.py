"""The stock engine: everything in one ordinary ipykernel, as nbgrader and Jupyter do it.

It runs anywhere, protects against accidents (time, output, a dying kernel) and against nothing
else: student code shares its process with the tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from jupyter_client.manager import KernelManager

from autograder.engines.base import CellRun, EngineError
from autograder.engines.kernel.channels import Channels, largest
from autograder.engines.kernel.conversation import Kernel
from autograder.engines.kernel.zmtp import Damaged, Lost
from autograder.model import Limits

START_SECONDS = 60.0
DROPPED = ("PYTHONSTARTUP", "PYTHONWARNINGS", "JPY_SESSION_NAME")


def kernel_environment(scratch: Path) -> dict[str, str]:
    """The environment of a grading kernel: one thread, no progress bars, its own IPython folder."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return kept | {
        "OMP_NUM_THREADS": "1",
        "LESSONKIT_OFFLINE": "1",
        "LESSONKIT_PROGRESS": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class ManagedHost:
    """A kernel in a process that jupyter_client's kernel manager has started."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager

    def alive(self) -> bool:
        return bool(self.manager.is_alive())

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def free(self) -> bool:
        return False  # nobody can tell

    def kill(self) -> None:
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def cause(self) -> str:
        return ""


class StockEngine:
    """One kernel in a scratch folder that is gone afterwards. Use it as a context manager."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.channels: Channels | None = None
        self.kernel: Kernel | None = None
        self.scratch: Path | None = None

    def __enter__(self) -> StockEngine:
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-"))
        try:
            self._start(self.scratch, self.limits.output * 2**20)
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

    def _start(self, scratch: Path, budget: int) -> None:
        work = Path(tempfile.mkdtemp(prefix="work-", dir=scratch))
        connection = Path(tempfile.mkdtemp(prefix="k-", dir=scratch)) / "k.json"
        manager = KernelManager(
            kernel_name="python3", transport="ipc", connection_file=str(connection)
        )
        try:
            manager.start_kernel(cwd=str(work), env=kernel_environment(scratch))
        except OSError as error:
            raise EngineError(f"no kernel could be started: {error}") from error
        host = ManagedHost(manager)
        try:
            info = dict(manager.get_connection_info())
            self.channels = Channels(info, largest(self.limits), START_SECONDS)
        except (Lost, Damaged) as error:
            host.kill()
            raise EngineError(f"the kernel did not start: {error}") from error
        self.kernel = Kernel(host, self.channels, budget)
        self.kernel.wait_until_ready(START_SECONDS)

    def run(self, source: str, seconds: float) -> CellRun:
        if self.kernel is None:
            raise EngineError("the engine is not open")
        return self.kernel.run(source, seconds)

    def test(self, grade_id: str, source: str, seconds: float) -> CellRun:  # noqa: ARG002
        if self.kernel is None:
            raise EngineError("the engine is not open")
        return self.kernel.run(source, seconds, value=True)

    def restart(self) -> None:
        if self.kernel is None or self.scratch is None:
            raise EngineError("the engine is not open")
        budget = self.kernel.budget
        self._end()
        self._start(self.scratch, budget)

    def _end(self) -> None:
        if self.channels:
            self.channels.close()
            self.channels = None
        if self.kernel:
            self.kernel.host.kill()
            self.kernel = None

    def close(self) -> None:
        """End the kernel and remove its folder. Safe to call twice."""
        self._end()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch = None
