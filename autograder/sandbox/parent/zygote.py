"""The zygote: a process that has everything imported, from which the warm parents of a machine's
workers are forked. To import takes seconds of processor time; so it is done once, not in each.

    with zygote.started(folder) as address:       # the grader: returns at once, it imports meanwhile
        …                                         # workers get $AUTOGRADER_ZYGOTE = address
    sock, launcher = zygote.ask(address)          # a worker

What is forked here is a launcher, as `python -m autograder.sandbox.parent.server` is one: the zygote itself
runs no namespaces and no student's code, and ends with the grader.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import NoReturn

from autograder.sandbox.parent import protocol, rundir
from autograder.sandbox.parent.environment import start

ADDRESS = "AUTOGRADER_ZYGOTE"  # in a worker's environment: the path of its zygote's socket
LAST_SECONDS = 5  # that launchers have to end when the grader has gone
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class Forked:
    """A process that the zygote has forked for us; of `subprocess.Popen`, what a caller needs."""

    def __init__(self, pid: int, pidfd: int) -> None:
        self.pid = pid
        self._pidfd = pidfd

    def __del__(self) -> None:
        os.close(self._pidfd)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if not self._ended(timeout):
            raise subprocess.TimeoutExpired("a launcher", timeout or 0.0)
        return 0

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _ended(self, timeout: float | None) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(None if timeout is None else timeout * 1000))


@contextlib.contextmanager
def started(folder: str) -> Iterator[str]:
    """Start a zygote with a socket in `folder`, a private one; ends it at the end. Its address."""
    address = f"{folder}/zygote"
    listener = socket.socket(socket.AF_UNIX)
    ours, theirs = socket.socketpair()
    with ours, theirs, listener:
        listener.bind(address)
        os.chmod(address, 0o600)
        listener.listen(64)
        files = (listener.fileno(), theirs.fileno())
        process = start("autograder.sandbox.parent.zygote", *map(str, files), fds=files)
        theirs.close()
        listener.close()  # so that whoever asks a dead zygote is told, and imports for himself
        try:
            yield address
        finally:
            process.terminate()  # its launchers end with the workers that asked for them
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ask(address: str) -> tuple[socket.socket, Forked]:
    """A new launcher, and the connection to it. Raises OSError, EOFError, ValueError."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(60.0)
        sock.connect(address)
        told, fds = protocol.receive(sock)
    except BaseException:
        sock.close()
        raise
    return sock, Forked(int(told["launcher"]), fds[0])


def serve(listener: socket.socket, owner: socket.socket) -> NoReturn:
    """Fork a launcher for each connection, until the owner hangs up."""
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    poll = select.poll()
    poll.register(owner, 0)
    poll.register(listener, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd == owner.fileno():
                raise SystemExit(0)
            with contextlib.suppress(OSError):
                _fork(listener, owner)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _fork(listener: socket.socket, owner: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sent = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        grader, uid, _ = _CREDENTIALS.unpack(sent)
        if uid != os.getuid():
            return
        pid = os.fork()
        if pid == 0:
            listener.close()
            owner.close()
            _become_launcher(sock, grader)
        pidfd = os.pidfd_open(pid)
        protocol.send(sock, {"launcher": pid}, [pidfd])
        os.close(pidfd)


def _become_launcher(sock: socket.socket, grader: int) -> NoReturn:
    from autograder.sandbox.parent import server as parent

    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        parent.launch(sock, grader)
    finally:
        os._exit(0)


def main() -> None:
    for ending in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ending, lambda *_: sys.exit())  # also in the middle of an import
    listener, owner = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    graders = os.path.dirname(os.path.dirname(listener.getsockname()))  # where their folders are
    try:
        with rundir.make() as folder:
            os.environ["HOME"] = os.environ["MPLCONFIGDIR"] = f"{folder}/home"
            from autograder.sandbox.parent import warmup

            warmup.warm()
            try:
                serve(listener, owner)
            finally:  # they end with the workers that asked for them; what they used is to be counted
                signal.alarm(LAST_SECONDS)
                with contextlib.suppress(ChildProcessError):
                    while True:
                        os.waitpid(-1, 0)
    finally:
        rundir.sweep(graders)  # one that was killed cannot remove its own


if __name__ == "__main__":
    main()
