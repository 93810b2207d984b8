"""The generated parts of README.md: the tables of units, of `autograder prove` and of `make bench`.

    autograder prove --markdown > .build/prove.md
    python docs/readme.py            (both by `make readme`)

A part stands between `<!-- name -->` and `<!-- /name -->`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.build.steps import minutes
from autograder.build.unit import build_units
from autograder.course import Course, read_unit

ROOT = Path(__file__).resolve().parent.parent


def units(course: Course) -> str:
    """A row for each unit: number, title, exercises, points, and the time that its notebook states."""
    rows = [
        "| unit | what it is about | exercises | points | minutes, exercises and reading |",
        "|---|---|---|---|---|",
    ]
    for built in build_units(course, course.units):
        name, unit = built.unit, read_unit(built.unit, built.instructor)
        number, title = unit.title.split(" · ", 1)
        link = f"[{number}](notebooks/{name}/{name}.ipynb)"
        counts = f"{len(unit.exercises)} | {unit.points:g} | {minutes(built.instructor)}"
        rows.append(f"| {link} | {title} | {counts} |")
    return "\n".join(rows)


def bench(file: Path) -> str:
    """A row for each figure that was promised, or that a promised one is to be compared with."""
    data = json.loads(file.read_text(encoding="utf-8"))
    machine = data["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    rows = [
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, {versions}:",
        "",
        "| figure | measured | promised |",
        "|---|---|---|",
    ]
    for figure in data["figures"]:
        digits = 0 if figure["value"] >= 100 or figure["value"] == int(figure["value"]) else 2
        value = f"{figure['value']:.{digits}f} {figure['unit']}".strip()
        mark = {None: "", True: "", False: " (not kept)"}[figure["kept"]]
        rows.append(f"| {figure['name']} | {value} | {figure['promise']}{mark} |")
    return "\n".join(rows)


def fill(text: str, name: str, part: str) -> str:
    """`text` with the part called `name` replaced."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    filled, count = re.subn(pattern, lambda m: f"{m[1]}{part.strip()}\n{m[2]}", text, flags=re.S)
    if count != 1:
        raise SystemExit(f"There are {count} parts called {name!r}; there must be one.")
    return filled


def main() -> None:
    readme = ROOT / "README.md"
    text = fill(readme.read_text(encoding="utf-8"), "units", units(Course.find(ROOT)))
    proof = ROOT / ".build" / "prove.md"
    if proof.is_file():
        text = fill(text, "prove", proof.read_text(encoding="utf-8"))
    measured = ROOT / "benchmarks" / "latest.json"
    if measured.is_file():
        text = fill(text, "bench", bench(measured))
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
