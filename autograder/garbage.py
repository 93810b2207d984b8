"""Collect garbage less often: the first import of a process that grades, and of each of its workers.

Imports make objects by the hundred thousand, and nearly all of them stay. Python's collector looks
through them again and again, which takes a fifth of the start.
"""

import gc

gc.set_threshold(50_000, 20, 20)
