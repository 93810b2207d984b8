"""What the kernel leaves out of ipykernel to start and answer sooner: nobody may notice."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_helpers import Runner

from autograder import sandbox


@pytest.mark.parametrize(
    "code",
    [
        "for i in range(3000): print(i)",
        "import threading\nfor i in range(30):\n    t = threading.Thread(target=print, args=(i,))\n"
        "    t.start(); t.join()",
        "import os\nfor i in range(30):\n    os.write(1, f'{i}\\n'.encode())\nimport time; time.sleep(0.5)",
        "for i in range(30): print(i, flush=True)",
    ],
    ids=["print", "threads", "below Python", "flushed"],
)
def test_all_that_is_printed_arrives_before_the_cell_ends_and_in_order(
    run: Runner, code: str
) -> None:
    for _ in range(5):
        said = run(code).split()
        assert said == [str(i) for i in range(len(said))]
        assert len(said) in (30, 3000)
        assert run("pass") == ""


def test_a_cell_that_is_sent_while_another_runs_waits_for_it(run: Runner) -> None:
    first = run.kernel.client.execute("import time; time.sleep(0.5); order = ['first']")
    second = run.kernel.client.execute("order.append('second')")
    replies = [run.kernel.client.get_shell_msg(timeout=10) for _ in range(2)]
    assert [reply["parent_header"]["msg_id"] for reply in replies] == [first, second]
    assert run("order") == "['first', 'second']"


def test_to_reset_everything_forgets_names_and_no_library(fresh) -> None:  # type: ignore[no-untyped-def]
    run = fresh()
    run("import numpy as np; x = 1; array = np.ndarray")
    run("%reset -f --aggressive")
    assert "NameError" in run("x")
    assert run("import sys, torch, numpy; 'torch.nn' in sys.modules") == "True"


def test_a_function_that_calls_itself_without_end_is_soon_told_of(fresh) -> None:  # type: ignore[no-untyped-def]
    """Python looks through all modules for each of a thousand lines: more than a minute, with torch."""
    run = fresh()
    run("import time\ndef endless(n): return endless(n + 1)\nbegan = time.process_time()")
    assert "RecursionError" in run("endless(0)", timeout=60)
    assert float(run("time.process_time() - began")) < 5


def test_what_the_kernel_logs_is_not_shown(run: Runner) -> None:
    run("from ipykernel.kernelapp import IPKernelApp; app = IPKernelApp.instance()")
    assert run("app.log.error('an error')") == ""


def test_what_a_student_plots_is_shown(fresh) -> None:  # type: ignore[no-untyped-def]
    """As in any notebook, though matplotlib was imported, and used, before there was a kernel."""
    run = fresh()
    for cell in ("import matplotlib.pyplot as plt; plt.plot([1, 2]);", "plt.plot([2]); plt.show()"):
        kinds: list[str] = []
        run.kernel.client.execute_interactive(
            cell,
            timeout=30,
            output_hook=lambda message, kinds=kinds: kinds.extend(
                message["content"].get("data", ())
            ),
        )
        assert kinds.count("image/png") == 1, kinds
    assert "inline" in run("plt.get_backend()")


def test_a_shell_from_the_warm_parent_is_as_any_other(run: Runner) -> None:
    assert run("type(get_ipython()).__name__") == "'ZMQInteractiveShell'"
    assert run("get_ipython().parent is get_ipython().kernel") == "True"
    assert run("import sys; sys.modules['__main__'].__dict__ is globals()") == "True"
    assert run("__IPYTHON__ and callable(display)") == "True"
    assert run("[str(folder) for folder in _dh]") == "['/tmp/work']"
    assert run("get_ipython().home_dir") == "'/tmp/home'"
    assert run("get_ipython().profile_dir.location.startswith('/tmp/home')") == "True"
    assert run("import os; os.environ['PAGER']") == "'cat'"


def test_a_terse_kernel_says_all_that_a_notebook_shows() -> None:
    with sandbox.kernel(terse=True) as kernel:
        heard: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            state = message["content"].get("execution_state", "")
            heard.append(f"{message['msg_type']} {state}".strip())

        cell = "print(1)\ndisplay(2)\n3"
        reply = kernel.client.execute_interactive(cell, timeout=30, output_hook=hear)
        assert reply["content"]["status"] == "ok"
        assert heard == ["stream", "display_data", "execute_result", "status idle"]
