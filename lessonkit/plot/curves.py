"""Numbers over epochs, learning rates or steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt

from lessonkit.plot.style import COLORS, DASHES, show


def curves(
    lines: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | None = None,
    xlabel: str = "epoch",
    ylabel: str = "loss",
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
    mark: float | None = None,
    mark_label: str = "best epoch",
    alt: str = "",
) -> None:
    """Draw named lines on one pair of axes; `mark` is a position on the x axis to point out."""
    figure, ax = plt.subplots()
    for i, (name, values) in enumerate(lines.items()):
        places = range(1, len(values) + 1) if x is None else x
        ax.plot(places, values, label=name, color=COLORS[i % 8], linestyle=DASHES[i % 8])
    if mark is not None:
        ax.axvline(mark, color="black", linestyle=":", linewidth=1.2, label=mark_label)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log_x:
        ax.set_xscale("log")
    if log_y:
        ax.set_yscale("log")
    if len(lines) > 1 or mark is not None:
        ax.legend()
    show(figure, alt or f"Line plot of {', '.join(lines)}: {ylabel} against {xlabel}.")


def panels(
    series: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    xlabel: str = "epoch",
    log_y: Sequence[str] = (),
    alt: str = "",
) -> None:
    """Draw several small plots side by side: title -> {name: values}."""
    wide = len(series)
    figure, axes = plt.subplots(1, wide, figsize=(3.4 * wide, 3.0), squeeze=False)
    for ax, (title, lines) in zip(axes[0], series.items(), strict=True):
        for i, (name, values) in enumerate(lines.items()):
            places = range(1, len(values) + 1)
            ax.plot(places, values, label=name, color=COLORS[i % 8], linestyle=DASHES[i % 8])
        ax.set(xlabel=xlabel, title=title)
        if title in log_y:
            ax.set_yscale("log")
        if len(lines) > 1:
            ax.legend()
    show(figure, alt or f"Side by side, against {xlabel}: {'; '.join(series)}.")
