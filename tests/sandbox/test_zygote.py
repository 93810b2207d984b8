"""Warm parents are forked from a zygote where there is one, and do without it where it is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sandbox_helpers import Runner, eventually

from autograder import sandbox
from autograder.sandbox.parent import rundir, zygote


@pytest.fixture
def address() -> Iterator[str]:
    with rundir.make() as folder, zygote.started(folder) as address:
        yield address


def zygotes() -> list[psutil.Process]:
    """The zygotes that this process has started."""
    children = psutil.Process().children()
    return [child for child in children if "autograder.sandbox.parent.zygote" in child.cmdline()]


def test_two_warm_parents_share_one_import(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(zygote.ADDRESS, address)
    with sandbox.WarmParent() as first:
        started = time.monotonic()
        with sandbox.WarmParent() as second:
            assert time.monotonic() - started < 2  # to import takes longer
            (own,) = zygotes()
            launchers = {child.pid for child in own.children()}
            assert {first._process.pid, second._process.pid} == launchers  # type: ignore[union-attr]
            for parent in (first, second):
                with sandbox.kernel(parent=parent) as kernel:
                    assert Runner(kernel)("import torch, os; os.getuid()") == "65534"
        assert eventually(lambda: len(own.children()) == 1)
    assert eventually(lambda: not own.children())


def test_without_its_zygote_a_warm_parent_imports_for_itself(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(zygote.ADDRESS, address)
    (own,) = zygotes()
    own.kill()
    own.wait(10)
    with sandbox.WarmParent() as parent, sandbox.kernel(parent=parent) as kernel:
        assert isinstance(parent._process, subprocess.Popen)
        assert Runner(kernel)("1 + 1") == "2"


def test_a_warm_parent_ends_with_the_one_who_asked_for_it_and_not_with_its_zygote(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(zygote.ADDRESS, address)
    with sandbox.WarmParent() as parent:
        (own,) = zygotes()
        own.kill()
        own.wait(10)
        with sandbox.kernel(parent=parent) as kernel:
            assert Runner(kernel)("1 + 1") == "2"
        folder = Path(parent.run_root).parent
        assert folder.is_dir()
    assert eventually(lambda: not folder.exists())


def test_what_a_killed_owner_leaves_behind_is_removed() -> None:
    """Also where its folder for temporary files is not the zygote's."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as short:
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": short},
        )
        assert owner.stdout is not None
        assert owner.stdout.readline().startswith(short.encode())
        assert list(Path(short).iterdir())
        owner.kill()
        owner.wait(10)
        assert eventually(lambda: not list(Path(short).iterdir()), 30)


OWNER = """
import time
from autograder.sandbox import rundir, zygote

with rundir.make() as folder, zygote.started(folder) as address:
    print(address, flush=True)
    time.sleep(600)
"""
