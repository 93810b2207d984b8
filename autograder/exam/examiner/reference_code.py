"""What hidden tests compare with, as compiled code on its way into an examiner.

`autograder.references.two_layer` and `autograder.references` hold right answers. A student's kernel and the parent
that it is forked from never have them, in memory or on disk; an examiner is handed their code when it
starts, and imports them from there.
"""

from __future__ import annotations

import base64
import importlib.abc
import importlib.machinery
import importlib.util
import marshal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import autograder

NAMES = ("autograder.references",)


@cache
def gather() -> dict[str, str]:
    """Module name -> code, of all that hidden tests may import from the autograder."""
    root = Path(autograder.__file__).resolve().parent
    found = {}
    for name in NAMES:
        path = root.joinpath(*name.split(".")[1:])
        if path.is_dir():
            for file in sorted(path.glob("*.py")):
                module = name if file.stem == "__init__" else f"{name}.{file.stem}"
                found[module] = compiled(file, module)
        else:
            found[name] = compiled(path.with_suffix(".py"), name)
    return found


def compiled(file: Path, module: str) -> str:
    """A module's code, in letters. Both ends run the same Python, or it would not load."""
    code = compile(file.read_text(encoding="utf-8"), f"<{module}>", "exec")
    return base64.b64encode(marshal.dumps(code)).decode("ascii")


class FromCode(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules from what `gather` returns."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.modules:
            return None
        is_package = any(name.startswith(f"{fullname}.") for name in self.modules)
        return importlib.util.spec_from_loader(fullname, self, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        exec(marshal.loads(base64.b64decode(self.modules[module.__name__])), vars(module))


def install(modules: Mapping[str, str]) -> None:
    """Make `modules` importable in this process."""
    sys.meta_path.insert(0, FromCode(modules))
