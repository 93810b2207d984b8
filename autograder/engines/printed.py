"""The parts of a test from what it printed, for the stock engine: there, nothing else is to be had.

Student code shares the process with the test and may print what it likes, so a line counts for what the
test's source says can stand there, and what follows the first hidden part counts as hidden.
"""

from __future__ import annotations

import ast
import re

from autograder.hidden_lines import hidden_lines
from autograder.model import Part
from autograder.text import clean
from lessonkit.check.codes import CODES

PART = re.compile(r"  ([✓✗]) (.+) \(([\d.]+)\)")
CODE = re.compile(r"^\s*(?:✗ )?\[([a-z0-9-]+)\]", re.MULTILINE)
UNNAMED = "another case"


def codes(text: str) -> tuple[str, ...]:
    """The diagnosis codes that a message names, each once, in the order met."""
    return tuple(dict.fromkeys(code for code in CODE.findall(text) if code in CODES))


def parts_in(text: str, source: str) -> tuple[str, tuple[Part, ...]]:
    """The title and the parts of the last score that a test with this source has printed."""
    title, visible, hidden = names_in(source)
    lines = clean(text, 20_000).splitlines()
    name = re.escape(title) if title else r"\S.*"
    header = re.compile(rf"({name}) … [\d.]+ of [\d.]+ points")
    starts = [n for n, line in enumerate(lines) if header.fullmatch(line)]
    if not starts:
        return "", ()
    blocks: list[tuple[re.Match[str], list[str]]] = []
    for line in lines[starts[-1] + 1 :]:
        part = PART.fullmatch(line)
        if part:
            blocks.append((part, []))
        elif blocks and line.startswith("    "):
            blocks[-1][1].append(line[4:])
    parts, any_hidden = [], False
    for part, details in blocks:
        any_hidden = any_hidden or part[2] not in visible
        known = part[2] in visible or part[2] in hidden or not any_hidden
        parts.append(as_part(part, details, part[2] if known else UNNAMED, any_hidden))
    found = header.fullmatch(lines[starts[-1]])
    return found[1] if found else "", tuple(parts)


def as_part(part: re.Match[str], details: list[str], name: str, hidden: bool) -> Part:
    points = float(part[3]) if part[3].count(".") < 2 and part[3] != "." else 0.0
    if part[1] == "✓":
        return Part(name, points, points, hidden=hidden)
    code = (codes(details[0]) if details else ()) or ("crashed",)
    first = details[0].partition("] ")[2] if details else ""
    told = [text.removeprefix("  ") for text in details[2:]]
    return Part(name, points, 0.0, code[0], (first, *told), hidden)


def names_in(source: str) -> tuple[str, set[str], set[str]]:
    """The title of a test's score, and the names of its visible and its hidden parts, where they are
    literals. A test whose hidden lines cannot be told apart has no visible ones."""
    title = ""
    visible: set[str] = set()
    hidden: set[str] = set()
    concealed = hidden_lines(source)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "", set(), set()
    spans = [
        range(node.lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
    ]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        if called == "Score":
            title = first.value
        elif called == "part":
            around = [span for span in spans if span.start == node.lineno or node.lineno in span]
            seen = around and all(concealed.isdisjoint(span) for span in around)
            (visible if seen else hidden).add(first.value)
    return title, visible - hidden, hidden
