"""The table of rooms in docs/architecture.md, from the contracts in pyproject.toml that `make lint` enforces.

    python docs/rooms.py        (by `make readme`)

A room's job is the first sentence of its docstring.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from readme import fill

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"


def contracts() -> list[dict[str, Any]]:
    """The layers of each package that has any, the whole first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return [each for each in settings["contracts"] if each["type"] == "layers"]


def job(module: str) -> str:
    """The first sentence of a module's or package's docstring."""
    place = ROOT / module.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    first = " ".join(text.split("\n\n")[0].split())
    return first.split(". ")[0].rstrip(".:").replace("|", "\\|")


def rows(contract: dict[str, Any]) -> Iterator[str]:
    """A row for each room, the upper ones first; those of one layer know nothing of each other."""
    (container,) = contract["containers"]
    for layer in contract["layers"]:
        for room in layer.split("|"):
            module = f"{container}.{room.strip()}"
            folder = (ROOT / module.replace(".", "/")).is_dir()
            name = module.replace(".", "/") + ("/" if folder else ".py")
            yield f"| `{name}` | {job(module)} |"


def table() -> str:
    """All of them, a table for each package."""
    parts = []
    for contract in contracts():
        parts.append(f"{contract['name']}:\n\n| room | its job |\n|---|---|")
        parts[-1] += "".join(f"\n{row}" for row in rows(contract))
    return "\n\n".join(parts)


def main() -> None:
    """Write the table into its page."""
    PAGE.write_text(fill(PAGE.read_text("utf-8"), "rooms", table()), encoding="utf-8")


if __name__ == "__main__":
    main()
