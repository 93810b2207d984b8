"""`warm-provisioner`: how Jupyter's own tools start and stop sandboxed kernels."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Float, Integer

from autograder.model import Limits
from autograder.sandbox.jupyter.kernels import Kernel, start
from autograder.sandbox.parent.process import Process

_DEFAULT = Limits()
LIMITS_ONLY = (
    "NO ISOLATION: this kernel can read your files, use the network and see the hidden tests. "
    "Only its memory, processor time and processes are limited."
)


class WarmProvisioner(KernelProvisionerBase):
    """Forks kernels from this process's warm parent. All kernels of a kernel manager share it."""

    isolate = Bool(
        True,
        config=True,
        help="Run kernels in namespaces of their own; without, only limits hold. The environment "
        "variable AUTOGRADER_SANDBOX=process turns it off as well.",
    )
    memory = Integer(_DEFAULT.memory, config=True, help="MiB beyond what is imported already.")
    cpu_seconds = Float(_DEFAULT.cpu_seconds, config=True, help="Processor time, in seconds.")
    processes = Integer(_DEFAULT.processes, config=True, help="Processes and threads at one time.")
    file_size = Integer(_DEFAULT.file_size, config=True, help="MiB of the largest file.")
    scratch = Integer(_DEFAULT.scratch, config=True, help="MiB of all files in /tmp.")

    kernel: Kernel | None = None
    _last: Process | None = None
    _name = ""

    @property
    def limits(self) -> Limits:
        return Limits(
            memory=self.memory,
            cpu_seconds=self.cpu_seconds,
            processes=self.processes,
            file_size=self.file_size,
            scratch=self.scratch,
        )

    @property
    def has_process(self) -> bool:
        return self.kernel is not None

    @property
    def run_dir(self) -> str | None:
        """A folder that both sides see at the same path; see `kernels.Kernel.run_dir`."""
        return self._last.run_dir if self._last else None

    def cause_of_death(self) -> str | None:
        """Why the kernel ended: "memory limit", "exit(3)", …; None while it runs."""
        return self._last.cause if self._last else None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing is launched by a command; the environment stays on this side."""
        kwargs.pop("extra_arguments", None)
        kwargs.pop("transport_encryption", None)
        return await super().pre_launch(cmd=list(self.kernel_spec.argv), **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ARG002
        """Fork a kernel. Raises SandboxError where the system cannot isolate."""
        isolate = self.isolate and os.environ.get("AUTOGRADER_SANDBOX") != "process"
        if not isolate:
            self.log.warning(LIMITS_ONLY)
        key = self.parent.session.key if self.parent else uuid.uuid4().hex.encode()
        self._name = self._name or uuid.uuid4().hex[:12]
        cwd = kwargs.get("cwd")
        self.kernel = await asyncio.to_thread(
            start,
            limits=self.limits,
            isolate=isolate,
            cwd=os.path.abspath(cwd) if cwd else os.getcwd(),
            name=self._name,
            key=key.decode(),
        )
        self._last = self.kernel.process
        self.connection_info = {**self.kernel.connection, "key": key}  # type: ignore[typeddict-item]
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel runs, else its exit code."""
        if self.kernel is None:
            return 0
        return self.kernel.process.returncode

    async def wait(self) -> int | None:
        """Until the kernel and all that it started have ended."""
        if self.kernel is None:
            return 0
        while not self.kernel.process.poll():
            await asyncio.sleep(0.01)
        code = self.kernel.process.returncode
        self.kernel = None
        return code

    async def send_signal(self, signum: int) -> None:
        """SIGINT interrupts; SIGKILL and SIGTERM end all that the kernel started."""
        if self.kernel is None:
            return
        if signum in (signal.SIGKILL, signal.SIGTERM):
            self.kernel.process.stop()
        elif signum:
            self.kernel.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        await self.send_signal(signal.SIGTERM)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """End it at once: nothing that a sandboxed kernel would tidy up outlives it."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        if self.kernel is not None:
            await asyncio.to_thread(self.kernel.close)
            self.kernel = None

    async def get_provisioner_info(self) -> dict[str, Any]:
        info = await super().get_provisioner_info()
        return {**info, "pid": self._last.pid if self._last else None}
