"""A file as it was handed in, on the disk or in a zip, and how it is read: with care.

Nothing here follows a symbolic link, opens a device, or reads more than it is asked for. What is in
a zip is read in memory, so that no name in it can lead anywhere.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.intake.folder.naming import Kind, kind_of
from autograder.intake.notebook.reading import MAX_BYTES
from autograder.text import line

LARGEST_ZIP = 64 * 2**20
LARGEST_DIRECTORY = 2**20  # of a zip, in bytes: some 10,000 files
PLAIN_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Unfit(Exception):
    """A file that is no ordinary file, or too large; the message says which."""


class TooLarge(Unfit):
    """It has more bytes than were asked for."""


@dataclass(frozen=True)
class Item:
    """A file.

    path    on the disk: the file, or the zip that holds it
    parts   where it lies in the student's folder: names of folders, and its own
    member  the place and name in the zip
    """

    path: Path
    parts: tuple[str, ...]
    member: str = ""

    @property
    def shown(self) -> str:
        """How to speak of it."""
        return "/".join(self.parts) + (f": {self.member}" if self.member else "")

    @property
    def place(self) -> tuple[str, ...]:
        """What it shares with the files beside it."""
        inside = PurePosixPath(self.member.replace("\\", "/")).parts[:-1]
        return (*self.parts, *inside) if self.member else self.parts[:-1]

    def seen_from(self, other: Item) -> str:
        """Its path, as seen from the folder in which another lies."""
        return "/".join((*self.place[len(other.place) :], self.name))

    @property
    def name(self) -> str:
        return PurePosixPath(self.member.replace("\\", "/")).name or self.parts[-1]

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)

    def read(self, most: int = MAX_BYTES) -> bytes:
        """Its bytes. Raises Unfit for what is no ordinary file, or has more than `most`."""
        return read_member(self, most) if self.member else read_file(self.path, most)


def shown_name(name: str) -> str:
    """A file's name in a message: one line, and something in the place of what is no character."""
    return line(name.encode("utf-8", "replace").decode("utf-8"), 100) or "?"


def listed(names: list[str], most: int = 10) -> str:
    """'a, b and 3 more'."""
    first = ", ".join(map(shown_name, names[:most]))
    return f"{first} and {len(names) - most} more" if len(names) > most else first


def read_file(file: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of an ordinary file. Raises Unfit for a link, a device, or a huge one."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if file.is_symlink():
            raise Unfit("the file is a symbolic link")
        with os.fdopen(os.open(file, flags), "rb") as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Unfit("the file is no ordinary file")
            if about.st_size > most:
                raise TooLarge(f"the file is larger than {told(most)}")
            return stream.read(most + 1)
    except OSError as error:
        raise Unfit(f"the file cannot be read: {error.strerror}") from error


def told(size: int) -> str:
    """A number of bytes, in words."""
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size} bytes"


def members(packed: Item) -> list[Item]:
    """The files in a zip, but for what systems leave there. Raises Unfit for one that is none."""
    found = []
    with opened(packed) as archive:
        for about in archive.infolist():
            parts = PurePosixPath(about.filename.replace("\\", "/")).parts
            junk = any(kind_of(part) is Kind.JUNK for part in parts if part not in ("..", "."))
            if not about.is_dir() and parts and not junk:
                found.append(Item(packed.path, packed.parts, about.filename))
    return found


def read_member(item: Item, most: int) -> bytes:
    """What a file in a zip holds. Raises Unfit."""
    problem = f"{shown_name(item.path.name)} cannot be unpacked"
    with opened(item) as archive:
        try:
            about = archive.getinfo(item.member)
            if about.compress_type not in PLAIN_PACKING:  # others unpack without a limit
                raise Unfit(f"{problem}: it is packed in an unusual way")
            with archive.open(about) as stream:
                data = stream.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, KeyError, OSError) as error:
            raise Unfit(f"{problem}: {line(str(error), 100)}") from error
    if len(data) > most:
        raise TooLarge(f"the file is larger than {told(most)}")
    return data


def opened(packed: Item) -> zipfile.ZipFile:
    """The zip on the disk, or Unfit. Its list of files is bounded before it is read."""
    data = read_file(packed.path, LARGEST_ZIP)
    tail = data[-(2**16 + 22) :]
    end = tail[tail.rfind(b"PK\5\6") :] if b"PK\5\6" in tail else b""
    name = shown_name(packed.path.name)
    if len(end) < 22 or b"PK\6\7" in tail[-(len(end) + 20) : -len(end)]:
        raise Unfit(f"{name} is no zip that can be opened")
    if struct.unpack("<L", end[12:16])[0] > LARGEST_DIRECTORY:
        raise Unfit(f"{name} holds too many files")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise Unfit(f"{name} is no zip that can be opened") from error
