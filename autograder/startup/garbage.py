"""Collect garbage less often: the first import of a process that grades, and of each of its workers.

Imports make objects by the hundred thousand, and nearly all of them stay. Python's collector looks
through them again and again, which takes a fifth of the start.
"""

import gc
import sys

gc.set_threshold(50_000, 20, 20)


def first_in_workers() -> None:
    """Have this process's workers import this module first, and not its script.

    What multiprocessing has a new process begin with is the main module, by its specification.
    """
    sys.modules["__main__"].__spec__ = __spec__
