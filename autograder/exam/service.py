"""The examiner's process: takes test cells from the grader, one at a time, and runs each in a fork.

A fork for each cell keeps cells apart: what one patches, leaks or crashes, the next does not see. The
requests come as `sandbox.protocol` messages, {"source", "seconds"} with the connection to the student's
agent; the answer is `Outcome.to_plain()`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import torch

from autograder.exam import references
from autograder.exam.examiner import run_cell
from autograder.exam.outcome import Outcome, failed
from autograder.sandbox import protocol, syscalls

if TYPE_CHECKING:
    from autograder.sandbox.child import Child

GRACE = 5.0  # seconds beyond a cell's own, after which its process is killed
PR_SET_DUMPABLE = 4


def main(child: Child) -> int:
    """The target of `WarmParent.spawn`; `child.fds` are (control,)."""
    references.install(child.payload["modules"])
    child.ready()
    return serve(socket.socket(fileno=child.fds[0]))


def serve(control: socket.socket) -> int:
    """Answer requests until the grader closes the socket."""
    with contextlib.suppress(OSError):  # nobody of the same user may look into this memory
        syscalls.prctl(PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            request, fds = protocol.receive(control)
        except (protocol.Closed, OSError):
            return 0
        outcome = run_apart(control, fds[0], request["source"], float(request["seconds"]))
        try:
            protocol.send(control, outcome.to_plain())
        except OSError:
            return 0


def run_apart(control: socket.socket, connection: int, source: str, seconds: float) -> Outcome:
    """Run one cell in a fork of this process, and see it end."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        control.close()
        ours.close()
        run_and_exit(theirs, connection, source, seconds)
    theirs.close()
    os.close(connection)
    with ours:
        outcome = wait_for(ours, seconds + GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if outcome is None:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {status}"
        return failed(f"the examiner's process ended early: {how}")
    return outcome


def wait_for(sock: socket.socket, seconds: float) -> Outcome | None:
    """The outcome that arrives at `sock`, or None if there will be none."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    if not poll.poll(seconds * 1000):
        return None
    try:
        plain, _ = protocol.receive(sock)
        return Outcome.from_plain(plain)
    except (protocol.Closed, OSError, ValueError, TypeError, KeyError):
        return None


def run_and_exit(sock: socket.socket, connection: int, source: str, seconds: float) -> NoReturn:
    """In the fork: run the cell, send what came of it, and end without any clean-up."""
    try:
        torch.set_num_threads(1)
        outcome = run_cell(source, socket.socket(fileno=connection), seconds)
        protocol.send(sock, outcome.to_plain())
    except BaseException as error:
        with contextlib.suppress(BaseException):
            protocol.send(sock, failed(f"{type(error).__name__}: {error}"[:2000]).to_plain())
    finally:
        os._exit(0)


def limit_memory(mebibytes: int) -> None:
    """For a process of its own, without the sandbox's limits."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (mebibytes << 20,) * 2)


if __name__ == "__main__":
    limit_memory(int(sys.argv[2]))
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
