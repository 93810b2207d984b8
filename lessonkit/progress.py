"""A progress bar for loops that take more than a moment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm.auto import tqdm

Item = TypeVar("Item")


def bar(items: Iterable[Item], what: str = "", total: int | None = None) -> Iterator[Item]:
    """Iterate over `items` behind a progress bar labelled `what`; it disappears when done.

    LESSONKIT_PROGRESS=0 hides it: grading, nbval and the build do so, for the same output each time.
    """
    hidden = os.environ.get("LESSONKIT_PROGRESS") == "0"
    return iter(tqdm(items, desc=what, total=total, leave=False, disable=hidden))
