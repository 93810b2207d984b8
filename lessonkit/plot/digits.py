"""Pictures of digits, and what a classifier makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from lessonkit.plot.boundary import as_numpy
from lessonkit.plot.style import BLUE, ORANGE, RED, show

SHARES = LinearSegmentedColormap.from_list("shares", ["white", BLUE])


def square(images: np.ndarray) -> np.ndarray:
    """(N, H, W), (N, 1, H, W) or, for square pictures, (N, H·W) as (N, H, W)."""
    if images.ndim == 2:
        side = round(images.shape[1] ** 0.5)
        return images.reshape(-1, side, side)
    return images.reshape(len(images), *images.shape[-2:])


def digits(
    images: Any,
    labels: Any = None,
    predicted: Any = None,
    *,
    columns: int = 10,
    title: str = "",
    alt: str = "",
) -> None:
    """A grid of pictures, each below its label.

    images     (N, H, W), (N, 1, H, W) or (N, H·W): 0 is paper, larger is ink
    labels     (N,) what is in the pictures
    predicted  (N,) what a model reads, beside `labels`: a wrong one has a cross, a dashed frame and the true label
    """
    images = square(as_numpy(images))
    truth = None if labels is None else as_numpy(labels)
    read = None if predicted is None or truth is None else as_numpy(predicted)
    rows = -(-len(images) // columns)
    size = (0.8 * columns, (0.9 if truth is None else 1.1) * rows + (0.3 if title else 0.0))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for i, image in enumerate(images):
        ax = axes.flat[i]
        ax.axis("on")
        ax.grid(False)
        ax.set(xticks=[], yticks=[])
        ax.imshow(image, cmap="gray_r")
        right = read is None or truth is None or read[i] == truth[i]
        for side in ax.spines.values():
            side.set(visible=True, color="0.8" if right else RED, linewidth=0.8 if right else 2.0)
            side.set_linestyle("-" if right else "--")
        if read is not None and truth is not None:
            text = f"{read[i]} ✓" if right else f"{read[i]} ✗ ({truth[i]})"
            ax.set_title(text, fontsize=9, color="black" if right else "#A34700")
        elif truth is not None:
            ax.set_title(str(truth[i]), fontsize=9)
    if title:
        figure.suptitle(title, fontsize=11)
    show(figure, alt or described(len(images), truth, read))


def described(number: int, truth: np.ndarray | None, read: np.ndarray | None) -> str:
    """A grid of digits in words: their labels, or how many were read right and which not."""
    if truth is None:
        return f"{number} pictures of digits."
    if read is None:
        return f"{number} pictures of digits: {', '.join(map(str, truth))}."
    wrong = [f"{t} read as {r}" for t, r in zip(truth, read, strict=True) if t != r]
    right = f"{number} pictures of digits, {number - len(wrong)} of them read right"
    return f"{right}; wrong: {', '.join(wrong)}." if wrong else f"{right}."


def confusion_matrix(
    counts: Any, names: Sequence[Any] | None = None, title: str = "", alt: str = ""
) -> None:
    """A heat map: row = what it is, column = what it was read as, colour = share of the row.

    counts  (C, C); small shares are drawn darker than in proportion, so that mistakes stand out
    """
    counts = as_numpy(counts)
    names = list(range(len(counts))) if names is None else list(names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 0.46 * len(counts) + 1.6
    figure, ax = plt.subplots(figsize=(side + 0.8, side))
    picture = ax.imshow(shares, cmap=SHARES, norm=PowerNorm(0.4, vmin=0.0, vmax=1.0))
    for i, j in np.ndindex(counts.shape):
        if counts[i, j]:
            ax.text(
                j,
                i,
                f"{counts[i, j]:g}",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if shares[i, j] > 0.12 else "black",
                fontweight="bold" if i == j else "normal",
            )
    ax.grid(False)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="read as", ylabel="is", title=title)
    figure.colorbar(picture, ax=ax, shrink=0.8, label="share of the row", ticks=[0, 0.01, 0.1, 1])
    off = np.where(np.eye(len(counts), dtype=bool), -1, counts)
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    right = float(np.trace(counts) / max(counts.sum(), 1))
    show(
        figure,
        alt
        or f"Confusion matrix of {len(names)} classes, {right:.0%} on the diagonal; the most "
        f"frequent mistake is {names[i]} read as {names[j]}.",
    )


def bars(
    values: Any,
    names: Sequence[Any] | None = None,
    *,
    ylabel: str = "accuracy",
    xlabel: str = "digit",
    title: str = "",
    low: float = 0.0,
    alt: str = "",
) -> None:
    """One bar for each class, its value above it; the lowest is hatched.

    values  (C,);  low  where the axis starts
    """
    values = as_numpy(values).astype(float)
    labels = [str(name) for name in (range(len(values)) if names is None else names)]
    worst = int(values.argmin())
    figure, ax = plt.subplots(figsize=(max(4.0, 0.62 * len(values)), 3.2))
    drawn = ax.bar(
        labels, values, color=[ORANGE if i == worst else BLUE for i in range(len(values))]
    )
    drawn[worst].set(hatch="//", edgecolor="black")
    ax.bar_label(drawn, fmt="%.2f", fontsize=8, padding=2)
    ax.grid(False, axis="x")
    top = float(values.max())
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title, ylim=(low, low + 1.1 * (top - low)))
    show(
        figure,
        alt or f"Bar chart of {ylabel} for {len(labels)} classes; lowest for {labels[worst]}.",
    )
