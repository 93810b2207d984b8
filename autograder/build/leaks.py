"""The leak check: no line of a solution or a hidden test stands in what students get.

A line is secret when it stands inside BEGIN/END SOLUTION or BEGIN/END HIDDEN TESTS and nowhere in the
unit's visible code. Lines too short to give anything away (`else:`) and imports do not count. A file
leaks when it holds a secret line anywhere: source, metadata, outputs. The text may say how a solution
is built (`for i in range(n):`), which hints do; it may not give away its steps.

The students' toolkit, lessonkit, is read in the same way: it is code of its own, which may share with a
solution what all programs of this field share (`IDIOM`), and nothing else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from autograder.regions import HIDDEN_TESTS, SOLUTION, lines

SHORTEST = 8  # characters of a line of code that can give something away
LONG = 20  # a shorter line may well be part of another one, or a formula of the text
FRAME = re.compile(r"(for|while|if|elif|with|def|class)\b.*:|return [\w, ]+|[\w, ]+")
IMPORT = re.compile(r"(from \S+ )?import ")
# What a library's manual tells everybody to write, whatever the exercise: seeding a generator, an empty
# figure, an opening bracket. It says nothing about how anything is solved.
IDIOM = re.compile(
    r"\w+ = np\.random\.default_rng\(\w*\)"
    r"|\w+ = torch\.Generator\(\)\.manual_seed\(\w+\)"
    r"|(np\.random\.seed|torch\.manual_seed|random\.seed)\(\w+\)"
    r"|(fig|figure), (ax|axes) = plt\.subplots\(.*\)|plt\.show\(\)"
    r"|return [\[({]"
)


@dataclass(frozen=True)
class Secret:
    """A line that must not be found, and the cell that it comes from."""

    line: str
    cell: str
    hidden: bool


def split(cell: dict[str, Any]) -> tuple[list[str], list[Secret]]:
    """A cell's visible lines, and its secret ones."""
    visible, secret = [], []
    for line in lines(cell["source"], SOLUTION, HIDDEN_TESTS):
        text = line.text.strip()
        if line.region is None:
            visible.append(text)
        elif not line.mark:
            secret.append(Secret(text, cell["id"], line.region == HIDDEN_TESTS))
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


@dataclass(frozen=True)
class ToolkitLeak:
    """A secret that a file of the toolkit holds, and the line where it begins."""

    file: str
    line: int
    secret: Secret


def line_of(body: str, wanted: str) -> int:
    """The number of the line of `body` where `wanted` begins, spacing and line breaks aside."""
    words = r"\s+".join(re.escape(word) for word in wanted.split())
    whole = re.search(rf"^[ \t]*{words}[ \t]*$", body, re.MULTILINE) or re.search(words, body)
    if whole is None:
        return 1
    return body.count("\n", 0, whole.start() + len(whole[0]) - len(whole[0].lstrip())) + 1


def toolkit_leaks(files: dict[str, str], secret: list[Secret]) -> list[ToolkitLeak]:
    """The secrets that the toolkit holds; `files` are its texts by name."""
    telling = [
        item
        for item in secret
        if not FRAME.fullmatch(item.line) and not IDIOM.fullmatch(squeeze(item.line))
    ]
    return [
        ToolkitLeak(name, line_of(body, item.line), item)
        for name, body in files.items()
        for item in telling
        if holds(body, item.line, prose=False)
    ]
