"""A kernel that is alive and says nothing is not the student's failure: a person looks.

What tells it from a cell that never ends: the kernel comes when the bell rings, and from no cell.
"""

from __future__ import annotations

import pytest
from test_executing import answer, around, points, run_in_exam

from autograder.model import Limits, Status

IN_THE_KERNEL = "import asyncio\nkernel = get_ipython().kernel\n"

# No reply though the cell has ended: the last is how ipykernel itself once fell silent at each `await`.
SILENT = {
    "its handler fails": "kernel.do_execute = None",
    "messages are dropped": "async def dropped(*_, **__): pass\nkernel.dispatch_shell = dropped",
    "replies are lost": (
        "send = type(kernel.session).send\n"
        "def lossy(self, stream, kind, *rest, **more):\n"
        "    if kind != 'execute_reply': return send(self, stream, kind, *rest, **more)\n"
        "type(kernel.session).send = lossy"
    ),
    "await finds no thread": "kernel.shell_channel_thread = None",
}


@pytest.mark.parametrize("name", SILENT)
def test_a_kernel_that_falls_silent_is_for_a_person(name: str) -> None:
    done = run_in_exam(
        answer("x", IN_THE_KERNEL + SILENT[name]), *around("await asyncio.sleep(0)\nb = 1")
    )
    assert done.status is Status.NEEDS_PERSON, (done.status, done.reason)
    assert "alive and free" in done.reason
    assert "the grader" in done.reason


ENDLESS = {
    "a loop": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        0,
    ),
    "an endless await": (
        "import asyncio\nwhile True:\n    try: await asyncio.sleep(0.1)\n    except BaseException: pass",
        0,
    ),
    "exit": ("import os; os._exit(3)", 0),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_cell_that_does_not_end_is_that_cells_own_failure(name: str) -> None:
    source, earned = ENDLESS[name]
    done = run_in_exam(*around(source), limits=Limits(cell_seconds=2, notebook_seconds=60))
    assert done.status is Status.GRADED, (done.status, done.reason)
    assert any("‘b’" in remark for remark in done.remarks)
    assert points(done) == {"a-t": 2, "b-t": earned, "c-t": 2}


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nawait asyncio.sleep(0.01)\nb = 1",
        "async def g():\n    yield 1\nasync for b in g(): pass",
        "import asyncio\nb = await asyncio.wait_for(asyncio.sleep(0, 1), 1)",
    ],
)
def test_a_top_level_await_costs_nothing(source: str) -> None:
    done = run_in_exam(*around(source))
    assert done.status is Status.GRADED, done.reason
    assert points(done) == {"a-t": 2, "b-t": 2, "c-t": 2}
