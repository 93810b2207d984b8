"""The way that an optimizer takes over a surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from lessonkit.plot.boundary import as_numpy
from lessonkit.plot.style import BLACK, COLORS, DASHES, MARKERS, show


def paths(
    surface: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ways: Mapping[str, Any],
    *,
    title: str = "",
    alt: str = "",
) -> None:
    """Draw named paths side by side, each over the level lines of `surface`.

    surface  function from grids of x1 and x2 to heights
    ways     title -> points (steps, 2), from the first to the last
    """
    points = {name: as_numpy(way) for name, way in ways.items()}
    every = np.concatenate(list(points.values()))
    low, high = every.min(axis=0), every.max(axis=0)
    margin = 0.12 * (high - low) + 0.1
    xs = np.linspace(low[0] - margin[0], high[0] + margin[0], 120)
    ys = np.linspace(low[1] - margin[1], high[1] + margin[1], 120)
    heights = surface(*np.meshgrid(xs, ys))
    levels = heights.min() + np.ptp(heights) * np.linspace(0.02, 1.0, 14) ** 2
    size = (3.4 * len(points), 3.1)
    figure, axes = plt.subplots(1, len(points), figsize=size, sharey=True, squeeze=False)
    for i, (ax, (name, way)) in enumerate(zip(axes[0], points.items(), strict=True)):
        ax.grid(False)
        ax.contour(xs, ys, heights, levels=levels, colors="0.75", linewidths=0.8)
        ax.plot(
            way[:, 0],
            way[:, 1],
            color=COLORS[i % 8],
            linestyle=DASHES[i % 8],
            marker=MARKERS[i % 8],
            markersize=3.5,
            linewidth=1.2,
        )
        ax.plot(*way[0], marker="o", color=BLACK, markersize=6)
        ax.set(xlabel="x1", title=name)
    axes[0, 0].set_ylabel("x2")
    if title:
        figure.suptitle(title, fontsize=11)
    show(figure, alt or f"Paths of {', '.join(points)} over a surface's level lines.")
