"""A run's folder on the host, where sockets live: short, private, and always removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "agk-"
_LONGEST = 40  # a socket's whole path may have 107 bytes


def home() -> str:
    """The folder that run folders are made in."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) <= _LONGEST else "/tmp"


@contextlib.contextmanager
def make() -> Iterator[str]:
    """A new folder; removed at the end. Removes what killed launchers have left behind as well.

    It holds `k`, where each child has a folder for its sockets; `root`, which the new root folder
    is mounted on, unseen from outside; and `home`, the parent's own while it imports.
    """
    sweep()
    path, lock = _locked()
    for name in ("k", "root", "home"):
        os.mkdir(f"{path}/{name}", 0o700)
    os.chmod(path, 0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _locked() -> tuple[str, int]:
    """A new folder, and its lock, held."""
    while True:
        path = tempfile.mkdtemp(prefix=PREFIX, dir=home())
        lock = os.open(f"{path}/lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(f"{path}/lock"):
            return path, lock
        os.close(lock)  # another's sweep came between the two: it took the folder for a dead one's


def sweep(where: str = "") -> None:
    """Remove the run folders of ours whose maker is gone: nobody holds their lock.

    where  the folder that they are in; by default, where this process makes its own
    """
    for path in Path(where or home()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.lstat().st_uid != os.geteuid():
                continue
            lock = os.open(path / "lock", os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)
