"""Figures in one style, each displayed as a picture with a description."""

from lessonkit.plot.boundary import boundaries, boundary, points
from lessonkit.plot.curves import curves, panels
from lessonkit.plot.line import fit, valley
from lessonkit.plot.network import graph, hidden_units
from lessonkit.plot.style import COLORS, DASHES, MARKERS, show, use_style

__all__ = [
    "COLORS",
    "DASHES",
    "MARKERS",
    "boundaries",
    "boundary",
    "curves",
    "fit",
    "graph",
    "hidden_units",
    "panels",
    "points",
    "show",
    "use_style",
    "valley",
]
