"""One look for all figures: colours that everybody can tell apart, and a description for each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from cycler import cycler
from IPython.display import Image, display

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours: distinct with every common kind of colour blindness. Lines also differ in
# their dashes and points in their marker, so that nothing hangs on colour alone.
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, BLACK = COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
)
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), "-")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")

STYLE: dict[str, Any] = {
    "figure.figsize": (6.4, 3.8),
    "figure.facecolor": "white",  # opaque: readable in dark mode too
    "savefig.facecolor": "white",
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "axes.prop_cycle": cycler(color=COLORS) + cycler(linestyle=DASHES),
}


def use_style() -> None:
    """Use the course's style for every figure from here on."""
    plt.rcParams.update(STYLE)  # type: ignore[arg-type]


def show(figure: Figure, alt: str) -> None:
    """Display a figure as a picture with `alt`, its description in words, and close it.

    The description is the picture's alternative text where the notebook's viewer uses it
    (JupyterLab does not), and a caption below it for everybody.
    """
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=STYLE["figure.dpi"], metadata={"Software": None})
    plt.close(figure)
    display(Image(data=data.getvalue(), format="png", alt=alt))
    display({"text/plain": alt, "text/markdown": f"*{alt}*"}, raw=True)
