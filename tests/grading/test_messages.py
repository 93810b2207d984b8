"""What a student reads: all of a visible part, the likely cause of a hidden one, and no escapes."""

from __future__ import annotations

import json

import pytest

from autograder.engines.messages import for_student
from autograder.engines.printed import codes, parts_in
from autograder.engines.verdicts import as_points
from autograder.intake.notebook.checksums import checksum
from autograder.text import clean, line

SOURCE = """\
score = check.Score("Double", 3)
with score.part("seen", 1):
    pass
### BEGIN HIDDEN TESTS
with score.part("unseen", 2):
    pass
### END HIDDEN TESTS
"""
PRINTED = """\
the student prints 17
Double … 0 of 3 points
  ✗ seen (1)
    [sign] dW1 is not right.
      Likely cause: The sign is flipped.
      expected  shape (1,): [4]
  ✗ unseen (2)
    [crashed] ValueError: the input was 42
      Likely cause: …
      expected  shape (1,): [43]
"""


def shown_to_student(printed: str) -> str:
    title, parts = parts_in(printed, SOURCE)
    return for_student(title, 3, parts)


def test_of_a_visible_part_all_is_shown():
    shown = shown_to_student(PRINTED)
    assert "dW1 is not right" in shown
    assert "[4]" in shown


def test_of_a_hidden_part_only_the_likely_cause_is_shown():
    shown = shown_to_student(PRINTED)
    assert "✗ unseen (2)" in shown
    assert codes(shown) == ("sign", "crashed")
    assert "42" not in shown
    assert "[43]" not in shown


def test_what_student_code_prints_during_a_test_is_not_shown():
    assert "17" not in shown_to_student(PRINTED)


@pytest.mark.parametrize(
    ("shown", "points"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("1e-1", 0.1),
        ("np.float64(2.5)", 2.5),
        ("tensor(2.5, dtype=torch.float64)", 2.5),
        ("nan", None),
        ("inf", None),
        ("'2'", None),
        ("True", None),
        ("[2.0]", None),
        ("np.float64(nan)", None),
        (["2"], None),
    ],
)
def test_only_plain_numbers_are_points(shown, points):
    assert as_points(shown) == points


def test_escapes_and_controls_are_taken_out():
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07 a\x00b \u202egnp.exe \x1b]8;;http://x\x07link"
    assert clean(text) == "red  ab gnp.exe link"


def test_long_text_is_cut_in_the_middle():
    shown = clean("a" * 5000 + "b" * 5000, 100)
    assert len(shown) < 160
    assert shown.endswith("b")


def test_a_table_cell_is_one_line():
    assert line("a\n b\t c" + "d" * 300, 10) == "a b cdddd…"


@pytest.mark.parametrize(
    ("kind", "grade", "solution", "locked"),
    [
        ("code", True, False, True),
        ("code", False, True, False),
        ("markdown", True, True, False),
        ("code", False, False, True),
    ],
)
def test_the_checksum_is_nbgraders_own(kind, grade, solution, locked):
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    meta = {"grade_id": "x", "grade": grade, "solution": solution, "locked": locked, "points": 2}
    cell = {"cell_type": kind, "source": "äöü = 1", "metadata": {"nbgrader": meta}}
    assert checksum(json.loads(json.dumps(cell))) == compute_checksum(from_dict(cell))
