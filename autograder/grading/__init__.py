"""A run over a class: what there is to do, who does it, what came of each, in order and under a lock.

`run` is the whole of it; `local` and `cluster` are those who execute; `preprocessor` is for nbgrader.
"""
