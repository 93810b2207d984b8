"""The leak check: no line of a solution or a hidden test stands in what students get.

A line is secret when it stands inside BEGIN/END SOLUTION or BEGIN/END HIDDEN TESTS and nowhere in the
unit's visible code. Lines too short to give anything away (`else:`) and imports do not count. A file
leaks when it holds a secret line anywhere: source, metadata, outputs. The text may say how a solution
is built (`for i in range(n):`), which hints do; it may not give away its steps.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from autograder.build.solution import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION

SHORTEST = 8  # characters of a line of code that can give something away
LONG = 20  # a shorter line may well be part of another one, or a formula of the text
FRAME = re.compile(r"(for|while|if|elif|with|def|class)\b.*:|return [\w, ]+|[\w, ]+")
IMPORT = re.compile(r"(from \S+ )?import ")


@dataclass(frozen=True)
class Secret:
    """A line that must not be found, and the cell that it comes from."""

    line: str
    cell: str
    hidden: bool


def split(cell: dict[str, Any]) -> tuple[list[str], list[Secret]]:
    """A cell's visible lines, and its secret ones."""
    visible, secret, inside = [], [], ""
    for raw in cell["source"].splitlines():
        line = raw.strip()
        if BEGIN_SOLUTION in line or BEGIN_HIDDEN in line:
            inside = "hidden" if BEGIN_HIDDEN in line else "solution"
        elif END_SOLUTION in line or END_HIDDEN in line:
            inside = ""
        elif inside:
            secret.append(Secret(line, cell["id"], inside == "hidden"))
        else:
            visible.append(line)
    return visible, secret


def secrets(instructor: dict[str, Any]) -> list[Secret]:
    """The secret lines of an instructor's notebook."""
    shown: list[str] = []
    kept: list[Secret] = []
    for cell in instructor["cells"]:
        visible, secret = split(cell)
        kept += secret
        if cell["cell_type"] == "code":
            shown += visible
    code = "\n".join(shown)
    return [
        secret
        for secret in kept
        if len(secret.line) >= SHORTEST
        and not IMPORT.match(secret.line)
        and not holds(code, secret.line, prose=False)
    ]


def strings(value: Any) -> list[str]:
    """All texts in a JSON value, keys included."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *strings(item))]
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return ["".join(value)]
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def holds(body: str, line: str, prose: bool) -> bool:
    """Whether a text holds a line: anywhere if it is long, as a line of its own if it is short."""
    if prose and FRAME.fullmatch(line):
        return False
    if len(line) >= LONG:
        return squeeze(line) in squeeze(body)
    return not prose and any(line == other.strip() for other in body.splitlines())


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def leaks(text: str, secret: list[Secret]) -> list[tuple[str, Secret]]:
    """The secrets that a notebook's file holds: pairs of the cell where it is, and the secret."""
    notebook = json.loads(text)
    places = [(cell.get("id", "?"), cell) for cell in notebook["cells"]]
    places.append(("metadata", {k: v for k, v in notebook.items() if k != "cells"}))
    return [
        (place, item)
        for place, value in places
        for item in secret
        if holds("\n".join(strings(value)), item.line, value.get("cell_type") == "markdown")
    ]
