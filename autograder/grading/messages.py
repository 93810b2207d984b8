"""What a student reads of a test: its parts, and of the hidden ones the likely cause alone.

`check.Score` prints each part with what went wrong in it. Of a visible part the student sees all of
it. Of a hidden part the details would give away inputs and expected values, and an error's text may
carry whatever student code put there: name, points, diagnosis code and likely cause stay.
"""

from __future__ import annotations

import re

from autograder.grading.text import clean
from lessonkit.check.codes import CODES, cause

HEADER = re.compile(r"^.* … [\d.]+ of [\d.]+ points?$")
PART = re.compile(r"^  ([✓✗]) (.+) \([\d.]+\)$")
NAMED = re.compile(r"""\.part\(\s*(?:"([^"\n]*)"|'([^'\n]*)')""")
CODE = re.compile(r"^\s*(?:✗ )?\[([a-z0-9-]+)\]", re.MULTILINE)


def codes(text: str) -> tuple[str, ...]:
    """The diagnosis codes that a message names, each once, in the order met."""
    return tuple(dict.fromkeys(code for code in CODE.findall(text) if code in CODES))


def split_hidden(source: str) -> tuple[str, bool]:
    """A test cell's visible source, and whether there is a hidden part."""
    visible, hidden, any_hidden = [], False, False
    for line in source.splitlines():
        if "BEGIN HIDDEN TESTS" in line:
            hidden = any_hidden = True
        if not hidden:
            visible.append(line)
        if "END HIDDEN TESTS" in line:
            hidden = False
    return "\n".join(visible), any_hidden


def for_student(printed: str, source: str) -> str:
    """What a test cell printed, as its student may read it."""
    lines = clean(printed, 20_000).splitlines()
    starts = [n for n, line in enumerate(lines) if HEADER.match(line)]
    if not starts:
        return "" if split_hidden(source)[1] else clean(printed).strip("\n")
    visible = {a or b for a, b in NAMED.findall(split_hidden(source)[0])}
    kept: list[str] = [lines[starts[-1]]]
    hidden = False
    for line in lines[starts[-1] + 1 :]:
        part = PART.match(line)
        if part:
            hidden = part[2] not in visible
            kept.append(line)
        elif not line.startswith("    ") or not hidden:
            kept.append(line)
        elif codes(line):
            code = codes(line)[0]
            kept.append(f"    [{code}] {cause(code)}")
    return clean("\n".join(kept))


def of_error(name: str, value: str, source: str, code: str) -> str:
    """An error that ended a test cell, as its student may read it."""
    if split_hidden(source)[1]:
        return f"[{code}] {clean(name, 80)}\n  Likely cause: {cause(code)}"
    if name == "CheckFailed":
        return clean(value)
    return f"[{code}] {clean(name, 80)}: {clean(value)}\n  Likely cause: {cause(code)}"
