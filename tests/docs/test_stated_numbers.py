"""The numbers that the course states are true: minutes and points, and what its texts say came out.

A number in a text or caption that sounds measured (about, near, %, below, three digits after the point) is
either tied to a value of the executed solution, or listed as given: `stated.py` has both lists.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from stated import GIVEN, STATED, Stated

from autograder.build.answers import read_answers
from autograder.build.steps import minutes
from autograder.build.unit import build_units
from autograder.course import Course, is_test, nbgrader_of, read_unit
from autograder.demo import hand_in, handed_in

ROOT = Path(__file__).parents[2]
COURSE = Course.find(ROOT)
sys.path.insert(0, str(ROOT / "docs"))

WORDS = (
    r"about|around|near|nearly|close to|almost|roughly|some|above|below|between|up to|"
    r"(?:more|less|fewer) than|≈|\\approx"
)
NUMBER = (
    r"\$?[-−]?(?:\d[\d,]*(?:\.\d+)?(?:e-?\d+)?|10\^\{[^}]*\}|half|a third|a quarter|two thirds|"
    r"three|four|five|six|seven|eight|nine|ten|twelve|twenty)\b"
)
MEASURED = re.compile(
    rf"\b(?:{WORDS}) (?:{WORDS})? ?{NUMBER}|(?:≈|\\approx) ?{NUMBER}"  # about 0.17
    r"|\b\d+(?:\.\d+)? ?\\?%|\b\d+(?:\.\d+)? percent"  # 3 %
    r"|\b\d+\.\d{3,}|\b\d{1,3}(?:,|\{,\})\d{3}\b",  # 0.313, 235,146
    re.IGNORECASE,
)
BADGE = re.compile(r"^[●○]{3} · .*$|^\| \*\*(Time|Points)\*\* .*$", re.MULTILINE)  # by the build


def solution(unit: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE.solutions / unit / f"{unit}.ipynb", as_version=4)


def flat(text: str) -> str:
    return " ".join(text.split())


def texts(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell tells its readers: its text, or the titles and descriptions of its pictures."""
    if cell.cell_type == "markdown":
        return [flat(BADGE.sub("", cell.source))]
    if nbgrader_of(cell) or "setup" in cell.metadata.get("tags", []):
        return []
    return [
        flat(node.value)
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.keyword) and call.arg in ("alt", "title")
        for node in ast.walk(call.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def accounted(unit: str, cell: str) -> list[str]:
    """The words of a cell that are tied to a value, or listed as given."""
    tied = [flat(stated.words) for stated in STATED if stated.cell == cell and of(stated) == unit]
    return [*tied, *(flat(words) for words in GIVEN.get((unit[:2], cell), ()))]


def of(stated: Stated) -> str:
    """The unit that a statement belongs to: the ids of its cells begin with the unit's number."""
    return next(unit for unit in COURSE.units if stated.after.startswith(f"{unit[:2]}-"))


def unaccounted(text: str, known: list[str]) -> list[str]:
    """The measured numbers of a text that are not within words that are accounted for."""
    spans = [
        (found.start(), found.end())
        for words in known
        for found in re.finditer(re.escape(words), text)
    ]
    return [
        found[0]
        for found in MEASURED.finditer(text)
        if not any(start <= found.start() and found.end() <= end for start, end in spans)
    ]


@pytest.mark.parametrize("unit", COURSE.units)
def test_each_measured_number_is_tied_to_a_value_or_listed_as_given(unit: str) -> None:
    loose, seen = [], set()
    for cell in solution(unit).cells:
        known = accounted(unit, cell.id)
        for text in texts(cell):
            loose += [(cell.id, words) for words in unaccounted(text, known)]
            seen |= {(cell.id, words) for words in known if words in text}
    assert loose == []
    cells = {cell for number, cell in GIVEN if number == unit[:2]}
    cells |= {stated.cell for stated in STATED if of(stated) == unit}
    listed = {(cell, words) for cell in cells for words in accounted(unit, cell)}
    assert listed - seen == set(), "stated.py lists words that the notebook no longer says"


@pytest.mark.parametrize("unit", [u for u in COURSE.units if any(of(s) == u for s in STATED)])
def test_each_stated_number_comes_out_of_the_solution(unit: str, tmp_path: Path) -> None:
    wrong = []
    for stated, value in values(unit, tmp_path):
        if not stated.low <= value <= stated.high:
            wrong.append(f"{stated.cell}: “{stated.words}”, and {value:.4g} came out")
    assert wrong == []


def values(unit: str, folder: Path) -> list[tuple[Stated, float]]:
    """What the unit's statements speak of, from a run of its solution (without the tests)."""
    asked = [stated for stated in STATED if of(stated) == unit]
    cells, asking = [], []
    for cell in solution(unit).cells:
        if cell.cell_type == "code" and not is_test(cell):
            cells.append(cell)
            for stated in (s for s in asked if s.after == cell.id):
                code = f"import json, math\nimport numpy as np\nprint(json.dumps(float({stated.value})))"
                asking.append((stated, nbformat.v4.new_code_cell(code)))
                cells.append(asking[-1][1])
    assert len(asking) == len(asked), "stated.py names a cell that the notebook does not have"
    last = max(place for place, cell in enumerate(cells) if cell is asking[-1][1])
    notebook = nbformat.v4.new_notebook(cells=cells[: last + 1])
    os.environ["LESSONKIT_PROGRESS"] = "0"
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    printed = [
        "".join(out.text for out in cell.outputs if out.get("name") == "stdout")
        for _, cell in asking
    ]
    return [(s, json.loads(text)) for (s, _), text in zip(asking, printed, strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "It levels off near 0.17, above all.",
        "The loss is about 0.7 in the end.",
        r"which is $\ln 2 \approx 0.69$",
        "About 3 % of the points.",
        "some 18 times fewer",
        "and pays 0.313 for it",
        "the 235,146 parameters",
        "at most of them: more than half of the units",
        "error ≈ 1e-4",
        "nearly twenty",
    ],
)
def test_a_number_that_sounds_measured_is_seen(text: str) -> None:
    assert len(unaccounted(text, [])) == 1
    assert unaccounted(text, [text]) == []


def test_minutes_and_points_are_the_same_in_the_readme_and_in_each_notebook() -> None:
    from readme import units as table

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert table(COURSE) in readme
    for built in build_units(COURSE, COURSE.units):
        unit, time = read_unit(built.unit, built.instructor), minutes(built.instructor)
        title = built.released.cells[0].source
        assert f"about {time} minutes, exercises and reading |" in title
        assert re.search(rf"\*\*Points\*\* \| {unit.points:g}\b", title), title
        assert f"| {unit.points:g} | {time} |" in readme
        assert time >= sum(exercise.minutes for exercise in unit.exercises)


def test_the_readme_counts_the_units_and_the_demos_class(tmp_path: Path) -> None:
    words = {7: "seven", 18: "eighteen"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{words[len(COURSE.units)]} Jupyter notebooks" in readme
    (built,) = build_units(COURSE, COURSE.select(["02"]))
    hand_in(Course(tmp_path), built.unit, handed_in(built, read_answers(COURSE, built.unit)))
    students = list(Course(tmp_path).submitted.iterdir())
    assert f"a class of {words[len(students)]}" in readme
