"""MNIST through torchvision, online or from the small copy that the course brings along."""

from __future__ import annotations

import functools
import gzip
import hashlib
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# The shipped files, and the SHA-256 of each: 6,000 training and 4,000 test digits.
FILES = {
    "train-images-idx3-ubyte.gz": "716cef2bf566cd57b97f15db939f788aa42866dc2cf149f15f8cc8a735288d36",
    "train-labels-idx1-ubyte.gz": "e42e48523e1812f3839776678e311b2530dc44f5b40209e53be54765584f0063",
    "t10k-images-idx3-ubyte.gz": "0e8e91e2a49098d1ed96e3b756b622f7008722e7b253d6f205c9f0b6e98644c7",
    "t10k-labels-idx1-ubyte.gz": "835679e0eed779e0424eec97e95e891a8f03d483c974daa57e925d508df31cef",
}
IN_CHECKOUT = "Get them back with `git checkout -- data/mnist` in the course's folder."
INSTALLED = (
    "Get them back by installing lessonkit again: run `%pip uninstall --yes lessonkit` in a cell, "
    "restart the kernel, and run the notebook's first cell."
)


class MnistUnreadable(RuntimeError):
    """The digits are missing or damaged; the message says which files and how to get them back."""


def shipped() -> tuple[Path, str]:
    """The folder with the shipped files, and how to get them back: in the package, or a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder, hint in (
        (package / "mnist", INSTALLED),
        (package.parent / "data" / "mnist", IN_CHECKOUT),
    ):
        if folder.is_dir():
            return folder, hint
    raise MnistUnreadable(f"The course's digits are gone: no {package / 'mnist'}.\n{INSTALLED}")


def intact(folder: Path, hint: str) -> dict[str, bytes]:
    """The contents of the four files in `folder`. Raises MnistUnreadable naming all bad ones."""
    contents, bad = {}, []
    for name, digest in FILES.items():
        try:
            contents[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            bad.append(f"{name} is missing")
        except OSError as error:
            bad.append(f"{name} cannot be read ({error.strerror})")
        else:
            if hashlib.sha256(contents[name]).hexdigest() != digest:
                bad.append(f"{name} is damaged")
    if bad:
        raise MnistUnreadable(f"The digits in {folder} are not usable: {'; '.join(bad)}.\n{hint}")
    return contents


def unpack(root: Path) -> None:
    """Unpack the shipped files to where torchvision looks for them, `root/MNIST/raw`."""
    contents = intact(*shipped())
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        unpacked = raw / name.removesuffix(".gz")
        part = raw / f"{unpacked.name}.{os.getpid()}"  # another process may read or unpack here too
        part.write_bytes(gzip.decompress(data))
        part.replace(unpacked)


@functools.cache
def online(url: str, seconds: float = 2.0) -> bool:
    """Whether the host of `url` answers. Asked once; a slow answer counts as none."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            socket.create_connection((urlsplit(url).hostname or "", 443), timeout=seconds).close()
        except OSError:
            return
        answers.append(True)

    asking = threading.Thread(target=ask, daemon=True)  # looking a name up knows no time limit
    asking.start()
    asking.join(seconds)
    return bool(answers)


def downloaded(train: bool, transform: Any, root: Path) -> Any:
    """All of MNIST from `root`, downloaded if it is not there; None if the download fails."""
    from torchvision import datasets

    raw = root / "MNIST" / "raw"
    if not all((raw / name.removesuffix(".gz")).is_file() for name in FILES):
        try:
            return datasets.MNIST(str(root), train=train, transform=transform, download=True)
        except (OSError, RuntimeError, EOFError) as error:
            print(f"MNIST could not be downloaded ({error}): the course's own digits are used.")
            return None
    try:
        return datasets.MNIST(str(root), train=train, transform=transform, download=False)
    except (AssertionError, OSError, RuntimeError, ValueError) as error:
        raise MnistUnreadable(
            f"A file of digits in {raw} is damaged ({error}).\n"
            f"Delete the folder {raw.parent} and run this again: it will be downloaded anew."
        ) from error


def mnist(train: bool = True, transform: Any = None, root: str | Path | None = None) -> Any:
    """`torchvision.datasets.MNIST`: 28×28 grey digits and their labels.

    train      the training digits, else the test digits
    transform  applied to each picture, e.g. `transforms.ToTensor()`
    root       where the files go; default: a cache for downloads, else a folder for temporary files

    Online it downloads all of MNIST (60,000 and 10,000 digits). Offline, and always with
    LESSONKIT_OFFLINE=1 (grading, nbval and the build set it), it reads the 6,000 and 4,000 digits
    that the course brings along, and tries no network. These go into `root/shipped`, so that they
    never replace downloaded ones. Raises MnistUnreadable if the files are damaged.
    """
    from lessonkit.setup import mend_torchvision

    mend_torchvision()
    from torchvision import datasets

    if os.environ.get("LESSONKIT_OFFLINE") != "1" and online(datasets.MNIST.mirrors[0]):
        cache = Path(root or Path.home() / ".cache" / "lessonkit")
        found = downloaded(train, transform, cache)
        if found is not None:
            return found
    folder = Path(root, "shipped") if root else Path(tempfile.mkdtemp(prefix="lessonkit-"))
    try:
        unpack(folder)
        return datasets.MNIST(str(folder), train=train, transform=transform, download=False)
    finally:
        if root is None:  # the pictures are in memory by now
            shutil.rmtree(folder, ignore_errors=True)
