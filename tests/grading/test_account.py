"""Nothing that is handed in is lost without a word: a mark in any place is found again."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, ROOT, Classroom, cell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.build.release import prepare
from autograder.build.unit import build_unit
from autograder.course import Course, is_solution, is_written, nbgrader_of
from autograder.intake.notebook.account import account
from autograder.intake.notebook.reading import Submitted
from autograder.intake.notebook.restore import Restored, restore

Notebook = dict[str, Any]
Planted = Callable[[Notebook, int, str], None]
MARK = "wink{}wink"
PNG = b"\x89PNG\r\n\x1a\n"
KINDS = ("code", "markdown", "raw")


def say(kind: str, mark: str) -> str:
    return f"# {mark}" if kind == "code" else f"Here is {mark}."


def mark_source(found: Notebook, mark: str) -> None:
    found["source"] += "\n" + say(found["cell_type"], mark)


def below(notebook: Notebook, at: int, mark: str) -> None:
    mark_source(notebook["cells"][at], mark)


def above(notebook: Notebook, at: int, mark: str) -> None:
    found = notebook["cells"][at]
    found["source"] = say(found["cell_type"], mark) + "\n" + found["source"]


def within(notebook: Notebook, at: int, mark: str) -> None:
    found = notebook["cells"][at]
    lines = found["source"].split("\n")
    lines[len(lines) // 2] += f"  # {mark}"
    found["source"] = "\n".join(lines)


def instead(notebook: Notebook, at: int, mark: str) -> None:
    found = notebook["cells"][at]
    found["source"] = f"{mark} = 1" if found["cell_type"] == "code" else f"{mark}, I think."


def indented(notebook: Notebook, at: int, mark: str) -> None:
    notebook["cells"][at]["source"] += f"\n        {mark} = 1"


def new(kind: str, text: str) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        made = {"cell_type": kind, "metadata": {}, "source": text.format(mark), "id": f"new-{at}"}
        notebook["cells"].insert(at, made)

    return plant


def changed_kind(kind: str, keep: bool) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        found = notebook["cells"][at]
        mark_source(found, mark)
        found["cell_type"] = kind
        if not keep:
            forget(found)

    return plant


def forget(found: Notebook) -> None:
    found["metadata"] = {}
    found.pop("id", None)


def without_ids(notebook: Notebook, at: int, mark: str) -> None:
    mark_source(notebook["cells"][at], mark)
    forget(notebook["cells"][at])


def all_without_ids(notebook: Notebook, at: int, mark: str) -> None:
    mark_source(notebook["cells"][at], mark)
    for found in notebook["cells"]:
        forget(found)


def moved(to_end: bool) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        found = notebook["cells"].pop(at)
        mark_source(found, mark)
        notebook["cells"].insert(len(notebook["cells"]) if to_end else 0, found)

    return plant


def split(keep: bool) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        found = notebook["cells"][at]
        lines = found["source"].split("\n")
        second = copy.deepcopy(found)
        found["source"] = "\n".join(lines[: len(lines) // 2])
        second["source"] = "\n".join(lines[len(lines) // 2 :])
        mark_source(second, mark)
        if not keep:
            forget(second)
        notebook["cells"].insert(at + 1, second)

    return plant


def merged(notebook: Notebook, at: int, mark: str) -> None:
    found = notebook["cells"][at]
    mark_source(found, mark)
    if at + 1 < len(notebook["cells"]):
        found["source"] += "\n\n" + notebook["cells"].pop(at + 1)["source"]


def doubled(notebook: Notebook, at: int, mark: str) -> None:
    again = copy.deepcopy(notebook["cells"])
    mark_source(again[at], mark)
    notebook["cells"] += again


def copied(keep: bool) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        again = copy.deepcopy(notebook["cells"][at])
        mark_source(again, mark)
        if not keep:
            forget(again)
        notebook["cells"].insert(at + 1, again)

    return plant


def attached(data: bytes, kind: str) -> Planted:
    def plant(notebook: Notebook, at: int, mark: str) -> None:
        payload = base64.b64encode(data + mark.encode()).decode()
        notebook["cells"][at].setdefault("attachments", {})[f"{mark}.x"] = {kind: payload}

    return plant


def swapped(notebook: Notebook, at: int, mark: str) -> None:
    cells = notebook["cells"]
    other = cells[(at + 5) % len(cells)]
    mark_source(cells[at], mark)
    for key in ("metadata", "id"):
        cells[at][key], other[key] = other[key], cells[at][key]


PLANTS: dict[str, Planted] = {
    "below": below,
    "above": above,
    "within a line": within,
    "in the place of all": instead,
    "indented": indented,
    **{f"a new cell of {k}": new(k, "# {0}\n\nThis is {0}.") for k in KINDS},
    "a new cell that runs": new("code", "{0} = 1"),
    "a new cell with a function": new("code", "def {0}():\n    return 1"),
    "a new heading": new("heading", "# {0}"),
    "a new fence": new("markdown", "```python\ndef double(x):\n    return '{0}'\n```"),
    **{f"became {k}": changed_kind(k, True) for k in KINDS},
    **{f"became {k}, ids lost": changed_kind(k, False) for k in KINDS},
    "ids lost": without_ids,
    "all ids lost": all_without_ids,
    "moved to the top": moved(False),
    "moved to the end": moved(True),
    "split": split(True),
    "split, ids lost": split(False),
    "merged": merged,
    "all doubled": doubled,
    "copied": copied(True),
    "copied, ids lost": copied(False),
    "ids swapped": swapped,
    "a picture": attached(PNG, "image/png"),
    "a picture of another type": attached(b"RIFF1234WEBP", "image/png"),
    "no picture": attached(b"<svg>", "image/svg+xml"),
}


class Unit:
    """A unit to hand in: as its course released it, or with right answers."""

    def __init__(self, instructor: Notebook, released: Notebook, answered: Notebook) -> None:
        self.prepared = prepare(instructor)
        self.starts = {"untouched": released, "answered": answered}
        self.size = len(released["cells"])


@pytest.fixture(scope="module")
def tiny(built: Classroom) -> Unit:
    return Unit(built.instructor, built.released, built.notebook(ANSWER, **RIGHT))


@pytest.fixture(scope="module")
def course_unit() -> Unit:
    """A real unit of the course."""
    built = build_unit(Course(ROOT), "02_numpy_backprop")
    plain = json.loads(json.dumps(built.released))
    answered = copy.deepcopy(plain)
    solution = json.loads(json.dumps(built.solution))
    for found in answered["cells"]:
        if is_solution(found):
            found["source"] = cell(solution, nbgrader_of(found)["grade_id"])["source"]
        if is_written(found):
            found["source"] += "\n\nBecause the mask needs a1."
    return Unit(json.loads(json.dumps(built.instructor)), plain, answered)


def graded(unit: Unit, notebook: Notebook) -> Restored:
    return restore(unit.prepared, json.dumps(notebook).encode())


def is_accounted_for(restored: Restored, mark: str) -> bool:
    """In a cell of the graded notebook, in a picture of one, or in a remark."""
    cells = json.loads(restored.notebook)["cells"]
    said = [*restored.remarks, restored.needs_person, *(c["source"] for c in cells)]
    pictures = [
        base64.b64decode(value)
        for c in cells
        for bundle in c.get("attachments", {}).values()
        for value in bundle.values()
    ]
    return any(mark in text for text in said) or any(mark.encode() in p for p in pictures)


def places(unit: Unit) -> Iterator[tuple[str, str, int]]:
    return (
        (start, title, at) for start in unit.starts for title in PLANTS for at in range(unit.size)
    )


def test_a_mark_in_any_place_is_found_again(tiny: Unit) -> None:
    ran, lost = 0, []
    for start, title, at in places(tiny):
        notebook = copy.deepcopy(tiny.starts[start])
        mark = MARK.format(ran)
        PLANTS[title](notebook, at, mark)
        ran += 1
        if not is_accounted_for(graded(tiny, notebook), mark):
            lost.append((start, title, at))
    assert lost == []
    assert ran == 2 * len(PLANTS) * tiny.size > 800


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    start=st.sampled_from(["untouched", "answered"]),
    plants=st.lists(st.tuples(st.sampled_from(list(PLANTS)), st.integers(0, 75)), max_size=3),
)
def test_several_marks_in_a_unit_of_the_course_are_found_again(course_unit, start, plants) -> None:
    notebook = copy.deepcopy(course_unit.starts[start])
    for number, (title, at) in enumerate(plants):
        PLANTS[title](notebook, at % len(notebook["cells"]), MARK.format(number))
    restored = graded(course_unit, notebook)
    said = json.dumps([[c["source"], c.get("attachments")] for c in notebook["cells"]])
    for number in range(len(plants)):
        mark = MARK.format(number)
        if mark in said:  # a later one may have taken an earlier one away
            assert is_accounted_for(restored, mark), (mark, plants)


def test_the_account_names_whatever_is_not_there() -> None:
    unit = [{"source": "as released\n  twice"}]
    graded = [{"source": "mine\n    quoted", "attachments": {"a": {"image/png": "AAAA"}}}]
    same = {"a.png": {"image/png": "AAAA"}}
    other = {"b\n.png": {"image/png": "BBBB"}}
    cells = [
        Submitted(0, "code", "as released\n\n\nmine"),
        Submitted(1, "raw", "quoted  \ntwice", attachments=same),
        Submitted(2, "raw", "\n mine\n not mine\n nor this"),
        Submitted(3, "markdown", "![x](data:image/png;base64,AAAA) mine", attachments=other),
    ]
    remarks = list(account(cells, unit, graded))
    assert [(r.kind.person, r.about) for r in remarks] == [
        (True, "cell 3 (“mine”): “not mine”"),
        (False, "the attachment ‘b .png’ of cell 4 (“![x](data:image/png;base64,AAAA) mine”)"),
    ]
