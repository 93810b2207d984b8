"""Without isolation: limits hold, causes are known, and what a child started ends with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_helpers import Runner, below, eventually

from autograder import sandbox
from autograder.model import Limits
from autograder.sandbox.parent.environment import clean_environment


@pytest.fixture(scope="module")
def plain() -> Iterator[sandbox.WarmParent]:
    bare = {"warm": False, "preload": ["autograder.sandbox.jupyter.kernel", "numpy"]}
    with sandbox.WarmParent(isolate=False, **bare) as parent:  # type: ignore[arg-type]
        yield parent


def test_it_runs_where_it_is_told_to(plain: sandbox.WarmParent, tmp_path: Path) -> None:
    with sandbox.kernel(parent=plain, cwd=str(tmp_path)) as kernel:
        run = Runner(kernel)
        assert run("import os; print(os.getcwd())") == str(tmp_path)
        assert run("os.getuid()") == str(os.getuid())
        assert "AUTOGRADER_TEST_SECRET" not in run("dict(os.environ)")


def test_limits_hold(plain: sandbox.WarmParent) -> None:
    limits = Limits(memory=256, cpu_seconds=0.8, file_size=1)
    with sandbox.kernel(parent=plain, limits=limits) as kernel:
        run = Runner(kernel)
        assert "MemoryError" in run("import numpy as np; x = np.ones(64 << 20)")
        assert run.until_dead("while True: pass") == "CPU limit"


def test_a_fork_bomb_ends_its_child_and_nothing_else(plain: sandbox.WarmParent) -> None:
    with sandbox.kernel(parent=plain, limits=Limits(processes=40)) as kernel:
        run = Runner(kernel)
        code = "import os, time\nfor _ in range(80):\n    if os.fork() == 0: time.sleep(60)\n"
        assert run.until_dead(code + "time.sleep(60)") == "process limit"
    with sandbox.kernel(parent=plain) as kernel:
        assert Runner(kernel)("1 + 1") == "2"


@pytest.mark.parametrize("end", ["os._exit(4)", "os.kill(os.getppid(), 9); time.sleep(9)", None])
def test_daemons_end_with_their_kernel(plain: sandbox.WarmParent, end: str | None) -> None:
    with sandbox.kernel(parent=plain) as kernel:
        run = Runner(kernel)
        run(
            "import os, time\nfor _ in range(2):\n    if os.fork() == 0:\n        os.setsid()\n"
            "        if os.fork() == 0:\n            os.setsid(); time.sleep(600)\n"
            "        os._exit(0)\ntime.sleep(0.3)"
        )
        pids = below(kernel.process.pid)
        assert len(pids) == 4
        if end is None:
            kernel.process.kill()
        else:
            run.until_dead(end)
        assert eventually(lambda: not any(below(pid) for pid in pids))
        if end == "os._exit(4)":
            assert kernel.cause() == "exit(4)"


def test_the_environment_is_made_of_a_short_list() -> None:
    os.environ["AWS_SECRET_ACCESS_KEY"] = "x"
    try:
        assert set(clean_environment()) <= {
            *("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX"),
            *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
            *("OMP_WAIT_POLICY",),
            *("PYTHONDONTWRITEBYTECODE", "LESSONKIT_OFFLINE", "LESSONKIT_PROGRESS"),
            *("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"),
            *(name for name in os.environ if name.startswith("LC_")),
        }
    finally:
        del os.environ["AWS_SECRET_ACCESS_KEY"]
