"""The grader's side of the warm parent: start it, have it fork, end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from autograder.model import Limits
from autograder.sandbox.linux import cgroups
from autograder.sandbox.linux.syscalls import LINUX
from autograder.sandbox.parent import protocol
from autograder.sandbox.parent.environment import start
from autograder.sandbox.parent.process import Process, SandboxError, Usage

__all__ = ["Process", "SandboxError", "Usage", "WarmParent"]

START_SECONDS = 120.0


class WarmParent:
    """A process that has everything imported and forks from it, in milliseconds.

    `isolate`: children get namespaces of their own and see nothing but Python, its packages and
    the system's libraries. `show` and `hide` are further folders to show them, read-only, or to
    hide from them; the current folder and the project's own are always hidden.
    `preload` are further modules to import before forking; `warm=False` imports only those.
    """

    def __init__(
        self,
        *,
        isolate: bool = True,
        warm: bool = True,
        preload: Sequence[str] = (),
        show: Sequence[str | Path] = (),
        hide: Sequence[str | Path] = (),
    ) -> None:
        self.isolate = isolate
        self.missing: list[str] = []  # what could not be imported
        self._settings = {
            "isolate": isolate,
            "warm": warm,
            "preload": list(preload),
            "show": [str(path) for path in show],
            "hide": [str(path) for path in (os.getcwd(), *hide)],
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._lock = threading.Lock()
        self.run_root = ""

    def __enter__(self) -> WarmParent:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> WarmParent:
        """Start it and wait until it is warm (some seconds). Raises SandboxError if it cannot."""
        if not LINUX:
            raise SandboxError("The sandbox needs Linux.", _DOCTOR)
        self._sock = sock = self._launch()
        sock.settimeout(START_SECONDS)
        try:
            protocol.send(sock, self._settings)
            hello, _ = protocol.receive(sock)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise SandboxError(f"The warm parent did not start: {error}", _DOCTOR) from error
        if "error" in hello:
            self.close()
            if hello.get("denied"):
                raise SandboxError(f"This system denies isolation: {hello['error']}", _PROCESS)
            raise SandboxError(f"The warm parent did not start:\n{hello['error']}", _DOCTOR)
        self.run_root = hello["run_root"]
        self.missing = hello["missing"]
        return self

    def _launch(self) -> socket.socket:
        """The connection to a launcher, a process of ours."""
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            self._process = start(
                "autograder.sandbox.parent.server", str(fd), str(os.getpid()), fds=[fd]
            )
        return ours

    @property
    def alive(self) -> bool:
        """Whether it can be asked to fork."""
        running = self._process is not None and self._process.poll() is None
        return running and self._sock is not None

    def _hang_up(self) -> None:
        if self._sock is not None:
            self._sock.close()  # at which the launcher ends everything
            self._sock = None

    def close(self) -> None:
        """End it and every child."""
        self._hang_up()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def spawn(
        self,
        target: str,
        payload: Mapping[str, Any] | None = None,
        *,
        fds: Sequence[int] = (),
        limits: Limits | None = None,
        isolate: bool | None = None,
        supervised: bool = True,
        threads: int | None = None,
        cwd: str | None = None,
        name: str = "",
    ) -> Process:
        """Fork a child that calls `target` ("module:function") with a `child.Child`.

        `payload` is plain data; it is read by the child alone, never by the parent. `fds` stay the
        caller's; the child gets copies. `supervised=False` is for a target of ours that starts no
        other process: a process less, and of the limits those that the system itself enforces.
        `cwd` counts only without isolation. `name` (letters and digits) makes `run_dir` a known
        path, for a child that takes another's place. Raises SandboxError.
        """
        limits = limits or Limits()
        isolate = self.isolate if isolate is None else isolate and self.isolate
        threads = threads or int(os.environ.get("OMP_NUM_THREADS") or 1)
        ours, theirs = socket.socketpair()
        content = {"payload": dict(payload or {}), "threads": threads, "cwd": cwd}
        request = {"target": target, "limits": asdict(limits), "isolate": isolate, "name": name}
        group = cgroups.group(limits.memory, limits.scratch) if supervised else None
        request |= {"supervised": supervised, "grouped": group is not None}
        with (
            theirs,
            _private_file(json.dumps(content).encode()) as file,
            _door(group) as doors,
        ):
            given = [theirs.fileno(), file.fileno(), *doors, *fds]
            try:
                with self._lock:
                    if self._sock is None:
                        raise BrokenPipeError("it is not running")
                    protocol.send(self._sock, request, given)
                    reply, opened = protocol.receive(self._sock)
            except BaseException as error:  # Ctrl-C as well: its answer would be the next one's
                ours.close()
                self._hang_up()
                if group:
                    group.remove()
                if not isinstance(error, (OSError, EOFError, ValueError)):
                    raise
                raise SandboxError(f"The warm parent does not answer: {error}") from error
        if "error" in reply:
            ours.close()
            if group:
                group.remove()
            raise SandboxError(f"The child could not be started:\n{reply['error']}", _DOCTOR)
        pidfd = opened[0] if opened else None
        pid = _pid_of(pidfd) or int(reply["pid"])
        ending = signal.SIGTERM if supervised else signal.SIGKILL
        return Process(pid, pidfd, ours, reply["run_dir"], limits, ending, group)


_DOCTOR = "`autograder doctor` tells what this machine can do."
_PROCESS = "Use `--sandbox process` (limits only), or see `autograder doctor` for what helps."


@contextlib.contextmanager
def _door(group: cgroups.Group | None) -> Iterator[list[int]]:
    """The open file by which a child enters its group, if there is one."""
    if group is None:
        yield []
        return
    door = group.door()
    try:
        yield [door]
    finally:
        os.close(door)


def _private_file(content: bytes) -> BinaryIO:
    """An open file without a name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("payload", os.MFD_CLOEXEC), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.flush()
    return file


def _pid_of(pidfd: int | None) -> int | None:
    if pidfd is None:
        return None
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return None
