"""Each plot is drawn, as a picture with a description in words, and nothing is left open."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.display import Image

from lessonkit import data, plot

X, y = data.xor(40)
P = data.init_params(h=4)
PICTURES = torch.zeros(7, 28, 28, dtype=torch.uint8)
LABELS = torch.arange(7)


def half(points: np.ndarray) -> np.ndarray:
    return np.full(len(points), 0.5)


def three(points: np.ndarray) -> torch.Tensor:
    return torch.softmax(torch.tensor(points) @ torch.ones(2, 3, dtype=torch.float64), dim=1)


def bowl(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a**2 + b**2


WAY = np.array([[2.0, 1.0], [1.0, 0.5], [0.0, 0.0]])
DRAWN: dict[str, list[Callable[[], None]]] = {
    "bars": [lambda: plot.bars([0.9, 0.8, 1.0]), lambda: plot.bars(torch.rand(3), "abc", low=0.5)],
    "boundaries": [lambda: plot.boundaries({"a": half, "b": three}, X, y, fine=20)],
    "boundary": [lambda: plot.boundary(half, torch.tensor(X), torch.tensor(y), "one")],
    "confusion_matrix": [
        lambda: plot.confusion_matrix(np.array([[5, 1], [0, 3]])),
        lambda: plot.confusion_matrix(torch.zeros(3, 3, dtype=torch.int64), "abc", "nothing yet"),
    ],
    "curves": [
        lambda: plot.curves({"loss": [3.0, 2.0, 1.0]}),
        lambda: plot.curves(
            {"a": [1, 2], "b": [2, 1]}, x=[0.1, 1.0], log_x=True, log_y=True, mark=0.5
        ),
    ],
    "digits": [
        lambda: plot.digits(PICTURES),
        lambda: plot.digits(PICTURES.reshape(7, 784), LABELS, columns=3, title="seven"),
        lambda: plot.digits(PICTURES[:, None], LABELS, LABELS.flip(0)),
    ],
    "fit": [lambda: plot.fit(*data.line(10), {"y = 2x + 1": (2.0, 1.0), "flat": (0.0, 3.0)})],
    "graph": [
        lambda: plot.graph({"x": (0, 0), "y": (1, 1)}, [("x", "y")], notes={"x": "2"}, leaves=["x"])
    ],
    "hidden_units": [lambda: plot.hidden_units(P["W1"], P["b1"], P["W2"], X, y)],
    "panels": [
        lambda: plot.panels(
            {"loss": {"a": [2, 1], "b": [1, 2]}, "norm": {"a": [1, 1]}}, log_y=["loss"]
        )
    ],
    "paths": [lambda: plot.paths(bowl, {"downhill": WAY, "again": torch.tensor(WAY)})],
    "points": [lambda: plot.points(X, y, "XOR")],
    "spread": [
        lambda: plot.spread({"2 units": [0.7, 0.9, 0.8], "4 units": [0.9, 0.95]}, level=0.85)
    ],
    "valley": [lambda: plot.valley(*data.line(10), {"descent": WAY}, (2.0, 1.0))],
}
CASES = [(name, draw) for name, draws in DRAWN.items() for draw in draws]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pictures that are displayed during a test."""
    pictures: list[Any] = []

    def display(*things: Any, **_: Any) -> None:
        pictures.extend(thing for thing in things if isinstance(thing, Image))

    monkeypatch.setattr(sys.modules["lessonkit.plot.style"], "display", display)
    return pictures


def test_each_drawing_function_is_tried_here() -> None:
    functions = {name for name in plot.__all__ if inspect.isfunction(getattr(plot, name))}
    assert functions - {"show", "use_style"} == set(DRAWN)


@pytest.mark.parametrize(("name", "draw"), CASES, ids=[name for name, _ in CASES])
def test_it_is_drawn_with_a_description(
    name: str, draw: Callable[[], None], shown: list[Any]
) -> None:
    plot.use_style()
    draw()
    [picture] = shown
    assert picture.data.startswith(b"\x89PNG"), name
    assert picture.alt
    assert picture.alt.endswith(".")
    assert plt.get_fignums() == []


def test_a_description_of_ones_own_is_used(shown: list[Any]) -> None:
    plot.curves({"loss": [1.0, 0.5]}, alt="It falls.")
    plot.digits(PICTURES, alt="Seven blanks.")
    assert [picture.alt for picture in shown] == ["It falls.", "Seven blanks."]


def test_the_same_figure_is_the_same_picture(shown: list[Any]) -> None:
    for _ in range(2):
        plot.points(X, y)
    assert shown[0].data == shown[1].data


def test_lines_and_points_differ_in_more_than_colour() -> None:
    assert len(set(plot.DASHES[:7])) == 7
    assert len(set(plot.MARKERS)) == len(set(plot.COLORS)) == 8


def test_a_misread_digit_is_marked_by_words_and_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    module = sys.modules["lessonkit.plot.digits"]  # `plot.digits` is the function
    monkeypatch.setattr(module, "show", lambda *given: shown.append(given))
    plot.digits(PICTURES[:2], torch.tensor([3, 8]), torch.tensor([3, 5]), columns=2)
    [(figure, alt)] = shown
    right, wrong = figure.axes
    assert [ax.get_title() for ax in (right, wrong)] == ["3 ✓", "5 ✗ (8)"]
    assert [ax.spines["left"].get_linestyle() for ax in (right, wrong)] == ["-", "--"]
    assert alt == "2 pictures of digits, 1 of them read right; wrong: 8 read as 5."
    plt.close(figure)
