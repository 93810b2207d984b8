"""What a classifier says at each point of the plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from lessonkit.plot.style import BLUE, COLORS, MARKERS, ORANGE, show

TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [BLUE, "white", ORANGE])

Predict = Callable[
    [np.ndarray], Any
]  # (M, 2) float64 -> (M,) probabilities, or (M, C) of C classes


def as_numpy(value: Any) -> np.ndarray:
    """An array or tensor as an array, without its graph."""
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def scatter(ax: Axes, X: np.ndarray, y: np.ndarray) -> None:
    """The points, each class with its own colour and marker."""
    for k in np.unique(y).astype(int):
        own = y == k
        ax.scatter(
            X[own, 0],
            X[own, 1],
            s=14,
            color=COLORS[k],
            marker=MARKERS[k],
            edgecolor="white",
            linewidth=0.4,
            label=f"class {k}",
        )


def points(X: Any, y: Any, title: str = "", alt: str = "") -> None:
    """The data alone. X (N, 2), y (N,) class numbers."""
    X, y = as_numpy(X), as_numpy(y)
    figure, ax = plt.subplots(figsize=(4.4, 4.0))
    scatter(ax, X, y)
    ax.set(xlabel="x1", ylabel="x2", title=title, aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    show(figure, alt or f"Scatter plot of {len(X)} points in {len(np.unique(y))} classes.")


def paint(ax: Axes, predict: Predict, X: np.ndarray, fine: int) -> None:
    """Fill the plane: probability for two classes; for more, the class, paler where unsure."""
    low, high = X.min(axis=0) - 0.15, X.max(axis=0) + 0.15
    xs, ys = np.linspace(low[0], high[0], fine), np.linspace(low[1], high[1], fine)
    grid = np.stack([m.ravel() for m in np.meshgrid(xs, ys)], axis=1)
    value = as_numpy(predict(grid))
    if value.ndim == 2 and value.shape[1] > 1:
        rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLORS])
        best, sure = value.argmax(axis=1), value.max(axis=1)
        strength = (0.15 + 0.45 * sure)[:, None]
        picture = 1 - strength * (1 - rgb[best])
        ax.imshow(
            picture.reshape(fine, fine, 3),
            origin="lower",
            extent=(low[0], high[0], low[1], high[1]),
            aspect="auto",
        )
        ax.contour(xs, ys, best.reshape(fine, fine), colors="black", linewidths=0.8)
        return
    surface = np.clip(value.reshape(fine, fine), 0.0, 1.0)
    ax.contourf(xs, ys, surface, levels=np.linspace(0, 1, 11), cmap=TWO_CLASSES, alpha=0.6)
    ax.contour(xs, ys, surface, levels=[0.5], colors="black", linewidths=1.2)


def boundaries(
    predictors: Mapping[str, Predict], X: Any, y: Any, *, fine: int = 120, alt: str = ""
) -> None:
    """The decision boundaries of several models side by side, on the same data.

    predictors  title -> function from points (M, 2) to probabilities: (M,) of class 1, or (M, C)
    """
    X, y = as_numpy(X), as_numpy(y)
    wide = len(predictors)
    size = (4.6, 4.0) if wide == 1 else (3.6 * wide, 3.5)
    figure, axes = plt.subplots(1, wide, figsize=size, squeeze=False)
    for ax, (title, predict) in zip(axes[0], predictors.items(), strict=True):
        ax.grid(False)
        paint(ax, predict, X, fine)
        scatter(ax, X, y)
        ax.set(xlabel="x1", ylabel="x2", title=title)
    axes[0, 0].legend(loc="upper left", fontsize=8, frameon=True)
    show(figure, alt or f"Decision boundary of {', '.join(predictors)} over {len(X)} points.")


def boundary(predict: Predict, X: Any, y: Any, title: str = "", alt: str = "") -> None:
    """The decision boundary of one model."""
    boundaries({title or "model": predict}, X, y, alt=alt)
