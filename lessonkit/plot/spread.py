"""What chance does: one dot for each seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from lessonkit.plot.style import BLACK, COLORS, MARKERS, show


def spread(
    groups: Mapping[str, Sequence[float]],
    *,
    ylabel: str = "accuracy on new points",
    title: str = "",
    level: float | None = None,
    level_label: str = "",
    alt: str = "",
) -> None:
    """Draw each group's values as dots in a column, its median as a bar.

    groups  name -> values, one for each seed
    level   a height to point out with a dotted line
    """
    figure, ax = plt.subplots(figsize=(1.3 * len(groups) + 1.6, 3.6))
    for i, values in enumerate(groups.values()):
        heights = np.sort(np.asarray(values, dtype=float))
        aside = 0.16 * ((np.arange(len(heights)) % 5) / 2 - 1)  # so that equal values stay visible
        ax.scatter(i + aside, heights, s=22, color=COLORS[i % 7], marker=MARKERS[i % 7], alpha=0.75)
        ax.hlines(float(np.median(heights)), i - 0.32, i + 0.32, color=BLACK, linewidth=1.6)
    if level is not None:
        ax.axhline(level, color=BLACK, linestyle=":", linewidth=1.2, label=level_label or None)
        if level_label:
            ax.legend(loc="lower right")
    ax.set_xticks(range(len(groups)), list(groups))
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.set(ylabel=ylabel, title=title)
    parts = [f"{name}: {min(v):.2f} to {max(v):.2f}" for name, v in groups.items()]
    show(figure, alt or f"A dot for each seed, a bar at the median. {'; '.join(parts)}.")
