"""The warm parent: a process with one thread that has everything imported, and forks on request.

`python -m autograder.sandbox.parent.server SOCKET GRADER` is started by `client.WarmParent`. It
is two processes: a small launcher, which ends all when the grader is gone, and the server in
its own namespaces. It holds nothing secret: a child's payload travels in a file that only the child
reads.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.model import Limits
from autograder.sandbox.linux import mounts, namespaces, syscalls
from autograder.sandbox.parent import protocol, rundir


@dataclass
class Started:
    """A child as the server knows it: its supervisor's pid, where its end is told, its folder."""

    pid: int
    status: socket.socket
    run_dir: str


class Server:
    """Answers requests to fork, and reports deaths; one thing at a time."""

    def __init__(self, sock: socket.socket, run_root: str, isolated: bool, keep: list[str]) -> None:
        self.sock = sock
        self.run_root = run_root
        self.isolated = isolated
        self.keep = keep
        self.children: dict[int, Started] = {}
        self.count = 0

    def serve(self) -> NoReturn:
        """Until the socket closes."""
        wake, waker = os.pipe()
        for fd in (wake, waker):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        poll.register(wake, select.POLLIN)
        self.wake = (wake, waker)
        while True:
            for fd, _ in poll.poll():
                if fd == wake:
                    with contextlib.suppress(BlockingIOError):
                        while os.read(wake, 4096):
                            pass
                    self._reap()
                else:
                    self._answer()

    def _answer(self) -> None:
        try:
            request, fds = protocol.receive(self.sock)
        except (protocol.Closed, OSError):
            self._close()
        try:
            reply, opened = self._spawn(request, fds)
        except Exception:  # noqa: BLE001
            reply, opened = {"error": traceback.format_exc(limit=-3)}, []
        finally:
            for fd in fds[1:]:
                os.close(fd)
        protocol.send(self.sock, reply, opened)
        for fd in opened:
            os.close(fd)

    def _spawn(self, request: dict[str, Any], fds: list[int]) -> tuple[dict[str, Any], list[int]]:
        """Fork a child. The files are: where to tell its end, its payload, then the caller's."""
        self.count += 1
        name = request["name"] or str(self.count)
        if not name.isalnum():
            raise ValueError(f"A child's name is letters and digits, not {name!r}.")
        run_dir = f"{self.run_root}/{name}"
        os.mkdir(run_dir, 0o700)
        isolate = request["isolate"] and self.isolated
        status = socket.socket(fileno=fds[0])
        try:
            pid = namespaces.clone_child() if isolate else os.fork()
        except OSError:
            status.close()
            os.rmdir(run_dir)
            raise
        if pid == 0:
            self._become_child(request, status, fds[1:], run_dir, isolate)
        self.children[pid] = Started(pid, status, run_dir)
        opened = [os.pidfd_open(pid)] if hasattr(os, "pidfd_open") else []
        return {"pid": pid, "run_dir": run_dir}, opened

    def _become_child(
        self,
        request: dict[str, Any],
        status: socket.socket,
        fds: list[int],
        run_dir: str,
        isolate: bool,
    ) -> NoReturn:
        """Of a supervised child, its supervisor. One without is trusted: it runs no student's code."""
        from autograder.sandbox.linux.rlimits import go_first
        from autograder.sandbox.parent import child
        from autograder.sandbox.parent.supervisor import Supervisor, confine

        supervised = request["supervised"]
        try:
            if request["grouped"]:
                door = fds.pop(1)
                with contextlib.suppress(OSError):  # it has been removed: the other limits hold
                    os.write(door, b"0")
                os.close(door)
            signal.set_wakeup_fd(-1)
            gentle = supervised and not isolate
            syscalls.die_with_parent(signal.SIGTERM if gentle else signal.SIGKILL)
            _keep_only({status.fileno(), *fds})
            limits = Limits(**request["limits"])
            go_first()
            if isolate:
                namespaces.settle_child(limits.scratch, self.run_root, run_dir, self.keep)

            def body() -> int:
                return child.run(
                    request["target"], fds[0], tuple(fds[1:]), run_dir, isolated=isolate
                )

            def seal() -> None:
                if isolate:
                    mounts.seal(run_dir)

            if supervised:
                Supervisor(body, status, limits, isolate=isolate, seal=seal, keep=set(fds)).run()
            seal()
            confine(limits, isolate=isolate)
            os._exit(body() & 0xFF)
        except BaseException:  # noqa: BLE001
            with contextlib.suppress(OSError):
                record = {"event": "end", "error": traceback.format_exc(), "status": None}
                protocol.send(status, record)
        finally:
            os._exit(1)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            started = self.children.pop(pid, None)
            if started is None:
                continue
            shutil.rmtree(started.run_dir, ignore_errors=True)
            with contextlib.suppress(OSError):
                protocol.send(
                    started.status,
                    {
                        "event": "gone",
                        "status": status,
                        "cpu": usage.ru_utime + usage.ru_stime,
                        "rss": usage.ru_maxrss,
                    },
                )
            started.status.close()
            if not self.isolated:
                self._end_strays()

    def _end_strays(self) -> None:
        """Without a pid namespace: kill what a killed supervisor could not take along."""
        from autograder.sandbox.linux.usage import descendants

        below = descendants(os.getpid())
        ours = {pid for known in self.children for pid in (known, *descendants(known))}
        for pid in set(below) - ours:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _close(self) -> NoReturn:
        for pid in self.children:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL if self.isolated else signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            while self.children:
                pid, _ = os.waitpid(-1, 0)
                self.children.pop(pid, None)
        os._exit(0)


def _keep_only(fds: set[int]) -> None:
    """Close every other open file; what stands for a terminal becomes /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    start = 3
    for fd in sorted(fds):
        os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, 1 << 16)


def _become_server(
    sock: socket.socket,
    settings: dict[str, Any],
    identity: namespaces.Identity | None,
    folder: str,
) -> NoReturn:
    """Import everything, then enter the new root folder, then serve."""
    from autograder.sandbox.parent import warmup

    try:
        syscalls.die_with_parent()
        os.umask(0o022)
        run_root = f"{folder}/k"
        os.environ["HOME"] = os.environ["MPLCONFIGDIR"] = f"{folder}/home"
        missing = warmup.warm(settings["preload"], everything=settings["warm"])
        keep: list[str] = []
        if identity is not None:
            plan = mounts.plan(settings["show"], settings["hide"])
            keep = [path for path in plan.shown if path.startswith(f"{mounts.SCRATCH}/")]
            namespaces.settle_parent(identity, plan, f"{folder}/root", run_root)
        else:
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        syscalls.die_with_parent()  # a change of user has taken it back
        if warmup.threads() != 1:
            missing.append(f"started {warmup.threads()} threads while importing")
        hello = {"run_root": run_root, "isolated": identity is not None, "missing": missing}
        protocol.send(sock, hello)
        Server(sock, run_root, identity is not None, keep).serve()
    except BaseException as error:  # noqa: BLE001
        with contextlib.suppress(OSError):
            denied = identity is not None and isinstance(error, OSError)
            told = str(error) if denied else traceback.format_exc()
            protocol.send(sock, {"error": told, "denied": denied})
    finally:
        os._exit(1)


def _start(sock: socket.socket, settings: dict[str, Any], folder: str) -> int:
    """Fork the server; returns its pid."""
    identity = None
    if settings["isolate"]:
        identity = namespaces.choose()
        try:
            pid = namespaces.clone_parent(identity)
        except PermissionError:  # root without the right to: as any other user then
            identity = namespaces.Identity(os.geteuid(), os.getegid(), as_root=False)
            pid = namespaces.clone_parent(identity)
    else:
        pid = os.fork()
    if pid == 0:
        _become_server(sock, settings, identity, folder)
    if identity is not None and identity.as_root:
        os.chown(f"{folder}/k", identity.uid, identity.gid)
    return pid


def launch(sock: socket.socket, grader: int) -> None:
    """The launcher: start the server, and end it when the grader has gone, however it went."""
    settings, _ = protocol.receive(sock)
    with rundir.make() as folder:
        try:
            server = _start(sock, settings, folder)
        except OSError as error:
            protocol.send(sock, {"error": str(error), "denied": True})
            return
        poll = select.poll()
        poll.register(sock, 0)  # hang-up only
        poll.register(os.pidfd_open(server), select.POLLIN)
        with contextlib.suppress(ProcessLookupError):
            poll.register(os.pidfd_open(grader), select.POLLIN)
            poll.poll()
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL if settings["isolate"] else signal.SIGTERM)
        os.waitpid(server, 0)


if __name__ == "__main__":
    launch(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
