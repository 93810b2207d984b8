"""A quicker start: fewer collections of garbage, and no imports that nobody here uses."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator


def collect_less() -> None:
    """Collect garbage less often: the first thing in a process that grades, and in its drivers.

    Imports make objects by the hundred thousand, and nearly all of them stay. Python's collector looks
    through them again and again, which takes a fifth of the start.
    """
    gc.set_threshold(50_000, 20, 20)


@contextlib.contextmanager
def without(*modules: str) -> Iterator[None]:
    """Meanwhile these modules seem not to be installed."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]  # None: not to be found
    try:
        yield
    finally:
        for name, module in before.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module
