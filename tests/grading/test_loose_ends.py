"""A written answer in a wrong place goes to a person; an ordinary submission calls nobody."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, Classroom, cell

from autograder.build.release import prepare
from autograder.intake.notebook.checksums import checksum, untouched
from autograder.intake.notebook.loose import is_likely
from autograder.intake.notebook.restore import Restored, restore

Notebook = dict[str, Any]
Edit = Callable[[Notebook], None]
SAID = "Because the mask needs a1."


@pytest.fixture(scope="module")
def prepared(built: Classroom) -> Notebook:
    return prepare(built.instructor)


@pytest.fixture
def unexplained(built: Classroom) -> Notebook:
    """The code answered, the written question not."""
    return built.notebook(**RIGHT)


def graded(prepared: Notebook, notebook: Notebook) -> tuple[Restored, Notebook]:
    restored = restore(prepared, json.dumps(notebook).encode())
    return restored, json.loads(restored.notebook)


def at(notebook: Notebook, id: str) -> int:
    return next(i for i, c in enumerate(notebook["cells"]) if c.get("id") == id)


def new(kind: str, source: str) -> Notebook:
    return {"cell_type": kind, "metadata": {}, "source": source}


def insert(where: str, kind: str, source: str, below: int = 0) -> Edit:
    def edit(notebook: Notebook) -> None:
        notebook["cells"].insert(at(notebook, where) + below, new(kind, source))

    return edit


def append(kind: str, source: str) -> Edit:
    return lambda notebook: notebook["cells"].append(new(kind, source))


def write_into(where: str, source: str) -> Edit:
    def edit(notebook: Notebook) -> None:
        notebook["cells"][at(notebook, where)]["source"] += f"\n\n{source}"

    return edit


def turn_into(kind: str, keep: bool) -> Edit:
    def edit(notebook: Notebook) -> None:
        found = cell(notebook, "explain")
        found["source"] += f"\n\n{SAID}"
        found["cell_type"] = kind
        if not keep:
            found["metadata"] = {}
            found["id"] = "zz1"

    return edit


def rewritten(kind: str) -> Edit:
    def edit(notebook: Notebook) -> None:
        notebook["cells"].remove(cell(notebook, "explain"))
        notebook["cells"].append(new(kind, SAID))

    return edit


def merged_into_the_heading(notebook: Notebook) -> None:
    found = cell(notebook, "explain")
    notebook["cells"].remove(found)
    heading = notebook["cells"][at(notebook, "01-section-2")]
    heading["source"] += f"\n\n{found['source']}\n\n{SAID}"


def in_two_cells(notebook: Notebook) -> None:
    notebook["cells"] += [new("markdown", SAID), new("raw", "And so on.")]


def nothing(notebook: Notebook) -> None:
    assert notebook["cells"]


def emptied(notebook: Notebook) -> None:
    cell(notebook, "explain")["source"] = "  "
    notebook["cells"].append(new("markdown", SAID))


def picture_only(notebook: Notebook) -> None:
    png = {"image/png": "iVBORw0KGgoAAAA="}
    cell(notebook, "explain")["attachments"] = {"Because the mask needs a1..png": png}


WRONG_PLACES: dict[str, Edit] = {
    **{f"below, as {k}": append(k, SAID) for k in ("code", "markdown", "raw", "heading")},
    **{f"above, as {k}": insert("explain", k, SAID) for k in ("code", "markdown", "raw")},
    "in a comment": append("code", f"# {SAID}"),
    "printed": append("code", f"print('{SAID}')"),
    "as a text": append("code", f'answer = """{SAID}"""'),
    "in two cells": in_two_cells,
    "above its heading": insert("01-section-2", "markdown", SAID),
    "in the heading's cell": write_into("01-section-2", SAID),
    "in the cell to predict in": write_into("01-predict-2", f"{SAID} And it is so for all of h."),
    **{f"in its cell, now {k}": turn_into(k, True) for k in ("code", "raw")},
    **{f"in its cell, now {k}, ids lost": turn_into(k, False) for k in ("code", "raw", "markdown")},
    **{f"in a new cell of {k} instead": rewritten(k) for k in ("code", "markdown", "raw")},
    "merged into the heading": merged_into_the_heading,
    "beside the emptied cell": emptied,
    "as a picture without a word": picture_only,
    "at the top, and it says so": insert("01-title-1", "markdown", f"Explain: {SAID}"),
    "at the top, and it names the question": insert("01-title-1", "raw", f"explain -- {SAID}"),
}


@pytest.mark.parametrize("place", WRONG_PLACES)
def test_a_written_answer_in_a_wrong_place_is_marked_by_a_person(prepared, unexplained, place):
    WRONG_PLACES[place](unexplained)
    restored, notebook = graded(prepared, unexplained)
    explain = cell(notebook, "explain")
    assert SAID in explain["source"]
    assert not untouched(explain)
    assert not restored.needs_person  # the mark by hand is the person's look
    assert len(restored.remarks) <= 1


def test_an_answer_in_its_place_is_left_alone_and_so_are_the_notes_beside_it(prepared, built):
    notebook = built.notebook(ANSWER, **RIGHT)
    append("markdown", "A note.")(notebook)
    restored, made = graded(prepared, notebook)
    assert cell(made, "explain")["source"] == cell(notebook, "explain")["source"]
    assert made["cells"][-1]["source"] == "A note."
    assert restored.remarks == ()


def test_a_text_that_may_be_no_answer_is_named_where_the_answer_is_empty(prepared, unexplained):
    insert("01-title-1", "markdown", "I was here on Monday.")(unexplained)
    restored, made = graded(prepared, unexplained)
    assert untouched(cell(made, "explain"))
    assert restored.remarks == ("‘explain’ was left empty; text of the student's stands elsewhere",)


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("My ANSWER, at last", True),
        ("as for ‘why_cache’, it is the mask", True),
        ("Backward, the gradient needs the batch.", True),
        ("Backward, the gradient needs them all.", False),
        ("I was here on Monday.", False),
        ("Unanswered, so far.", False),
    ],
)
def test_a_text_is_likely_an_answer_if_it_says_so_or_has_the_questions_words(text, likely):
    question = {
        "metadata": {"nbgrader": {"grade_id": "why_cache"}},
        "source": "Why does the backward pass need the gradient of the batch?",
    }
    assert is_likely(text, question) is likely


def test_of_two_written_questions_each_gets_the_text_beside_it(prepared, built):
    second = copy.deepcopy(cell(prepared, "explain"))
    second["id"] = second["metadata"]["nbgrader"]["grade_id"] = "explain-more"
    second["metadata"]["nbgrader"]["checksum"] = checksum(second)
    two = {**prepared, "cells": [*prepared["cells"], second]}
    notebook = built.notebook(ANSWER, **RIGHT)
    notebook["cells"] += [second, new("raw", SAID)]
    _, made = graded(two, notebook)
    assert SAID not in cell(made, "explain")["source"]
    assert SAID in cell(made, "explain-more")["source"]


def test_pictures_move_with_a_text_and_keep_apart(prepared, unexplained):
    for payload in ("iVBORw0KGgoAAAA=", "iVBORw0KGgoBBBB="):
        made = new("markdown", "![sketch](attachment:image.png)")
        unexplained["cells"].append({**made, "attachments": {"image.png": {"image/png": payload}}})
    _, notebook = graded(prepared, unexplained)
    explain = cell(notebook, "explain")
    assert list(explain["attachments"]) == ["image.png", "2-image.png"]
    assert explain["attachments"]["2-image.png"] == {"image/png": "iVBORw0KGgoBBBB="}
    assert explain["source"].endswith(
        "![sketch](attachment:image.png)\n\n![sketch](attachment:2-image.png)"
    )


PREDICTED = "42, I think."
HONEST: dict[str, Edit] = {
    "as it is": nothing,
    "a scratch cell": insert("mean", "code", "print(double(np.arange(3)))"),
    "an empty cell": insert("mean", "code", ""),
    "a note": insert("mean", "markdown", "Axis 0 it is."),
    "a note at the end": append("markdown", "## My notes"),
    "a prediction": write_into("01-predict-1", PREDICTED),
    "a cell at the end": append("code", "column_means(X)"),
    "a test called by hand": append("code", "assert double(2) == 4\nmine = double(3)"),
    "a function of one's own": insert("mean", "code", "def halve(x):\n    return x / 2"),
    "a demonstration changed": write_into("01-study-1", "print('again')"),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_ordinary_submission_calls_nobody(prepared, built, kind):
    notebook = built.notebook(ANSWER, **RIGHT)
    HONEST[kind](notebook)
    for found in notebook["cells"]:  # Colab's
        found["metadata"] |= {"id": "aBc", "colab": {"base_uri": "x"}, "executionInfo": {"a": 1}}
        if found["cell_type"] == "code":
            found["execution_count"] = 7
    restored, made = graded(prepared, notebook)
    assert not restored.needs_person
    assert len(restored.remarks) <= 1
    for name, source in RIGHT.items():
        assert cell(made, name)["source"] == source


def test_all_of_that_in_one_notebook_calls_nobody(prepared, built):
    notebook = built.notebook(ANSWER, **RIGHT)
    for edit in HONEST.values():
        edit(notebook)
    restored, made = graded(prepared, notebook)
    assert not restored.needs_person
    assert len(restored.remarks) <= 1
    assert any(PREDICTED in c["source"] for c in made["cells"])


BESIDE_STUB: dict[str, tuple[Edit, bool]] = {
    "pseudo-code": (insert("mean", "markdown", "Sum the columns, divide by N."), True),
    "another function": (insert("mean", "code", "def mean_of(X):\n    return X.mean(0)", 1), True),
    "what does not parse": (insert("mean", "code", "X.sum(0) over N", 1), True),
    "a raw cell": (insert("mean", "raw", "X.mean(0)", 2), True),
    "a try": (insert("mean", "code", "np.ones(3).mean()", 1), False),
    "a prediction": (write_into("01-predict-1", PREDICTED), False),
    "a note far away": (insert("01-setup-1", "markdown", "Started on Monday."), False),
    "nothing": (nothing, False),
}


@pytest.mark.parametrize("kind", BESIDE_STUB)
@pytest.mark.parametrize("cell_is", ["untouched", "blank", "missing"])
def test_an_untouched_answer_beside_the_students_own_goes_to_a_person(
    prepared, built, kind, cell_is
):
    notebook = built.notebook(ANSWER, double=RIGHT["double"])
    edit, expected = BESIDE_STUB[kind]
    edit(notebook)
    if cell_is == "blank":
        cell(notebook, "mean")["source"] = ""
    if cell_is == "missing":
        notebook["cells"].remove(cell(notebook, "mean"))
    restored, _ = graded(prepared, notebook)
    expected = expected or (kind, cell_is) == ("a try", "missing")  # it stands where the answer did
    assert bool(restored.needs_person) is expected, restored.needs_person
    if expected and "had lost its id" not in restored.needs_person:
        assert "‘mean’ was left as released, and there is something" in restored.needs_person


def test_a_prediction_is_no_answer_to_what_was_left_empty(prepared, built):
    notebook = built.released
    for where in ("01-predict-1", "01-predict-2"):
        write_into(where, PREDICTED)(notebook)
    restored, made = graded(prepared, notebook)
    assert (restored.needs_person, restored.remarks) == ("", ())
    assert untouched(cell(made, "explain"))
    assert sum(PREDICTED in c["source"] for c in made["cells"]) == 2


def test_what_is_only_shown_is_no_answer_to_what_was_left_empty(prepared, built):
    notebook = built.notebook(**RIGHT)
    other = {**copy.deepcopy(cell(notebook, "mean")), "source": "def column_means(answer):\n    4"}
    notebook["cells"].append(other)
    write_into("01-study-1", "this is no Python, and no answer to explain either")(notebook)
    _, made = graded(prepared, notebook)
    assert untouched(cell(made, "explain"))


def test_code_between_fences_is_no_answer_in_words(prepared, unexplained):
    insert("01-title-1", "markdown", "```python\nanswer = 'to explain it all'\n```")(unexplained)
    restored, made = graded(prepared, unexplained)
    assert untouched(cell(made, "explain"))
    assert restored.remarks == ()
