"""What is inside: the computational graph, and what each hidden unit does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from lessonkit.plot.boundary import as_numpy
from lessonkit.plot.style import BLACK, BLUE, COLORS, DASHES, ORANGE, show


def graph(
    nodes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    *,
    notes: Mapping[str, str] | None = None,
    leaves: Sequence[str] = (),
    title: str = "",
    alt: str = "",
) -> None:
    """Draw a computational graph: boxes at (x, y), arrows forward, notes (gradients) in orange.

    leaves  the nodes that have parameters or data in them: drawn with a thick frame
    """
    xs, ys = [x for x, _ in nodes.values()], [y for _, y in nodes.values()]
    size = (1.35 * (max(xs) - min(xs)) + 2.0, 1.1 * (max(ys) - min(ys)) + 1.6)
    figure, ax = plt.subplots(figsize=size)
    ax.axis("off")
    for start, end in edges:
        ax.annotate(
            "",
            xy=nodes[end],
            xytext=nodes[start],
            arrowprops={"arrowstyle": "-|>", "color": "0.35", "shrinkA": 20, "shrinkB": 20},
        )
    for name, (x, y) in nodes.items():
        thick = 2.2 if name in leaves else 1.0
        box = {"boxstyle": "round,pad=0.4", "fc": "white", "ec": BLUE, "lw": thick}
        ax.text(x, y, name, ha="center", va="center", bbox=box, color=BLACK)
        if notes and name in notes:
            ax.text(x, y - 0.42, notes[name], ha="center", va="top", color="#A34700", fontsize=9)
    ax.set_xlim(min(xs) - 0.8, max(xs) + 0.8)
    ax.set_ylim(min(ys) - 0.9, max(ys) + 0.6)
    ax.set_title(title)
    show(figure, alt or f"Computational graph: {', '.join(f'{a} to {b}' for a, b in edges)}.")


def hidden_units(W1: Any, b1: Any, W2: Any, X: Any, y: Any, alt: str = "") -> None:
    """Each hidden unit's fold a1 = 0 in the plane of the data, drawn stronger with |W2|.

    W1 (h, 2), b1 (h,), W2 (1, h); X (N, 2), y (N,). A unit that is off for every sample is dead,
    and not drawn.
    """
    W1, b1, W2, X, y = (as_numpy(v) for v in (W1, b1, W2, X, y))
    figure, ax = plt.subplots(figsize=(4.8, 4.4))
    for k, color in ((0, BLUE), (1, ORANGE)):
        own = y == k
        marker = "o" if k == 0 else "^"
        ax.scatter(
            X[own, 0], X[own, 1], s=10, color=color, marker=marker, alpha=0.35, label=f"class {k}"
        )
    strength = np.abs(W2[0]) / max(float(np.abs(W2).max()), 1e-12)
    alive = (X @ W1.T + b1 > 0).any(axis=0)
    reach = 1.5 * np.array([-1.0, 1.0])
    for j in np.flatnonzero(alive):
        normal = W1[j] / max(float(np.linalg.norm(W1[j])), 1e-12)
        foot = -b1[j] / max(float(np.linalg.norm(W1[j])), 1e-12) * normal
        along = np.array([-normal[1], normal[0]])
        ends = foot + reach[:, None] * along
        style: dict[str, Any] = {"color": COLORS[2] if W2[0, j] > 0 else COLORS[5]}
        ax.plot(
            ends[:, 0],
            ends[:, 1],
            lw=0.6 + 2.4 * strength[j],
            ls=DASHES[0 if W2[0, j] > 0 else 1],
            **style,
        )
        tip = foot + 0.18 * normal
        ax.annotate("", xy=tip, xytext=foot, arrowprops={"arrowstyle": "->", **style})
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xlabel="x1", ylabel="x2", aspect="equal")
    ax.set_title(f"{int(alive.sum())} of {len(b1)} hidden units are alive")
    ax.legend(loc="upper left", fontsize=8, frameon=True)
    show(
        figure,
        alt
        or "The line where each hidden unit switches on; solid lines push the output up, "
        "dashed lines push it down, arrows point to the side where the unit is on.",
    )
