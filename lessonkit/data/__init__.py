"""The course's data sets: the same numbers on every machine, batch first."""

from lessonkit.data.mnist import MnistUnreadable, mnist
from lessonkit.data.points import init_params, line, moons, spiral, xor

__all__ = ["MnistUnreadable", "init_params", "line", "mnist", "moons", "spiral", "xor"]
