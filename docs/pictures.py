"""The pictures in docs/: each unit's main figure, and the demo's class report in a browser.

Run by `make pictures`, after `autograder demo`. A unit's main figure is the largest picture of its
solution.
"""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent


def pictures(cell: nbformat.NotebookNode) -> list[bytes]:
    """The PNGs among a cell's outputs."""
    found = [output.get("data", {}).get("image/png") for output in cell.get("outputs", [])]
    return [base64.b64decode(png) for png in found if png]


def main_figure(notebook: nbformat.NotebookNode) -> bytes | None:
    """The picture that stands for a unit."""
    every = [png for cell in notebook.cells for png in pictures(cell)]
    return max(every, key=len, default=None)


def photograph(page: Path, target: Path) -> None:
    """The top of an HTML page, as Chromium shows it."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1000, "height": 1150})
        tab.goto(page.as_uri())
        tab.screenshot(path=str(target))
        browser.close()


def main() -> None:
    report = next(iter(sorted(ROOT.glob("demo/reports/*.html"))), None)
    if report is not None:
        photograph(report, ROOT / "docs" / "report.png")
        print("docs/report.png")
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
