"""Which unit a file or folder belongs to, by its name, whatever the name has met on its way."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from pathlib import PurePosixPath

WORDS = frozenset(
    [
        "unit",
        "week",
        "lesson",
        "notebook",
        "nb",
        "exercise",
        "exercises",
        "homework",
        "hw",
        "assignment",
        "sheet",
        "submission",
        "copy",
        "of",
        "kopie",
        "von",
        "late",
        "final",
        "new",
        "abgabe",
    ]
)  # what may stand beside a unit's number without saying anything
JUNK = frozenset(
    (
        "__macosx",
        "thumbs.db",
        "desktop.ini",
        "timestamp.txt",
        "submission_secret.txt",
        "__pycache__",
    )
)
BACKUPS = ("~", ".bak", ".tmp", ".swp", ".part", ".crdownload")
OTHER_EXPORTS = (".html", ".htm", ".pdf", ".py", ".md", ".tex")  # x.ipynb.html is no notebook


class Kind(Enum):
    """What a file can be, by its name."""

    NOTEBOOK = "a notebook"
    DISGUISED = "a notebook with another ending, as browsers and mail programs give it"
    PACKED = "a zip"
    OTHER = "a file"
    JUNK = "what systems and editors leave behind"


def kind_of(name: str) -> Kind:
    lower = name.casefold()
    if lower in JUNK or lower.startswith((".", "~$")) or lower.endswith(BACKUPS):
        return Kind.JUNK
    if lower.endswith(".ipynb"):
        return Kind.NOTEBOOK
    if lower.endswith(".zip"):
        return Kind.PACKED
    if ".ipynb" in lower and not lower.endswith(OTHER_EXPORTS):
        return Kind.DISGUISED
    return Kind.OTHER


def words_of(name: str) -> tuple[str, ...]:
    """The letters and the numbers of a name, in their order: "02_Numpy (1)" is 2, numpy, 1."""
    flat = unicodedata.normalize("NFKC", name).casefold()
    found = re.findall(r"[^\W\d_]+|\d+", flat)
    return tuple(word.lstrip("0") or "0" if word.isdigit() else word for word in found)


def stem(name: str) -> str:
    """A file's name without its endings: "x.ipynb.json" is x."""
    at = name.casefold().find(".ipynb")
    return name[:at] if at >= 0 else PurePosixPath(name).stem


def unit_named(name: str, units: list[str]) -> str | None:
    """The unit that a folder's name, or a file's without its endings, speaks of, if it is one.

    Its whole name among other words; its number and nothing that says something else; its title.
    """
    words = words_of(name)
    whole = [unit for unit in units if within(words_of(unit), words)]
    if whole:
        longest = max(whole, key=len)
        return longest if all(within(words_of(u), words_of(longest)) for u in whole) else None
    number = next((word for word in words if word.isdigit()), None)
    numbered = [unit for unit in units if words_of(unit)[:1] == (number,)]
    if all(word.isdigit() or word in WORDS for word in words):
        return numbered[0] if len(numbered) == 1 else None
    titled = [unit for unit in units if within(words_of(unit)[1:], words)]
    if len(titled) != 1 or (words[0] == number and numbered and numbered != titled):
        return None
    return titled[0]


def within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether some words follow one another within others."""
    size = len(part)
    return bool(part) and any(whole[i : i + size] == part for i in range(len(whole) - size + 1))
