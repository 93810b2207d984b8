"""The table of docs/threats.md and its sum in README.md, from two real runs: this grader's, and plain nbgrader's.

THREATS_TABLE=.build/threats.json pytest tests/threats
python tests/threats/stock.py .build/threats-stock.json
python docs/threats.py            (all three by `make threats STOCK=1`)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from readme import fill

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("Unlucky", "Hostile: scores", "Hostile: secrets", "Hostile: the machine")
Line = dict[str, Any]


def points(got: Any) -> str:
    return f"{got:g}" if isinstance(got, int | float) else str(got)


def ours(line: Line) -> str:
    """What this grader gave, and how the submission is shown where it is not simply graded."""
    status = line.get("status", "graded")
    plain = status in ("graded", "passed", "partial", "broken")
    return points(line["got"]) if plain else f"{points(line['got'])}, {status}"


def theirs(line: Line | None) -> str:
    """What plain nbgrader gave, and what else happened."""
    if line is None:
        return "–"
    if line["got"] == "not run":
        return f"not run: {line['note']}"
    found = [points(line["got"])]
    found += ["secret seen"] if line.get("seen") else []
    found += ["others affected"] if line.get("affected") else []
    return ", ".join(found)


def fooled(line: Line, stock: Line | None) -> bool:
    """Whether plain nbgrader broke one of the promises."""
    if stock is None or stock["got"] == "not run":
        return False
    return stock["got"] != line["deserved"] or bool(stock.get("seen") or stock.get("affected"))


def row(line: Line, stock: Line | None) -> str:
    mark = "**" if fooled(line, stock) else ""
    cells = [
        line["title"].replace("<", "&lt;").replace("`", "&#96;").replace("|", "\\|"),
        points(line["deserved"]),
        f"{mark}{theirs(stock)}{mark}",
        ours(line),
    ]
    return f"| {' | '.join(cells)} |"


def table(lines: list[Line], stock: dict[str, Line]) -> str:
    """A table for each heading, in the order of the specification."""
    text = []
    for heading in HEADINGS:
        own = [line for line in lines if line["heading"] == heading]
        text += [f"### {heading}", "", "| threat | deserved | plain nbgrader | this grader |"]
        text += ["|---|---|---|---|", *(row(line, stock.get(line["title"])) for line in own), ""]
    return "\n".join(text)


def summary(lines: list[Line], stock: dict[str, Line]) -> str:
    own = [line for line in lines if line["heading"] in HEADINGS]
    run = [line for line in own if stock.get(line["title"], {"got": "not run"})["got"] != "not run"]
    broken = sum(fooled(line, stock[line["title"]]) for line in run)
    held = sum(bool(line["held"]) for line in own)
    return (
        f"This grader holds {held} of {len(own)} threats. Of the {len(run)} that plain nbgrader was "
        f"shown, a promise was broken in {broken}."
    )


def main() -> None:
    lines = json.loads((ROOT / ".build" / "threats.json").read_text(encoding="utf-8"))
    stock = json.loads((ROOT / ".build" / "threats-stock.json").read_text(encoding="utf-8"))
    page = ROOT / "docs" / "threats.md"
    text = fill(page.read_text(encoding="utf-8"), "summary", summary(lines, stock))
    page.write_text(fill(text, "table", table(lines, stock)), encoding="utf-8")
    readme = ROOT / "README.md"
    said = f"Accidents and attacks, each of them a test. {summary(lines, stock)}"
    readme.write_text(fill(readme.read_text(encoding="utf-8"), "threats", said), encoding="utf-8")


if __name__ == "__main__":
    main()
