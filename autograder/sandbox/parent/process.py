"""A child of the warm parent, seen from the grader: is it ready, how did it end, and why."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from autograder.errors import UserError
from autograder.model import Limits
from autograder.sandbox.linux.cgroups import Group
from autograder.sandbox.linux.usage import MEMORY
from autograder.sandbox.parent import protocol


class SandboxError(UserError):
    """The sandbox could not do its work; the message says which step failed."""


@dataclass(frozen=True)
class Usage:
    """What a child and all that it started have used: CPU seconds, largest MiB at one time."""

    cpu_seconds: float = 0.0
    memory: float = 0.0


class Process:
    """A child of the warm parent, seen from the grader."""

    def __init__(
        self,
        pid: int,
        pidfd: int | None,
        status: socket.socket,
        run_dir: str,
        limits: Limits,
        ending: int = signal.SIGTERM,
        group: Group | None = None,
    ) -> None:
        self.pid = pid  # of its process 1, as this process sees it
        self.ending = ending  # the signal at which it ends
        self.run_dir = run_dir
        self.limits = limits
        self.usage = Usage()
        self.error = ""  # the traceback of a target that raised
        self._group = group
        self._starved = False  # the system has killed a process of its group
        self._pidfd = pidfd
        self._status = status
        self._ready = False
        self._gone = False
        self._end: dict[str, Any] | None = None
        self._final: dict[str, Any] | None = None
        self._stopped = False
        self._lock = threading.RLock()

    def fileno(self) -> int:
        """Readable when there is news: for select and event loops."""
        return self._status.fileno()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Until the child says that it can be spoken to. Raises SandboxError if it never will."""
        until = time.monotonic() + timeout
        while not self._ready:
            self._listen(until - time.monotonic())
            if self._gone:
                raise SandboxError(f"The child ended before it was ready: {self.why()}")
            if not self._ready and time.monotonic() > until:
                raise SandboxError(f"The child was not ready after {timeout:g} s.")

    def poll(self) -> bool:
        """Whether it has ended, it and all that it started."""
        while not self._gone and self._listen(0):
            pass
        return self._gone

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False if that took longer than `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self._gone:
            left = None if until is None else until - time.monotonic()
            if left is not None and left < 0:
                return False
            self._listen(left)
        return True

    def send_signal(self, signum: int) -> None:
        """Interrupt the child (SIGINT and the like), or end it (SIGTERM), with all it started."""
        if self._gone:
            return
        with contextlib.suppress(ProcessLookupError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, signum)
            else:
                os.kill(self.pid, signum)

    def stop(self) -> None:
        """Have it end at once, with all that it started; does not wait."""
        if not self.poll():
            self._stopped = True
            self.send_signal(self.ending)

    def kill(self, timeout: float = 10.0) -> None:
        """End it at once, with all that it started, and wait for that."""
        self.stop()
        if not self.wait(min(timeout, 2.0)):  # its supervisor is not there yet, or not any more
            self.send_signal(signal.SIGKILL)
            self.wait(timeout)

    @property
    def cause(self) -> str | None:
        """Why it ended: "memory limit", "CPU limit", "killed by signal 11 (SIGSEGV)", "exit(3)",
        "stopped" (by `kill`), or None while it runs."""
        if not self.poll():
            return None
        end, final = self._end or {}, self._final or {}
        limit, status = end.get("limit"), end.get("status")
        if limit and (status is None or status != 0):
            return str(limit)
        if self._starved and status != 0:
            return MEMORY
        if self._stopped:
            return "stopped"
        if status is None:
            if self.error:
                return "failed to start"
            status = final.get("status")
            if status is None:
                return "the warm parent ended"
        if os.WIFSIGNALED(status):
            signum = os.WTERMSIG(status)
            spent = self.usage.cpu_seconds >= self.limits.cpu_seconds
            if signum == signal.SIGXCPU or (signum == signal.SIGKILL and spent):
                return "CPU limit"
            with contextlib.suppress(ValueError):
                return f"killed by signal {signum} ({signal.Signals(signum).name})"
            return f"killed by signal {signum}"
        return f"exit({os.WEXITSTATUS(status)})"

    @property
    def returncode(self) -> int | None:
        """As subprocess has it: the exit code, minus a signal's number, or None while it runs."""
        if not self.poll():
            return None
        status = (self._end or {}).get("status")
        if status is None:
            status = (self._final or {}).get("status") or signal.SIGKILL
        return os.waitstatus_to_exitcode(status)

    def why(self) -> str:
        """The cause, and the traceback where there is one."""
        return "\n".join(part for part in (self.cause or "it runs", self.error) if part)

    def _listen(self, timeout: float | None) -> bool:
        """Take in one record within `timeout` seconds; whether there was one."""
        with self._lock:
            if self._gone:
                return False
            poll = select.poll()
            poll.register(self._status, select.POLLIN)
            if not poll.poll(None if timeout is None else max(0.0, timeout * 1000)):
                return False
            try:
                record, _ = protocol.receive(self._status)
            except (OSError, EOFError, ValueError):
                record = {"event": "closed"}
            event = record.get("event")
            if event == "ready":
                self._ready = True
            elif event == "end":
                self._end = record
                self.error = str(record.get("error") or "")
            else:
                self._finish(record)
            return True

    def _finish(self, record: dict[str, Any]) -> None:
        if record["event"] == "gone":
            self._final = record
            peak = (self._end or {}).get("memory", 0.0)
            self.usage = Usage(float(record["cpu"]), max(peak, float(record["rss"]) / 1024))
        self._gone = True
        self._status.close()
        if self._group is not None:
            self._starved = self._group.killed()
            self._group.remove()
            self._group = None
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
