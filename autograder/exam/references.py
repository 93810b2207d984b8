"""What hidden tests compare with, as source text on its way into an examiner.

`autograder.oracle` and `autograder.references` hold right answers. A student's kernel and the parent
that it is forked from never have them, in memory or on disk; an examiner is handed their source
when it starts, and imports them from there.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

NAMES = ("autograder.oracle", "autograder.references")


@cache
def gather() -> dict[str, str]:
    """Module name -> source, of all that hidden tests may import from the autograder."""
    root = Path(__file__).resolve().parent.parent
    sources = {}
    for name in NAMES:
        path = root.joinpath(*name.split(".")[1:])
        if path.is_dir():
            for file in sorted(path.glob("*.py")):
                module = name if file.stem == "__init__" else f"{name}.{file.stem}"
                sources[module] = file.read_text(encoding="utf-8")
        else:
            sources[name] = path.with_suffix(".py").read_text(encoding="utf-8")
    return sources


class FromText(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules from a mapping of names to source text."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.sources:
            return None
        is_package = any(name.startswith(f"{fullname}.") for name in self.sources)
        return importlib.util.spec_from_loader(fullname, self, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.sources[module.__name__], f"<{module.__name__}>", "exec"), vars(module))


def install(sources: Mapping[str, str]) -> None:
    """Make `sources` importable in this process."""
    sys.meta_path.insert(0, FromText(sources))
