"""Text that came from somewhere else, made fit to be shown: no escapes, no controls, not too long."""

from __future__ import annotations

import re

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles and links
    r"|\x1b[@-Z\\-_]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# controls but tab and newline; characters that turn the direction of writing; lone surrogates
CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


UNFIT = re.compile("[\x00\ud800-\udfff]")  # what neither a file nor a database takes


def fit(text: str) -> str:
    """`text` that a file and a database take: without NUL and lone surrogates."""
    return UNFIT.sub("\ufffd", text)


def clean(text: str, limit: int = 4000) -> str:
    """`text` without terminal escapes and control characters, cut in the middle beyond `limit`."""
    if len(text) > 4 * limit:  # bound the work as well
        text = text[: 2 * limit] + text[-2 * limit :]
    text = CONTROLS.sub("", ESCAPES.sub("", text.replace("\r\n", "\n")))
    if len(text) <= limit:
        return text
    head = limit * 3 // 4
    return f"{text[:head]}\n… {len(text) - limit} characters left out …\n{text[head - limit :]}"


def line(text: str, limit: int = 200) -> str:
    """`text` on one line, fit for a table."""
    flat = " ".join(clean(text, 4 * limit).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
