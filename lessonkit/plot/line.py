"""A line through points, and the valley that gradient descent walks down to find it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from lessonkit.plot.boundary import as_numpy
from lessonkit.plot.style import BLACK, COLORS, DASHES, MARKERS, show


def fit(x: Any, y: Any, lines: Mapping[str, tuple[float, float]], alt: str = "") -> None:
    """Points x (N,), y (N,), and straight lines: name -> (slope, intercept)."""
    x, y = as_numpy(x), as_numpy(y)
    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    ax.scatter(x, y, s=16, color=BLACK, alpha=0.45, label="data")
    ends = np.array([x.min(), x.max()])
    for i, (name, (w, b)) in enumerate(lines.items()):
        ax.plot(ends, w * ends + b, color=COLORS[i % 8], linestyle=DASHES[i % 8], label=name)
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    show(figure, alt or f"{len(x)} points with the lines {', '.join(lines)}.")


def valley(
    x: Any, y: Any, paths: Mapping[str, Any], best: tuple[float, float], alt: str = ""
) -> None:
    """Lines of equal loss, the mean of ½(wx + b − y)², and below each other the paths through them.

    x (N,), y (N,); paths: name -> (steps, 2) of the (w, b) passed through; best: the lowest point
    """
    x, y = as_numpy(x), as_numpy(y)
    ways = {name: as_numpy(path) for name, path in paths.items()}
    passed = np.concatenate([*ways.values(), [best]])
    low, high = passed.min(axis=0), passed.max(axis=0)
    margin = 0.08 * float((high - low).max())
    ws, bs = (np.linspace(low[i] - margin, high[i] + margin, 200) for i in (0, 1))
    error = ws[None, :, None] * x + bs[:, None, None] - y  # (200, 200, N)
    loss = 0.5 * (error**2).mean(axis=-1)
    floor = float(loss.min())
    levels = floor + np.geomspace(0.01, float(loss.max()) - floor, 14)
    figure, axes = plt.subplots(len(ways), 1, figsize=(6.4, 2.7 * len(ways)), squeeze=False)
    for i, (ax, (name, way)) in enumerate(zip(axes[:, 0], ways.items(), strict=True)):
        ax.contour(ws, bs, loss, levels=levels, colors="0.65", linewidths=0.7)
        look: dict[str, Any] = {"color": COLORS[i % 8], "marker": MARKERS[i % 8]}
        ax.plot(way[:, 0], way[:, 1], "-", markersize=4, linewidth=1.0, **look)
        ax.plot(*best, "*", color=BLACK, markersize=12)
        ax.set(xlabel="w", ylabel="b", title=f"{name}; the star is the lowest point")
        ax.set_aspect("equal")  # downhill is at right angles to the lines, and should look like it
        ax.grid(False)
    show(figure, alt or f"Contour lines of the loss over w and b, and the paths {', '.join(ways)}.")
