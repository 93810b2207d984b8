"""Root and ordinary users get the same isolation, by different ways."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ordinary_user import as_nobody, let_through

from autograder.sandbox.parent import rundir

SCRIPT = """
import json, os, sys
from autograder import sandbox
from autograder.model import Limits
bare = dict(warm=False, preload=["autograder.sandbox.jupyter.kernel"])
with sandbox.WarmParent(**bare) as parent:
    with sandbox.kernel(parent=parent, limits=Limits(processes=30)) as kernel:
        said = []
        def ask(code):
            said.clear()
            kernel.client.execute_interactive(
                code, timeout=20, output_hook=lambda m: said.append(m["content"])
            )
            return next(
                (c.get("ename") or c["data"]["text/plain"] for c in said
                 if "ename" in c or "data" in c), None)
        answers = {
            "outside": os.geteuid(),
            "kernel": os.stat(f"/proc/{kernel.process.pid}").st_uid and
                int(open(f"/proc/{kernel.process.pid}/status").read().split("Uid:")[1].split()[0]),
            "inside": ask("import os; os.getuid()"),
            "canary": ask(f"open({sys.argv[1]!r}).read()"),
            "processes": ask("sorted(int(n) for n in os.listdir('/proc') if n.isdigit())"),
            "network": ask("import socket; socket.create_connection(('192.0.2.1', 80), 1)"),
            "write": ask("open('/usr/x', 'w')"),
            "bomb": ask("import time\\nwhile True:\\n    if os.fork() == 0: time.sleep(60)"),
        }
        kernel.process.kill()
        answers["cause"] = kernel.cause()
print(json.dumps(answers))
"""


def answers(command: list[str], canary: Path) -> dict[str, object]:
    done = subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, str(canary)],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "HOME": "/nonexistent"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(found: dict[str, object], outside: int) -> None:
    assert found["outside"] == outside
    assert found["inside"] == "65534"
    assert found["canary"] == "FileNotFoundError"
    assert found["processes"] == "[1, 2]"
    assert found["network"] == "OSError"
    assert found["write"] == "OSError"
    assert found["bomb"] == "BlockingIOError"
    assert found["cause"] == "stopped"


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary"
    path.write_text("canary")
    return path


def test_whoever_runs_this(canary: Path) -> None:
    check(answers([], canary), os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_without_any_rights(canary: Path, tmp_path: Path) -> None:
    for tool in ("unshare", "setpriv"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    canary.chmod(0o755)  # so that it is isolation that hides it, and not its mode
    let_through(canary)
    found = answers(as_nobody(tmp_path / "m"), canary)
    check(found, 65534)
    assert found["kernel"] == 65534
    assert not [path for path in Path(rundir.home()).glob("agk-*") if path.stat().st_uid == 65534]


@pytest.mark.skipif(os.geteuid() != 0, reason="of root alone")
def test_roots_kernels_are_a_user_that_nobody_else_is(canary: Path) -> None:
    assert answers([], canary)["kernel"] not in (0, 65534)
