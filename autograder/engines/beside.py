"""Put files into the folder in which a kernel works, by cells that leave nothing else behind."""

from __future__ import annotations

import base64
from collections.abc import Iterator

PIECE = 2**20  # bytes in one cell

PUT = """
def _put(name, mode, data):
    import base64, importlib, os
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, mode) as file:
        file.write(base64.b64decode(data))
    importlib.invalidate_caches()
_put({name!r}, {mode!r}, {data!r})
del _put
"""


def cells(files: tuple[tuple[str, bytes], ...]) -> Iterator[tuple[str, str]]:
    """Each file's name, and the source of a cell that writes it or its next piece."""
    for name, data in files:
        for start in range(0, max(len(data), 1), PIECE):
            piece = base64.b64encode(data[start : start + PIECE]).decode("ascii")
            yield name, PUT.format(name=name, mode="ab" if start else "wb", data=piece)
