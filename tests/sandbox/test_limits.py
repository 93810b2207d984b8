"""Each limit holds, is met cleanly where it can be, and is reported by name where it kills."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sandbox_helpers import Runner, below

Fresh = Callable[..., Runner]


def test_too_large_an_array_is_a_memory_error_and_the_kernel_lives(fresh: Fresh) -> None:
    run = fresh(memory=256)
    assert "MemoryError" in run("import numpy as np; x = np.ones(64 << 20)")
    assert "allocate memory" in run("import torch; x = torch.ones(128 << 20)")
    assert "MemoryError" in run("x = []\nwhile True: x.append(bytes(1 << 20))")
    assert run("del x; 1 + 1") == "2"
    assert run.kernel.cause() is None


def test_many_processes_together_have_one_memory_limit(fresh: Fresh) -> None:
    run = fresh(memory=256, processes=40)
    cause = run.until_dead(
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = bytearray(b'x') * (100 << 20); time.sleep(60)\ntime.sleep(60)"
    )
    assert cause == "memory limit"


def test_workers_that_share_memory_are_not_counted_twice(fresh: Fresh) -> None:
    run = fresh(memory=400)
    assert (
        run(
            "import os, time, numpy as np\nx = np.ones(30 << 20)\nfor _ in range(4):\n"
            "    if os.fork() == 0:\n        time.sleep(0.8); os._exit(0)\n"
            "[os.wait()[1] for _ in range(4)]"
        )
        == "[0, 0, 0, 0]"
    )
    assert run.kernel.alive


def test_a_fork_bomb_is_contained(fresh: Fresh) -> None:
    run = fresh(processes=30)
    said = run("import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(60)")
    assert "BlockingIOError" in said
    assert len(below(run.kernel.process.pid)) <= 31
    pids = below(run.kernel.process.pid)
    run.kernel.close()
    assert all(not below(pid) for pid in pids)


def test_a_thread_bomb_is_contained(fresh: Fresh) -> None:
    run = fresh(processes=40)
    said = run(
        "import threading, time\nfor _ in range(100):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    assert "can't start new thread" in said
    assert run("'alive'") == "'alive'"


def test_a_large_file_is_refused(fresh: Fresh) -> None:
    run = fresh(file_size=2)
    assert "File too large" in run("open('x', 'wb').write(bytes(3 << 20))")


def test_a_full_scratch_folder_is_refused_wherever_it_is_written(fresh: Fresh) -> None:
    run = fresh(scratch=4)
    fill = "for n in range(100): open(f'{}/{{n}}', 'wb').write(bytes(1 << 20))"
    for folder in ("/tmp", "/dev/shm"):
        assert "No space left" in run(fill.format(folder))
    assert "No space left" in run("for n in range(9999): open(f'/tmp/home/i{n}', 'w').close()")
    assert run("'alive'") == "'alive'"


@pytest.mark.parametrize(
    "loop",
    ["while True: pass", "import re; re.match('(a*)*b', 'a' * 60)", "sum(range(10**12))"],
)
def test_an_endless_loop_meets_the_cpu_limit_also_inside_c(fresh: Fresh, loop: str) -> None:
    run = fresh(cpu_seconds=0.6)
    assert run.until_dead(loop) == "CPU limit"
    assert run.kernel.process.usage.cpu_seconds >= 0.6


def test_a_loop_in_a_process_of_its_own_counts_as_well(fresh: Fresh) -> None:
    run = fresh(cpu_seconds=0.8)
    assert (
        run.until_dead(
            "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\n"
            "time.sleep(60)"
        )
        == "CPU limit"
    )


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import os; os._exit(3)", "exit(3)"),
        ("import ctypes; ctypes.string_at(0)", "killed by signal 11 (SIGSEGV)"),
        ("import os; os.kill(os.getpid(), 9)", "killed by signal 9 (SIGKILL)"),
        ("import os; os.abort()", "killed by signal 6 (SIGABRT)"),
    ],
)
def test_the_cause_of_a_death_is_known(fresh: Fresh, code: str, cause: str) -> None:
    assert fresh().until_dead(code) == cause


def test_endless_output_can_be_stopped_at_once(fresh: Fresh) -> None:
    run = fresh()
    run.kernel.client.execute("while True: print('x' * 100000)")
    time.sleep(0.5)
    start = time.monotonic()
    run.kernel.close()
    assert time.monotonic() - start < 2
    assert run.kernel.cause() == "stopped"
