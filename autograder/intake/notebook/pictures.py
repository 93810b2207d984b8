"""Pictures that a student hands in: attached to a cell, inside its text, or as a file beside it.

A marker sees attachments. So what is a picture becomes one, whatever its name or its stated type
says; it is told by its first bytes, and never decoded here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from autograder.text import line

MAX_PICTURE = 32 * 2**20  # characters of base64
LONGEST_NAME = 200
BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
LINK = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,500})\]\(\s*(?:<(?P<angled>[^<>\n]{1,1000})>|(?P<plain>[^\s()<>]+(?:\([^\s()]*\)[^\s()]*)?))"
    r"(?:\s+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?\s*\)"
)
SPACED = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,500})\]\((?P<plain>[^()<>\n\"]{1,500}(?:\([^()\n]{0,100}\)[^()<>\n\"]{0,500})?)\)"
)
TAG = re.compile(r"<img\b(?P<inner>[^<>]*)>", re.IGNORECASE)
SOURCE = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
DATA = re.compile(r"data:image/[\w.+-]+;base64,(.*)", re.IGNORECASE | re.DOTALL)
SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]+:|//", re.IGNORECASE
)  # of two letters or more: C:\ is a path

Attachments = dict[str, dict[str, str]]


def picture_type(data: bytes) -> str:
    """The media type of a picture that browsers show, from its first bytes; empty for all else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def attachment(value: object) -> dict[str, str]:
    """A bundle for one picture in base64, which files keep as a string or as a list of lines."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str) or len(value) > MAX_PICTURE:
        return {}
    text = "".join(value.split())
    if not BASE64.fullmatch(text):
        return {}
    try:
        kind = picture_type(base64.b64decode(text[:64]))
    except binascii.Error:
        return {}
    return {kind: text} if kind else {}


@dataclass(frozen=True)
class Illustrated:
    """A text and its pictures.

    used     names of the files beside the notebook that became attachments
    lacking  what the text shows and nobody can see: a file that is not there, or no picture
    """

    text: str
    attachments: Attachments
    used: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def illustrate(text: str, attachments: Attachments, files: Mapping[str, bytes]) -> Illustrated:
    """Turn each picture that the text shows into an attachment, and show each attachment.

    files  what lies beside the notebook: path, as seen from there -> contents
    """
    made = dict(attachments)
    used: list[str] = []
    lacking: list[str] = []

    def shown(found: re.Match[str]) -> str:
        groups = found.groupdict()
        address = groups.get("angled") or groups.get("plain") or ""
        if "inner" in groups:
            source = SOURCE.search(groups["inner"])
            address = next((g for g in source.groups() if g), "") if source else ""
        alt = groups.get("alt") or "picture"
        data = DATA.fullmatch(address)
        if data:
            bundle, name = attachment(unquote(data[1])), f"picture-{len(made) + 1}"
        elif not address or address.lower().startswith("attachment:") or SCHEME.match(address):
            return found[0]
        else:
            name = look_up(address, files)
            if not name:
                lacking.append(f"{line(unquote(address), 60)} (not handed in)")
                return found[0]
            bundle = attachment(base64.b64encode(files[name]).decode("ascii"))
            if bundle:
                used.append(name)
            else:
                lacking.append(f"{line(name, 60)} (no PNG, JPEG, GIF or WebP, or too large)")
        if not bundle:
            return found[0]
        name = free_name(name, bundle, made)
        made[name] = bundle
        return f"![{alt}](attachment:{quote(name)})"

    for pattern in (LINK, SPACED, TAG):
        text = pattern.sub(shown, text)
    said = unquote(text)
    for name, data in files.items():  # a link to it, or its name
        last = PurePosixPath(name).name
        if name not in used and last.casefold() in said.casefold():
            bundle = attachment(base64.b64encode(data).decode("ascii"))
            if bundle:
                used.append(name)
                made[free_name(last, bundle, made)] = bundle
    unsaid = [name for name in made if f"attachment:{name}" not in said]
    text = "\n\n".join([text, *(f"![{alt_of(name)}](attachment:{quote(name)})" for name in unsaid)])
    return Illustrated(text, made, tuple(dict.fromkeys(used)), tuple(dict.fromkeys(lacking)))


def alt_of(name: str) -> str:
    return re.sub(r"[\[\]\n]", "", name) or "picture"


def look_up(address: str, files: Mapping[str, bytes]) -> str:
    """The file that a picture's address means: the path itself, else the one file of that name."""
    for wanted in (address, unquote(address)):
        path = PurePosixPath(wanted.replace("\\", "/").split("?")[0].split("#")[0])
        exact = str(path)
        if exact in files:
            return exact
        same = [f for f in files if PurePosixPath(f).name.casefold() == path.name.casefold()]
        if len(same) == 1:
            return same[0]
    return ""


def free_name(name: str, bundle: dict[str, str], taken: Attachments) -> str:
    """A name for an attachment that no other picture of the cell has."""
    name = PurePosixPath(name).name[-LONGEST_NAME:]
    first, count = name, 1
    while name in taken and taken[name] != bundle:
        count += 1
        name = f"{count}-{first}"
    return name
