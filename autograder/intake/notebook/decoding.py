"""From a file's bytes to the JSON in it, however the file was saved or damaged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from autograder.intake.notebook.remarks import Kind, Remark

TOO_DEEP = 200  # levels; a notebook has some ten
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
LOST = {code: 0xDC00 + code for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}  # not in Windows-1252
MISREAD = re.compile("[Â-ô][\x80-¿Œœ–—‘’‚“”„†‡•…‰‹›€™ŠšŸŽžƒˆ˜]")  # UTF-8, read as Windows-1252
WINDOWS = "cp1252"

ENCODING = Kind("the file was not saved as UTF-8; it was read as {}")
DAMAGED = Kind("{} of the file [is|are] no UTF-8 and [was|were] replaced", person=True)
TWICE = Kind("UTF-8 had been taken for Windows-1252 when the file was saved; this was put right")
NESTED = Kind("what is nested more than {} levels deep was left out")
AFTER = Kind("the file goes on after the notebook's end; {} there were not read", person=True)
REPEATED = Kind("a cell or the notebook has {} twice, and the last one was read", person=True)
MATTERS = ("cells", "worksheets", "source", "input", "cell_type", "attachments", "metadata")


@dataclass(frozen=True)
class Decoded:
    """JSON from a file. `encoding` is empty for Unicode, or the one that was guessed."""

    value: Any
    encoding: str = ""
    remarks: tuple[Remark, ...] = ()


def read_json(data: bytes) -> Decoded:
    """The JSON value that a file begins with. Raises json.JSONDecodeError."""
    text, encoding, remarks = decode(data)
    repeated: dict[str, None] = {}

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            kept = [(name, value) for name, value in found if made[name] != value]
            repeated.update({name: None for name, _ in kept if name in MATTERS})
        return made

    # numbers are not used; as a float, none is too long
    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=float, strict=False)
    text = text.lstrip()
    try:
        value, end = decoder.raw_decode(text)
    except RecursionError:
        text = shallow(text)
        value, end = decoder.raw_decode(text)
        remarks.append(Remark(NESTED, str(TOO_DEEP)))
    rest = text[end:].strip(" \t\r\n\0\x1a")
    if rest:
        remarks.append(Remark(AFTER, f"{len(rest)} characters"))
    remarks += [Remark(REPEATED, f"‘{name}’") for name in repeated]
    return Decoded(value, encoding, tuple(remarks))


def decode(data: bytes) -> tuple[str, str, list[Remark]]:
    """The text of a file, the encoding if it was guessed, and what there is to say of it.

    UTF-8, UTF-16 and UTF-32 with or without a mark are told by their first bytes, as JSON has it.
    What is none of them is Windows-1252, unless most of what is not ASCII is UTF-8.
    """
    name = json.detect_encoding(data)
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        if name not in ("utf-8", "utf-8-sig"):
            text = data.decode(name, "replace")
            return text, "", [Remark(DAMAGED, f"{text.count(chr(0xFFFD))} characters")]
        text = data.decode(name, "replace")
        bad, good = text.count("\ufffd"), sum(c > "\x7f" and c != "\ufffd" for c in text)
        if good > bad:
            return text, "", [Remark(DAMAGED, f"{bad} characters")]
        shown = data.decode(WINDOWS, "surrogateescape").translate({v: k for k, v in LOST.items()})
        return shown, WINDOWS, [Remark(ENCODING, "Windows-1252")]
    mended = as_utf8(text)
    return (mended, "", [Remark(TWICE)]) if mended else (text, "", [])


def as_utf8(text: str) -> str:
    """Text whose UTF-8 was read as Windows-1252, put right; empty for any other text."""
    if not MISREAD.search(text):
        return ""
    try:
        return text.translate(LOST).encode(WINDOWS, "surrogateescape").decode("utf-8")
    except UnicodeError:
        return ""


def shallow(text: str) -> str:
    """JSON with what lies deeper than TOO_DEEP replaced by null."""
    kept, depth, start = [], 0, 0
    for token in TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == TOO_DEEP:
                kept.append(text[start : token.start()])
        elif token[0] in "]}":
            if depth == TOO_DEEP:
                kept.append("null")
                start = token.end()
            depth -= 1
    if depth < TOO_DEEP:
        kept.append(text[start:])
    return "".join(kept)
