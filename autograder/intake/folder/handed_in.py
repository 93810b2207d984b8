"""Read a submission: the notebook's bytes, and those of the files that lie beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.intake.folder.collect import Submission
from autograder.intake.folder.items import Item, TooLarge, Unfit, listed

MOST_FILES = 32
MOST_BYTES = 8 * 2**20  # of all files beside a notebook
LONGEST_NAME = 100


@dataclass(frozen=True)
class HandedIn:
    """What was read.

    notebook  its bytes
    files     plain files that lie beside it, bounded in number and size: path, as seen from
              there -> bytes
    remarks   which files there are, and which cannot be used
    """

    notebook: bytes
    files: dict[str, bytes]
    remarks: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of everything that the result depends on; that of the notebook where it came alone."""
        digest = hashlib.sha256(self.notebook)
        for name, data in sorted(self.files.items()):
            digest.update(f"\0{len(name)} {name} {len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()


def read(submission: Submission) -> HandedIn:
    """Raises Unfit where there is no notebook that can be read."""
    if submission.notebook is None:
        raise Unfit(submission.problem)
    notebook = submission.notebook.read()
    files: dict[str, bytes] = {}
    refused: dict[str, list[str]] = {}
    for item in submission.beside:
        path = item.seen_from(submission.notebook)
        try:
            files[path] = read_beside(item, path, files)
        except Unfit as problem:
            refused.setdefault(str(problem), []).append(path)
    remarks = [f"not used: {listed(names)} ({why})" for why, names in refused.items()]
    if files:
        lay = "it lay" if len(files) == 1 else "they lay"
        came = f"came with {listed(list(files))}: {lay} beside the notebook when it was graded"
        remarks.insert(0, came)
    return HandedIn(notebook, files, tuple(remarks))


def read_beside(item: Item, path: str, known: dict[str, bytes]) -> bytes:
    """One file's bytes. Raises Unfit for what is not used."""
    odd = not path.isprintable() or len(path) > LONGEST_NAME or set(path) & set('\\:*?"<>|')
    if odd or {"", ".", ".."} & set(path.split("/")):
        raise Unfit("a name that not every system takes")
    if len(known) >= MOST_FILES:
        raise Unfit(f"more than {MOST_FILES} files")
    left = MOST_BYTES - sum(map(len, known.values()))
    try:
        return item.read(left)
    except TooLarge:
        raise Unfit(f"more than {MOST_BYTES // 2**20} MiB in all") from None
