"""A student reads what was earned and why the rest was not; and no page can harm who opens it."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell

from autograder.course import read_instructor, read_unit
from autograder.errors import UserError
from autograder.model import Status
from autograder.records.standing import Mark, Row
from autograder.reports.feedback import page, write_feedback
from autograder.reports.page import png

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def pages(graded: Classroom) -> dict[str, str]:
    files = write_feedback(graded.course, UNIT)
    return {file.parts[-3]: file.read_text(encoding="utf-8") for file in files}


def test_all_who_handed_in_get_a_page(pages):
    assert len(pages) == 14
    assert "nothing" not in pages


def test_a_page_has_points_messages_and_diagnosis(pages):
    assert "2 of 7, marking to come" in pages["wrong"]
    assert "✗ a small example (1)" in pages["wrong"]
    assert "[wrong-value]" in pages["wrong"]
    assert ANSWER in pages["right"]


def test_a_page_says_why_a_submission_failed(pages):
    assert "did not end within" in pages["endless"]
    assert "damaged or cut off" in pages["cut"]
    assert "A person will look" in pages["twice"]


def test_no_hidden_test_can_be_found_in_any_page(pages):
    for text in pages.values():
        plain = re.sub(r"<[^>]+>", "", text)
        assert "CANARY" not in plain
        assert "HIDDEN TESTS" not in plain
        assert "score.part" not in plain


def test_a_page_has_no_script_and_fetches_nothing(pages):
    for text in pages.values():
        assert "<script" not in text
        assert "http" not in re.sub(r"http-equiv", "", text)
        assert "default-src &#39;none&#39;" in text


def test_what_code_raises_is_shown_as_text(pages):
    assert "<b>&amp; oh" not in pages["crashes"]
    assert "&lt;b&gt;&amp;" in pages["crashes"]


@pytest.fixture
def hostile(built: Classroom) -> str:
    """A page of a student who puts HTML wherever a notebook has room for text."""
    unit = read_unit(UNIT, read_instructor(built.course, UNIT)[0])
    notebook = built.notebook(EVIL, double=f"# {EVIL}", mean=RIGHT["mean"])
    data: dict[str, Any] = {
        "text/html": EVIL,
        "image/svg+xml": "<svg onload='alert(3)'/>",
        "application/javascript": "alert(4)",
        "text/markdown": "[x](javascript:alert(5))",
        "image/png": EVIL,
        "text/plain": f"\x1b[31m{EVIL}\x1b]8;;http://evil\x07",
    }
    outputs = [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": [EVIL, 3]},
        {"output_type": "error", "ename": EVIL, "evalue": EVIL, "traceback": [EVIL]},
        {"output_type": "display_data", "data": [EVIL], "metadata": EVIL},
        {"output_type": EVIL},
    ]
    for found in notebook["cells"]:
        if found["cell_type"] == "code":
            found["outputs"] = outputs
    marks = {
        t.grade_id: Mark(t.grade_id, 0, t.points, Status.FAILED, EVIL)
        for t in (*unit.tests, *unit.written)
    }
    row = Row(EVIL, Status.FAILED, marks, EVIL, (EVIL,), {"double": EVIL}, graded_at=EVIL)
    return page(unit, row, notebook)


def test_nothing_that_a_student_writes_becomes_html(hostile):
    assert "<script" not in hostile
    assert "<img src=x" not in hostile
    assert "<svg" not in hostile
    assert "javascript:" not in hostile
    assert "\x1b" not in hostile


def test_images_are_real_png_or_nothing():
    assert png(PIXEL) == PIXEL
    assert png([PIXEL[:10], PIXEL[10:]]) == PIXEL
    assert png(base64.b64encode(b"<svg/>").decode()) is None
    assert png('x" onerror="alert(1)') is None
    assert png(None) is None


def test_a_plot_is_shown(built):
    unit = read_unit(UNIT, read_instructor(built.course, UNIT)[0])
    notebook = built.notebook(**RIGHT)
    cell(notebook, "double")["outputs"] = [
        {"output_type": "display_data", "data": {"image/png": PIXEL}}
    ]
    marks = {
        t.grade_id: Mark(t.grade_id, 0, t.points, Status.FAILED)
        for t in (*unit.tests, *unit.written)
    }
    assert f"data:image/png;base64,{PIXEL}" in page(unit, Row("s", Status.GRADED, marks), notebook)


def test_a_page_for_one_student_only(graded):
    assert len(write_feedback(graded.course, UNIT, ["right"])) == 1
    with pytest.raises(UserError, match="nobody"):
        write_feedback(graded.course, UNIT, ["nobody"])
