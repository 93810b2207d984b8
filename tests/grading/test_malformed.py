"""Hundreds of malformed submissions, from collecting to the report: neighbours graded, each of them named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell
from unexecuted import Unexecuted

from autograder.barrier import Barrier
from autograder.grading import run
from autograder.grading.options import Options
from autograder.model import Status
from autograder.records.results import Result
from autograder.reports import export, feedback
from autograder.reports.report import write_report

VALUES: list[Any] = [
    None, True, -1, 0.5, 10**400, "", "\x00", "\ud800", "‮\x1b[2J", [], [None], [[]], {}, {"": None},  # noqa: PLE2502
    {"\ud800": "\udfff"}, ["a", 1], "x" * 100_000, float("nan"), float("inf"),
]  # fmt: skip
NAMES = [
    f"{UNIT} .ipynb", "\udcff.ipynb", "a\nb.ipynb", "-rf.ipynb", "$(reboot).ipynb", "‮.ipynb",  # noqa: PLE2502
    "x" * 245 + ".ipynb", "%s{0}.ipynb", "[bold]x[/].ipynb", "CON.ipynb", "é.ipynb", "é.ipynb",
    ".ipynb", "..ipynb", "~.ipynb", "a\\b.ipynb", "\x7f.ipynb", "\x1b[2J.ipynb", "' OR 1=1 --.ipynb",
]  # fmt: skip
STAMPS: list[bytes] = [
    b"", b"\x00", b"0.0E-9999999999", b"9" * 900, b"\xff\xfe", b"\xff\xfe\x00\xd8", b"-" * 999,
    b"yesterday", b"2026-10-05 14:00:00 CEST", b"05.10.2026", b"1e400", b"2026-10-05T00:00:00+99:99",
    "２０２６-10-05 12:00:00".encode(), b"NaN", b"0001-01-01 00:00 +14:00", b"2026-10-05 12:00 \xed\xa0\x80",
]  # fmt: skip
KEYS = ("cells", "metadata", "nbformat", "nbformat_minor", "worksheets")
CELL_KEYS = ("cell_type", "source", "metadata", "outputs", "id", "attachments", "execution_count")


def shapes(whole: Callable[[], dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Notebooks with one thing in the place of another, wherever a thing can stand."""

    def as_bytes(value: Any) -> bytes:
        return json.dumps(value).encode()

    for number, value in enumerate(VALUES):
        yield f"json-{number}", as_bytes(value)
        for key in KEYS:
            yield f"{key}-{number}", as_bytes(whole() | {key: value})
        for key in CELL_KEYS:
            notebook = whole()
            for changed in [cell(notebook, "double"), cell(notebook, "explain")]:
                changed[key] = value
            yield f"cell-{key}-{number}", as_bytes(notebook)
        for key in ("grade_id", "grade", "solution", "points", "checksum", "locked", "nbgrader"):
            notebook = whole()
            graded = [cell(notebook, name) for name in ("double", "explain", "double-values")]
            for meta in [changed["metadata"] for changed in graded]:
                (meta if key == "nbgrader" else meta["nbgrader"])[key] = value
            yield f"meta-{key}-{number}", as_bytes(notebook)
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    for key in ("source", "metadata", "outputs", "attachments"):
        notebook = whole()
        cell(notebook, "double")[key] = deep
        yield f"deep-{key}", as_bytes(notebook)
    yield "deeper", b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield "digits", b'{"cells": [{"cell_type": "code", "source": ' + b"9" * 5000 + b"}]}"


def spoiled(data: bytes, seed: int) -> bytes:
    """A file with some of its bytes changed, cut off or doubled."""
    draw = random.Random(seed)
    at, size = draw.randrange(len(data)), draw.randrange(1, 40)
    return [
        data[:at],
        data[:at] + bytes(draw.randrange(256) for _ in range(size)) + data[at + size :],
        data[:at] + data[at : at + 400] * 2 + data[at:],
        data[:at] + b"\x00" * size + data[at:],
    ][seed % 4]


@pytest.fixture
def many(room: Classroom) -> tuple[Classroom, set[str]]:
    """The class, and those whose files are malformed in a way that must be named."""

    def whole() -> dict[str, Any]:
        return room.notebook(ANSWER, **RIGHT)

    data, named = json.dumps(whole()).encode(), set()
    for student in ("a-neighbour", "m-neighbour", "zz-neighbour"):
        room.hand_in(student, data)
    for name, malformed in shapes(whole):
        room.hand_in(f"shape-{name}", malformed)
    for seed in range(120):
        room.hand_in(f"spoiled-{seed:03}", spoiled(data, seed))
    for number, name in enumerate(NAMES):
        room.hand_in(f"name-{number:02}", data, name)
        named.add(f"name-{number:02}")
    for number, stamp in enumerate(STAMPS):
        room.hand_in(f"stamp-{number:02}", data).with_name("timestamp.txt").write_bytes(stamp)
        named.add(f"stamp-{number:02}")
    for student, lay in folders(data).items():
        folder = room.course.submitted / student
        folder.mkdir()
        lay(folder)
        named.add(student)
    return room, named


def folders(data: bytes) -> dict[str, Callable[[Path], Any]]:
    """Students' folders of the wrong make."""

    def inside(make: Callable[[Path], Any], name: str = f"{UNIT}.ipynb") -> Callable[[Path], Any]:
        def lay(folder: Path) -> None:
            (folder / UNIT).mkdir()
            make(folder / UNIT / name)

        return lay

    return {
        "folder-link": lambda folder: (folder / UNIT).symlink_to("/etc"),
        "folder-loop": lambda folder: (folder / UNIT).symlink_to(UNIT),
        "folder-gone": lambda folder: (folder / UNIT).symlink_to("nowhere"),
        "folder-file": lambda folder: (folder / UNIT).write_bytes(data),
        "notebook-folder": inside(Path.mkdir),
        "notebook-link": inside(lambda file: file.symlink_to("/dev/zero")),
        "notebook-loop": inside(lambda file: file.symlink_to(file.name)),
        "notebook-gone": inside(lambda file: file.symlink_to("nowhere")),
        "only-junk": inside(lambda file: file.write_bytes(data), f"._{UNIT}.ipynb"),
        "only-zip": inside(lambda file: file.write_bytes(b"PK\5\6" + b"\xff" * 18), "a.zip"),
    }


def test_the_class_is_graded_and_each_of_them_is_named(many):
    room, named = many
    barrier = Barrier.of(room.course)
    found = {
        result.student: result
        for result in run.grade(
            room.course, UNIT, Options(engine="stock"), workers=Unexecuted(), barrier=barrier
        )
    }
    assert len(found) > 500
    assert found.keys() == {path.name for path in room.course.submitted.iterdir()}
    neighbours = [name for name in found if name.endswith("neighbour")]
    assert len(neighbours) == 3
    for student in neighbours:
        result = found[student]
        assert (result.status, result.points, result.remarks) == (Status.GRADED, 5, ())
    for student, result in found.items():
        if result.status is not Status.GRADED:
            assert result.reason, student
    assert {student for student in named if not said(found[student])} == set()
    assert not barrier.incidents, barrier.log.read_text()[:3000]  # each was foreseen
    pages = feedback.write_feedback(room.course, UNIT, None, barrier)
    assert len(pages) == len(found)
    file, stand, _ = write_report(room.course, UNIT, barrier)
    assert len(stand.rows) == len(found)
    assert file.is_file()
    for form in export.FORMS:
        export.write_export(room.course, [UNIT], form, barrier)
    assert not barrier.incidents, barrier.log.read_text()[:3000]


def said(result: Result) -> str:
    return "\n".join([result.reason, *result.remarks])
