"""Process 1 of a child: starts the real one, forwards signals, enforces limits, tells its end.

In a pid namespace its death ends everything that the child started. Without one it adopts what the
child leaves behind and kills that itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.model import Limits
from autograder.sandbox.linux import rlimits, seccomp, syscalls
from autograder.sandbox.linux.usage import MEMORY, Watch, kill_all
from autograder.sandbox.parent import protocol

READY = signal.SIGUSR1  # sent by the child once it has made its sockets
_FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR2)
_HEARD = {signal.SIGCHLD, signal.SIGTERM, READY, *_FORWARDED}
AT_LEAST = 0.02  # seconds between two looks at the limits
_SI_USER = 0  # sent by kill
_ERROR_SIZE = 16384


def confine(limits: Limits, *, isolate: bool) -> None:
    """Limit this process and what it starts, and take from it what only the sandbox needs."""
    rlimits.apply(limits, count_processes=isolate)
    if isolate:
        syscalls.drop_capabilities()
        seccomp.install()


def forget_handlers() -> None:
    """Drop the handlers of whoever has forked us.

    As process 1 we are sent no signal from inside that we neither handle nor wait for: the system drops
    it. So nobody can fill our queue either, beyond which a signal loses its sender.
    """
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)


class Supervisor:
    """Runs `body` in a process below this one. `seal` is called once that says it is ready."""

    def __init__(
        self,
        body: Callable[[], int],
        status: socket.socket,
        limits: Limits,
        *,
        isolate: bool,
        seal: Callable[[], None],
        keep: set[int],
    ) -> None:
        self.body = body
        self.status = status
        self.limits = limits
        self.isolate = isolate
        self.seal = seal
        self.keep = keep
        self.ready = False
        self.pid = 0
        self.limit: str | None = None
        self.looked = 0.0

    def run(self) -> NoReturn:
        """Never returns: exits when the child has ended."""
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # the child has our user id: hands off
        if not self.isolate:
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        forget_handlers()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        self.errors, errors = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._become_child(errors)
        os.close(errors)
        for fd in self.keep:
            os.close(fd)
        self.watch = Watch(self.limits, alone=self.isolate)
        while True:
            heard = signal.sigtimedwait(_HEARD, self.watch.pause)
            if heard is None or heard.si_signo == signal.SIGCHLD:
                self._reap()
                self._enforce()
            elif heard.si_signo == READY:
                self._become_ready()
            elif not self._from_outside(heard):
                continue
            elif heard.si_signo == signal.SIGTERM:
                self._end(None)
            else:
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, heard.si_signo)

    def _from_outside(self, heard: signal.struct_siginfo) -> bool:
        """Whether a signal came from the grader. The student's processes have our user id and may send
        us any, but not as from process 0, which is what one of another namespace looks like from here.

        `sigqueue` lets its caller write any sender, under a code that is not `SI_USER`.
        """
        return not self.isolate or (heard.si_code == _SI_USER and heard.si_pid == 0)

    def _become_child(self, errors: int) -> NoReturn:
        code = 1
        try:
            os.setsid()
            syscalls.die_with_parent()
            self.status.close()
            syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
            confine(self.limits, isolate=self.isolate)
            for signum in _HEARD:
                signal.signal(signum, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            self.error_fd = errors
            code = self.body()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001
            with contextlib.suppress(OSError):
                os.write(errors, traceback.format_exc().encode()[-_ERROR_SIZE:])
        finally:
            os._exit(code & 0xFF)

    def _become_ready(self) -> None:
        if not self.ready:
            self.ready = True
            self.seal()
            if self.isolate:
                syscalls.drop_capabilities()
            self._tell(event="ready")

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.pid:
                    self._end(status)

    def _enforce(self) -> None:
        """Look at the limits, not more often than is worth it: who floods us with SIGCHLD gains nothing."""
        now = time.monotonic()
        if now < self.looked + AT_LEAST:
            return
        self.looked = now
        self.limit = self.watch.exceeded()
        if self.limit:
            self._end(None)

    def _end(self, status: int | None) -> NoReturn:
        """Report how the child ended (its wait status; None: it is ended by us), and exit."""
        kill_all(alone=self.isolate)
        os.set_blocking(self.errors, False)
        error = b""
        with contextlib.suppress(OSError):
            error = os.read(self.errors, _ERROR_SIZE)
        if status and self.watch.peak.memory > 0.95 * self.limits.memory:
            self.limit = MEMORY
        self._tell(
            event="end",
            status=status,
            limit=self.limit,
            error=error.decode("utf-8", "replace"),
            memory=self.watch.peak.memory,
        )
        os._exit(0)

    def _tell(self, **record: Any) -> None:
        with contextlib.suppress(OSError):
            protocol.send(self.status, record)
