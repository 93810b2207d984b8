"""Figures in one style, each displayed as a picture with a description."""

from lessonkit.plot.boundary import boundaries, boundary, points
from lessonkit.plot.curves import curves, panels
from lessonkit.plot.digits import bars, confusion_matrix, digits
from lessonkit.plot.line import fit, valley
from lessonkit.plot.network import graph, hidden_units
from lessonkit.plot.paths import paths
from lessonkit.plot.spread import spread
from lessonkit.plot.style import COLORS, DASHES, MARKERS, show, use_style

__all__ = [
    "COLORS",
    "DASHES",
    "MARKERS",
    "bars",
    "boundaries",
    "boundary",
    "confusion_matrix",
    "curves",
    "digits",
    "fit",
    "graph",
    "hidden_units",
    "panels",
    "paths",
    "points",
    "show",
    "spread",
    "use_style",
    "valley",
]
