"""The pictures in docs/: each unit's main figure, taken from its solution.

Run by `make pictures`. A unit's main figure is the last picture of the cell tagged `main-figure`, or
else the largest picture of its solution.
"""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent


def pictures(cell: nbformat.NotebookNode) -> list[bytes]:
    """The PNGs among a cell's outputs."""
    found = [output.get("data", {}).get("image/png") for output in cell.get("outputs", [])]
    return [base64.b64decode(png) for png in found if png]


def main_figure(notebook: nbformat.NotebookNode) -> bytes | None:
    """The picture that stands for a unit."""
    for cell in notebook.cells:
        if "main-figure" in cell.metadata.get("tags", []) and pictures(cell):
            return pictures(cell)[-1]
    every = [png for cell in notebook.cells for png in pictures(cell)]
    return max(every, key=len, default=None)


def main() -> None:
    for path in sorted(ROOT.glob("solutions/*/*.ipynb")):
        figure = main_figure(nbformat.read(path, as_version=4))
        if figure is None:
            print(f"{path.stem}: no picture")
            continue
        target = ROOT / "docs" / f"{path.stem}.png"
        target.write_bytes(figure)
        print(f"docs/{target.name}")


if __name__ == "__main__":
    main()
