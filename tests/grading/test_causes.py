"""What stopped a student's cell is what its test says: not "run the cell that defines it"."""

from __future__ import annotations

import json
import time

import pytest
from test_executing import answer, code, graded_cell

from autograder.engines.choose import choose_quietly
from autograder.engines.notebook import execute
from autograder.model import Execution, Limits, Task, Verdict
from lessonkit.check.codes import CODES

TEST = """\
from lessonkit import check
score = check.Score("Double", 3)
with score.part("seen", 1):
    check.equal("double(1)", double(1), 2)
### BEGIN HIDDEN TESTS
with score.part("unseen", 2):
    check.equal("double(2)", double(2), 4)
### END HIDDEN TESTS
score.total()"""
RIGHT = "def double(x):\n    return 2 * x"
CELLS = {
    "text twice": (f"{RIGHT}{RIGHT}", "syntax-error", ("SyntaxError", "line 2", "return 2 * xdef double(x):")),
    "a bracket": ("def double(x):\n    return (2 * x", "syntax-error", ("line 2", "SyntaxError")),
    "indentation": ("def double(x):\nreturn 2 * x", "indentation", ("IndentationError", "line 2", "return 2 * x")),
    "mixed indentation": ("def double(x):\n    y = x\n  return 2 * y", "indentation", ("line 3",)),
    "a library": (f"import nowhere_to_be_found\n{RIGHT}", "no-library", ("nowhere_to_be_found", "line 1")),
    "a library, from": (f"from einops_not_here import rearrange\n{RIGHT}", "no-library", ("einops_not_here",)),
    "Colab": (f"from google.colab import drive\n{RIGHT}", "colab-only", ("google",)),
    "a path of Colab": (f"open('/content/drive/MyDrive/x.txt')\n{RIGHT}", "colab-only", ("/content",)),
    "a name": (f"y = undefined_name + 1\n{RIGHT}", "cell-failed", ("NameError", "undefined_name", "line 1")),
    "an error": (f"1 / 0\n{RIGHT}", "cell-failed", ("ZeroDivisionError", "1 / 0")),
    "input()": (f"n = input('how many?')\n{RIGHT}", "asks-input", ()),
    "breakpoint()": (f"breakpoint()\n{RIGHT}", "debugger", ()),
    "set_trace()": (f"import pdb\npdb.set_trace()\n{RIGHT}", "debugger", ()),
    "a GPU": (f"import torch\nw = torch.ones(1).cuda()\n{RIGHT}", "no-gpu", ("line 2",)),
    "a loop": (f"while True: pass\n{RIGHT}", "too-slow", ("did not come to its end in time",)),
    "exit": (f"import os\nos._exit(1)\n{RIGHT}", "kernel-ended", ("ended its kernel",)),
}  # fmt: skip
CALLS = {
    "breakpoint()": ("def double(x):\n    breakpoint()\n    return 2 * x", "debugger"),
    "set_trace()": ("def double(x):\n    import pdb; pdb.set_trace()\n    return 2 * x", "debugger"),
    "input()": ("def double(x):\n    return int(input('times?')) * x", "asks-input"),
    ".cuda()": ("import torch\ndef double(x):\n    return (2 * torch.tensor(x).cuda()).item()", "no-gpu"),
    ".to('cuda')": ("import torch\ndef double(x):\n    return (2 * torch.tensor(x).to('cuda')).item()", "no-gpu"),
    "device=": ("import torch\ndef double(x):\n    return (2 * torch.tensor(x, device='cuda')).item()", "no-gpu"),
    "a library": ("def double(x):\n    import nowhere_to_be_found\n    return 2 * x", "no-library"),
    "Colab": ("def double(x):\n    from google.colab import drive\n    return 2 * x", "colab-only"),
    "no return": ("def double(x):\n    2 * x", "wrong-type"),
    "the network": (
        "import urllib.request\ndef double(x):\n    urllib.request.urlopen('http://example.org')\n    return 2 * x",
        "no-network",
    ),
    "a TODO": ("def double(x):\n    raise NotImplementedError", "not-written"),
}  # fmt: skip


LIMITS = Limits(cell_seconds=5, notebook_seconds=60)


def run(*cells, limits: Limits = LIMITS) -> Execution:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    task = Task("somebody", "unit", json.dumps(notebook), limits)
    return execute(task, choose_quietly("auto"))


def verdict(source: str, test: str = TEST) -> Verdict:
    return run(answer("double", source), graded_cell("double-t", test, 3)).verdicts[0]


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_stopped_is_named_by_its_test(name):
    source, cause, says = CELLS[name]
    got = verdict(source)
    assert (got.points, got.diagnosis) == (0, (cause,)), got.message
    assert f"[{cause}] `double` is not defined, because its cell " in got.message
    assert not [text for text in says if text not in got.message], got.message
    assert got.message.count(CODES[cause]) == 2  # of the hidden part, the cause alone
    assert "[missing]" not in got.message


def test_a_test_without_parts_names_it_as_well():
    got = verdict("def double(x:\n    pass", "assert double(1) == 2")
    assert got.diagnosis == ("syntax-error",)
    assert (
        "`double` is not defined, because its cell stopped in line 1 with SyntaxError"
        in got.message
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_stopped_is_named(name):
    source, cause = CALLS[name]
    got = verdict(source)
    assert (got.points, set(got.diagnosis)) == (0, {cause}), got.message


def test_a_name_that_another_cell_would_have_defined():
    execution = run(
        code("def helper(x):\n    return (x"),
        answer("double", "double = 1"),
        graded_cell("double-t", TEST.replace("double(", "helper("), 3),
    )
    message = execution.verdicts[0].message
    assert "`helper` is not defined, because the cell ‘cell 1" in message, message
    assert "SyntaxError" in message


def test_a_name_that_is_nowhere_is_missing_still():
    got = verdict("def dubble(x): return 2 * x")
    assert got.diagnosis == ("missing",)


SLOW = """\
import time
try:
    time.sleep(0.6)
except KeyboardInterrupt:
    time.sleep(2.5)
"""


def test_what_is_run_again_after_a_restart_ends_with_the_notebooks_time():
    """Each of ten cells would be run again, and take 2.5 s to be stopped once the time is over."""
    run(code("1"))  # the warm parent is there from now on
    started = time.monotonic()
    execution = run(
        *(code(SLOW) for _ in range(10)),
        answer("a", "import os\nos._exit(1)"),
        answer("double", RIGHT),
        graded_cell("double-t", TEST, 3),
        limits=Limits(cell_seconds=5, notebook_seconds=8),
    )
    assert time.monotonic() - started < 8 + 10  # one to be stopped, and the time to start kernels
    assert "notebook time limit (8 seconds)" in execution.reason
    assert execution.verdicts[0].points == 0
