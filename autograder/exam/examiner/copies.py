"""A result that shares objects with the test's own arguments, set apart from them.

A student's function may change an argument and return it. The test then gets the argument as it was
changed, while its own object goes back to what it was before the call.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch


def set_apart(value: Any, contents: Mapping[int, Any], changed: Callable[[Any], bool]) -> Any:
    """`value`, with copies in the place of what the student's code has changed of the test's.

    contents  id of one of the test's containers -> what the student's code has made of it
    changed   whether an array or tensor is the test's own, and was changed

    What holds nothing of that kind is returned as it is.
    """
    return _Apart(contents, changed).of(value)


class _Apart:
    def __init__(self, contents: Mapping[int, Any], changed: Callable[[Any], bool]) -> None:
        self.contents = contents
        self.changed = changed
        self.made: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        if id(value) in self.made:
            return self.made[id(value)]
        if isinstance(value, np.ndarray | torch.Tensor):
            if not self.changed(value):
                return value
            copy = value.copy() if isinstance(value, np.ndarray) else value.detach().clone()
            self.made[id(value)] = copy
            return copy
        if not isinstance(value, list | tuple | dict | deque):
            return self.contents.get(id(value), value)
        self.made[id(value)] = value  # a container within itself
        now = self.contents.get(id(value), value)
        self.made[id(value)] = made = self._container(value, now)
        return made

    def _container(self, value: Any, now: Any) -> Any:
        if isinstance(now, dict):
            items = {key: self.of(item) for key, item in now.items()}
            same = all(items[key] is now[key] for key in now)
            return value if same and now is value else filled(value, items)
        parts = [self.of(item) for item in now]
        same = all(part is item for part, item in zip(parts, now, strict=True))
        if same and now is value:
            return value
        if isinstance(value, tuple):
            return value._make(parts) if hasattr(value, "_make") else type(value)(parts)
        return filled(value, parts)


def filled(value: Any, items: Any) -> Any:
    """A container like `value` (its default factory, its length limit) that holds `items`."""
    made = copy.copy(value)
    made.clear()
    if isinstance(made, dict):
        for key, item in items.items():
            made[key] = item
    else:
        made.extend(items)
    return made
