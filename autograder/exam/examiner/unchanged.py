"""`check.unchanged` in the exam: where a test asks, what is done to its arguments shows.

Everywhere else the student's code works on copies, as far as the test can tell (`Session.put_right`).
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from autograder.exam.examiner.session import Session

Context = Callable[..., contextlib.AbstractContextManager[None]]


def watched(session: Session, unchanged: Context) -> Context:
    """`unchanged` with the session watching, and the arguments put right when it is over."""

    @contextlib.contextmanager
    def watching(**arguments: Any) -> Iterator[None]:
        restore = [remember(value) for value in arguments.values()]
        before, session.watching = session.watching, True
        try:
            with unchanged(**arguments):
                yield
        finally:
            session.watching = before
            for put_right in restore:
                put_right()

    return watching


def remember(value: Any) -> Callable[[], None]:
    """A function that brings a nested argument back to what it holds now."""
    if isinstance(value, torch.Tensor):
        tensor, data = value, value.detach().clone()

        def put_tensor() -> None:
            with torch.no_grad():
                tensor.data.copy_(data)

        return put_tensor
    if isinstance(value, np.ndarray):
        array, entries = value, value.copy()

        def put_array() -> None:
            if array.flags.writeable:
                np.copyto(array, entries)

        return put_array
    if isinstance(value, list | dict | deque):
        items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        inside = [remember(item) for _, item in items]
        container = value

        def put_container() -> None:
            container.clear()
            if isinstance(container, dict):
                for key, item in items:  # a Counter would count in update()
                    container[key] = item
            else:
                container.extend(item for _, item in items)
            for put_right in inside:
                put_right()

        return put_container
    return lambda: None
