"""Finds the private names of libraries, and the public ones that are replaced there, in our own source."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

OURS = ("autograder", "lessonkit")
PLAIN = frozenset(
    ("_fields", "_make", "_replace")
)  # named tuples': documented, for all the underscore


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name.strip("_") != ""


@dataclass
class Source:
    """What one module says, each with where it says it.

    own       private names that it defines
    used      private names that it speaks of
    replaced  paths of names in libraries that it assigns to, patches, or overrides in a subclass
    """

    own: set[str] = field(default_factory=set)
    used: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)


def scan(root: Path) -> Source:
    """All of our source: `used` without what some module of ours defines."""
    modules = [read(path, root) for ours in OURS for path in sorted((root / ours).rglob("*.py"))]
    whole = Source(set().union(*(module.own for module in modules)))
    for module in modules:
        whole.replaced |= module.replaced
        whole.used |= {
            name: where
            for name, where in module.used.items()
            if name not in PLAIN and name not in whole.own
        }
    ends = {path.rpartition(".")[2]: where for path, where in whole.replaced.items()}
    whole.used |= {name: where for name, where in ends.items() if private(name)}
    return whole


def read(path: Path, root: Path) -> Source:
    found = Source()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = dict(_imported(tree))
    pieces = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        where = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.own.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.own.add(node.id)
        elif isinstance(node, ast.Attribute) and private(node.attr):
            found.used.setdefault(node.attr, where)
            if isinstance(node.ctx, ast.Store) and _is_self(node.value):
                found.own.add(node.attr)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__":
            found.own |= set(ast.literal_eval(node.value))
        elif isinstance(node, ast.Constant) and id(node) not in pieces:
            for name in _named(node.value):
                found.used.setdefault(name, where)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in OURS:
            for alias in node.names:
                if private(alias.name):
                    found.used.setdefault(alias.name, where)
        found.replaced |= _replaced(node, imported, where)
        if isinstance(
            node, ast.ClassDef
        ):  # a class of ours stands for the library's that it is made of
            bases = [
                imported[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in imported
            ]
            imported |= {node.name: bases[0]} if bases else {}
    return found


def _named(text: object) -> list[str]:
    """The private names in a string that is a name, or a path of them: "torch._dynamo"."""
    parts = text.split(".") if isinstance(text, str) else []
    if not parts or not all(map(str.isidentifier, parts)) or parts[0] in OURS:
        return []
    return [part for part in parts if private(part) and part != "_hooks"]


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name, path) of what is imported from libraries, which are not ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] not in OURS:
                    yield name.asname or name.name.split(".")[0], name.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in OURS:
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"


def _replaced(node: ast.AST, imported: dict[str, str], where: str) -> dict[str, str]:
    """What `node` assigns to in libraries, patches there, or overrides."""
    found: set[str] = set()
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        if isinstance(node.value, ast.Name) and node.value.id in imported:
            found.add(f"{imported[node.value.id]}.{node.attr}")
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("patch.object"):
        target, name = node.args[:2]
        if (
            isinstance(target, ast.Name)
            and isinstance(name, ast.Constant)
            and target.id in imported
        ):
            found.add(f"{imported[target.id]}.{name.value}")
    elif isinstance(node, ast.ClassDef):
        bases = [imported[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in imported]
        for inner in ast.walk(node):
            field_of = {ast.Attribute: "attr", ast.Name: "id"}.get(type(inner), "name")
            name = getattr(inner, field_of, None) or ""
            overrides = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) or private(name)
            if overrides and name and not name.startswith("__"):
                found |= {f"{base}.{name}" for base in bases if has(f"{base}.{name}")}
    return {path: where for path in found if path.partition(".")[0] not in sys.stdlib_module_names}


@functools.cache
def has(path: str) -> bool:
    """Whether a library has this name: in a module, in a class, or set in one by its own methods."""
    parts = path.split(".")
    for split in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for number, part in enumerate(parts[split:], split):
            if not hasattr(found, part):
                return number == len(parts) - 1 and _sets(found, part)
            found = getattr(found, part)
        return True
    return False


def _sets(kind: object, name: str) -> bool:
    if not isinstance(kind, type):
        return False
    return any(f"self.{name}" in _source(base) for base in kind.__mro__)


@functools.cache
def _source(kind: type) -> str:
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # written in C
        return ""
