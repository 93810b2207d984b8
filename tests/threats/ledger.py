"""The table of threats, on a terminal: what each deserved and got, and whom else it reached."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Line = dict[str, Any]
COLUMNS = ("threat", "deserved", "got", "shown as", "hidden test seen", "neighbours affected")


def number(points: Any) -> str:
    return f"{points:g}" if isinstance(points, int | float) else str(points)


def columns(line: Line) -> list[str]:
    return [
        str(line["title"]),
        number(line["deserved"]),
        number(line["got"]),
        str(line.get("status", "")),
        "yes" if line.get("seen") else "no",
        "yes" if line.get("affected") else "no",
    ]


def by_heading(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line["heading"], []).append(line)
    return found


def show(lines: list[Line]) -> None:
    """Print the table."""
    table = Table(title=f"{len(lines)} threats", title_justify="left", box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in ("deserved", "got") else "left")
    for heading, own in by_heading(lines).items():
        table.add_row(Text(f"\n{heading}", style="bold"))
        for line in own:
            style = "" if line["held"] else "bold red"
            table.add_row(*(Text(cell, style=style) for cell in columns(line)))
    console = Console(width=max(120, Console().width))
    console.print()
    console.print(table)
