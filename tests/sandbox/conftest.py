"""One warm parent for all of these tests, and short ways to run code in its kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from plugins.isolation import lacking
from sandbox_helpers import SECRET, Runner

from autograder import sandbox
from autograder.model import Limits


@pytest.fixture(scope="session")
def parent() -> Iterator[sandbox.WarmParent]:
    """A warm parent, started by a process whose environment holds a secret."""
    os.environ["AUTOGRADER_TEST_SECRET"] = SECRET
    denied = [one.hint for one in sandbox.capabilities() if not one.ok and "name" in one.name]
    if denied:
        lacking(f"this machine cannot isolate: {denied[0]}")
    with sandbox.WarmParent() as started:
        assert started.missing == []
        yield started


@pytest.fixture(scope="module")
def run(parent: sandbox.WarmParent) -> Iterator[Runner]:
    """One isolated kernel for all tests of a module that leave it alive."""
    with sandbox.kernel(parent=parent) as kernel:
        runner = Runner(kernel)
        runner("import ctypes, os, signal, socket, sys; libc = ctypes.CDLL(None, use_errno=True)")
        yield runner


@pytest.fixture
def fresh(parent: sandbox.WarmParent) -> Iterator[Callable[..., Runner]]:
    """Makes kernels with limits of their own, gone at the test's end."""
    made: list[sandbox.Kernel] = []

    def make(**limits: Any) -> Runner:
        made.append(sandbox.start(parent=parent, limits=Limits(**limits)))
        return Runner(made[-1])

    yield make
    for kernel in made:
        kernel.close()
