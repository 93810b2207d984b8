"""The course's data sets: the same numbers on every machine, batch first."""

from lessonkit.data.by_hand import by_hand, run_by_hand
from lessonkit.data.mnist import MnistUnreadable, mnist
from lessonkit.data.points import init_params, line, moons, spiral, xor

__all__ = [
    "MnistUnreadable",
    "by_hand",
    "init_params",
    "line",
    "mnist",
    "moons",
    "run_by_hand",
    "spiral",
    "xor",
]
