"""The examiner's process: takes one notebook's test cells from the grader, and runs them in turn.

The requests come as `sandbox.protocol` messages, {"source", "code", "hidden", "seconds"} with the connection to the
student's agent; the answer is `Outcome.to_plain()`. Each cell has names of its own, and finds the
libraries as they were: what one has switched, the next does not see. Should a test take the process
with it, or never end, the grader starts another for the cells that follow.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import socket
from typing import TYPE_CHECKING

import torch

from autograder.exam.examiner import reference_code as references
from autograder.exam.examiner.cell import run_cell
from autograder.exam.examiner.outcome import failed
from autograder.sandbox.linux import syscalls
from autograder.sandbox.parent import protocol

if TYPE_CHECKING:
    from autograder.sandbox.parent.child import Child

PR_SET_DUMPABLE = 4
COLLECT = 20_000  # objects between two looks for garbage; a test makes little, and is soon over


def main(child: Child) -> int:
    """The target of `WarmParent.spawn`; `child.fds` are (control,)."""
    references.install(child.payload["modules"])
    return serve(socket.socket(fileno=child.fds[0]))


def serve(control: socket.socket) -> int:
    """Answer requests until the grader closes the socket."""
    with contextlib.suppress(OSError):  # nobody of the same user may look into this memory
        syscalls.prctl(PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    torch.set_num_threads(1)
    gc.set_threshold(COLLECT)
    while True:
        try:
            request, fds = protocol.receive(control)
        except (protocol.Closed, OSError):
            return 0
        connection = socket.socket(fileno=fds[0])
        try:
            outcome = run_cell(
                request["source"],
                connection,
                float(request["seconds"]),
                request["code"],
                frozenset(request["hidden"]),
            )
        except Exception as error:  # noqa: BLE001
            outcome = failed(f"{type(error).__name__}: {error}"[:2000])
        finally:
            connection.close()
            as_it_was()
        try:
            protocol.send(control, outcome.to_plain())
        except OSError:
            return 0


def as_it_was() -> None:
    """Put back what a test that failed half-way may have left switched."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
