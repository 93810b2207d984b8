"""The warm kernel is Jupyter's, the whole of it: each feature of the table is run in a stock ipykernel,
in a warm one, and in the grader's, with equal answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conversation import Ask, Silence, compared, converse
from features import FEATURES, Feature
from jupyter_client.manager import KernelManager

from autograder import sandbox


class Stock:
    """An ipykernel as Jupyter starts it, in a folder and a home of its own."""

    def __init__(self, folder: Path) -> None:
        home, work = folder / "home", folder / "work"
        home.mkdir()
        work.mkdir()
        kept = ("PATH", "LANG", "LC_ALL", "OMP_NUM_THREADS")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "HOME": str(home),
            "IPYTHONDIR": str(home / ".ipython"),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(work), env=environment)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.interrupt = self.manager.interrupt_kernel
        self.places = {str(work): "WORK", str(home): "HOME"}

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


class Warm:
    """A kernel from the warm parent."""

    def __init__(self, parent: sandbox.WarmParent, terse: bool) -> None:
        self.kernel = sandbox.start(parent=parent, terse=terse)
        self.client = self.kernel.client
        self.interrupt = self.kernel.interrupt
        self.places = {"/tmp/work": "WORK", "/tmp/home": "HOME"}

    def close(self) -> None:
        self.kernel.close()


Makers = dict[str, Callable[[], Any]]


class Rooms:
    """The three kernels, in which all features run in the same order; one that fell silent is replaced."""

    def __init__(self, makers: Makers) -> None:
        self.makers = makers
        self.kernels: dict[str, Any] = {}

    def run(self, name: str, steps: tuple[Ask, ...]) -> list[Any]:
        """What a kernel says, comparable. Raises Silence."""
        if name not in self.kernels:
            self.kernels[name] = self.makers[name]()
        kernel = self.kernels[name]
        try:
            said = converse(kernel, steps)
        except Silence:
            self.close()
            raise
        return compared(said, kernel.places, terse=name == "terse")

    def close(self) -> None:
        for kernel in self.kernels.values():
            kernel.close()
        self.kernels.clear()


@pytest.fixture(scope="module")
def rooms(parent: sandbox.WarmParent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    opened = Rooms(
        {
            "stock": lambda: Stock(tmp_path_factory.mktemp("stock")),
            "warm": lambda: Warm(parent, terse=False),
            "terse": lambda: Warm(parent, terse=True),
        }
    )
    yield opened
    opened.close()


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_warm_kernel_answers_as_jupyters_own(rooms: Rooms, feature: Feature) -> None:
    stock = rooms.run("stock", feature.steps)
    warm = rooms.run("warm", feature.steps)
    terse = rooms.run("terse", feature.steps)
    if feature.last:
        rooms.close()
    if feature.differs:
        assert warm != stock, "there is no difference any more: take the reason out of the table"
        return
    assert warm == stock
    if feature.terse:
        assert terse == without_beginnings(stock)


def without_beginnings(said: list[Any]) -> list[Any]:
    """What a terse kernel would say where another one says this."""
    return [
        {
            **step,
            "shown": [
                [kind, content]
                for kind, content in step["shown"]
                if kind != "execute_input" and content.get("execution_state") != "busy"
            ],
        }
        for step in said
    ]
