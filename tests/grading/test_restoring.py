"""The graded notebook is the instructor's, with the student's own cells in it."""

from __future__ import annotations

import codecs
import copy
import json
import random
from typing import Any

import pytest
from classroom import ANSWER, RIGHT, Classroom, cell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.build.release import prepare
from autograder.intake.notebook.reading import Unreadable, read_submission
from autograder.intake.notebook.restore import Restored, restore

Notebook = dict[str, Any]


@pytest.fixture(scope="module")
def prepared(built: Classroom) -> Notebook:
    return prepare(built.instructor)


@pytest.fixture
def right(built: Classroom) -> Notebook:
    return built.notebook(ANSWER, **RIGHT)


class Mended:
    """A restored submission, opened."""

    def __init__(self, restored: Restored) -> None:
        self.remarks = " | ".join(restored.remarks)
        self.needs_person = restored.needs_person
        self.notebook: Notebook = json.loads(restored.notebook)
        self.cells: list[Notebook] = self.notebook["cells"]

    def source(self, grade_id: str) -> str:
        return str(cell(self.notebook, grade_id)["source"])

    def place(self, text: str) -> int:
        return next(i for i, c in enumerate(self.cells) if text in c["source"])

    def has(self, text: str) -> bool:
        return any(text in c["source"] for c in self.cells)


def mend(prepared: Notebook, submitted: Notebook | bytes) -> Mended:
    data = submitted if isinstance(submitted, bytes) else json.dumps(submitted).encode()
    return Mended(restore(prepared, data))


def strip_ids(notebook: Notebook) -> Notebook:
    """As an editor leaves it that rebuilds every cell."""
    for found in notebook["cells"]:
        found["metadata"] = {}
        found.pop("id", None)
    return notebook


def is_right(mended: Mended) -> bool:
    return all(mended.source(name) == source for name, source in RIGHT.items())


def test_an_untouched_notebook_is_the_instructors_without_solutions(prepared, built):
    mended = mend(prepared, built.released)
    assert mended.cells == prepared["cells"]
    assert not mended.has("return 2 * x")
    assert "CANARY-01-double" in mended.source("double-values")
    assert (mended.remarks, mended.needs_person) == ("", "")


def test_answers_stand_where_they_belong(prepared, right):
    mended = mend(prepared, right)
    assert is_right(mended)
    assert ANSWER in mended.source("explain")
    assert (mended.remarks, mended.needs_person) == ("", "")


def test_a_copied_test_cell_costs_nobody_anything(prepared, right):
    right["cells"].insert(3, copy.deepcopy(cell(right, "double-values")))
    mended = mend(prepared, right)
    assert is_right(mended)
    assert len(mended.cells) == len(prepared["cells"])
    assert not mended.needs_person


def test_of_two_copies_the_one_that_is_filled_in_counts(prepared, built, right):
    stub = copy.deepcopy(cell(built.released, "double"))
    right["cells"].insert(2, stub)
    mended = mend(prepared, right)
    assert is_right(mended)
    assert not mended.needs_person


def test_two_different_versions_are_both_shown_to_a_person(prepared, right):
    other = {**copy.deepcopy(cell(right, "double")), "source": "def double(x): return 7"}
    right["cells"].append(other)
    mended = mend(prepared, right)
    assert "‘double’ was handed in 2 times" in mended.needs_person
    shown = mended.cells[mended.place("return 7")]
    assert shown["cell_type"] == "markdown"
    assert mended.source("double") == RIGHT["double"]


def test_cells_without_ids_are_found_by_what_they_say(prepared, right):
    mended = mend(prepared, strip_ids(right))
    assert is_right(mended)
    assert ANSWER in mended.source("explain")
    assert "came without an id" in mended.remarks
    assert not mended.needs_person
    assert len(mended.cells) == len(prepared["cells"])


def test_cells_go_back_to_their_order(prepared, right):
    random.Random(1).shuffle(right["cells"])
    mended = mend(prepared, right)
    assert [c["id"] for c in mended.cells] == [c["id"] for c in prepared["cells"]]
    assert is_right(mended)


def test_a_deleted_answer_is_an_empty_one_and_never_the_solution(prepared, right):
    right["cells"].remove(cell(right, "mean"))
    mended = mend(prepared, right)
    assert "NotImplementedError" in mended.source("mean")
    assert "‘mean’ is missing" in mended.remarks


def test_deleted_tests_come_back(prepared, right):
    right["cells"] = [c for c in right["cells"] if "-values" not in str(c["metadata"])]
    mended = mend(prepared, right)
    assert "CANARY-01-mean" in mended.source("mean-values")


def test_an_answer_merged_into_another_cell_is_not_undone_by_its_stub(prepared, right):
    cell(right, "double")["source"] = RIGHT["double"] + "\n\n\n" + RIGHT["mean"]
    right["cells"].remove(cell(right, "mean"))
    mended = mend(prepared, right)
    assert "def " not in mended.source("mean")
    assert "stands in another cell" in mended.remarks


def test_an_answer_inside_a_test_cell_is_taken_and_shown_to_a_person(prepared, right):
    test = cell(right, "mean-values")
    test["source"] = RIGHT["mean"] + "\n" + test["source"]
    right["cells"].remove(cell(right, "mean"))
    mended = mend(prepared, right)
    assert "def column_means" in mended.source("mean")
    assert "CANARY-01-mean" in mended.source("mean-values")
    assert "taken from a test cell" in mended.needs_person


def test_a_changed_test_is_the_original_again(prepared, right):
    cell(right, "double-values")["source"] += "\n3"
    mended = mend(prepared, right)
    assert mended.source("double-values") == cell(prepared, "double-values")["source"]
    assert "‘double-values’ was changed" in mended.remarks


def test_tags_points_and_flags_of_a_submission_are_ignored(prepared, right):
    for found in right["cells"]:
        found["metadata"]["tags"] = ["skip-execution", "raises-exception", "study"]
        if "nbgrader" in found["metadata"]:
            found["metadata"]["nbgrader"] |= {"points": 99, "grade": True, "locked": False}
    mended = mend(prepared, right)
    assert [c["metadata"] for c in mended.cells] == [c["metadata"] for c in prepared["cells"]]


def test_a_forged_test_id_turns_no_cell_into_a_test(prepared, right):
    for found in right["cells"]:
        found["metadata"]["nbgrader"] = {"grade_id": "double-values", "grade": True}
        found["id"] = "double-values"
    mended = mend(prepared, right)
    assert is_right(mended)
    assert mended.source("double-values") == cell(prepared, "double-values")["source"]


def test_added_cells_stay_beside_their_neighbours(prepared, right):
    place = right["cells"].index(cell(right, "mean"))
    extra = {"cell_type": "code", "metadata": {}, "source": ["helper = 1"], "outputs": []}
    right["cells"].insert(place, extra)
    mended = mend(prepared, right)
    assert mended.place("helper = 1") == mended.place("def column_means") - 1
    added = mended.cells[mended.place("helper = 1")]
    assert added["id"] == "added-1"


def test_what_a_student_adds_on_top_runs_after_the_setup_cell(prepared, right):
    right["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": "mine = 1"})
    mended = mend(prepared, right)
    assert mended.place("mine = 1") == mended.place("setup.start()") + 1


def test_setup_and_study_cells_are_the_instructors(prepared, right):
    before = {}
    for found in right["cells"]:
        if set(found["metadata"].get("tags", [])) & {"setup", "study"}:
            before[found["id"]] = found["source"]
            found["source"] = "total = sum(range(10**9))"
    mended = mend(prepared, right)
    assert len(before) == 2
    assert {c["id"]: c["source"] for c in mended.cells if c["id"] in before} == before
    assert "the setup cell" in mended.remarks


def test_what_was_added_to_a_setup_or_study_cell_runs_behind_it(prepared, right):
    for found in right["cells"]:
        if set(found["metadata"].get("tags", [])) & {"setup", "study"}:
            found["source"] += f"\nimport math as m{found['id'].split('-')[1]}"
    mended = mend(prepared, right)
    assert mended.place("as msetup") == mended.place("setup.start()") + 1
    assert mended.place("as mstudy") == mended.place("a study cell") + 1
    added = [c for c in mended.cells if "import math" in c["source"]]
    assert [c["cell_type"] for c in added] == ["code", "code"]
    assert not any("tags" in c["metadata"] for c in added)  # they run
    assert "what was added to the setup cell and ‘01-study-1’ was run" in mended.remarks
    assert not mended.needs_person


def test_a_study_cell_that_was_changed_costs_no_time_and_still_defines(prepared, right):
    study = next(c for c in right["cells"] if "study" in c["metadata"].get("tags", []))
    study["source"] = (
        "import math\nn = 3\nfor i in range(10**9):\n    helper(i)\ndef helper(i): ..."
    )
    mended = mend(prepared, right)
    code = [c["source"] for c in mended.cells if c["metadata"].get("autograder")]
    assert code[-1] == "import math\nn = 3\ndef helper(i): ..."
    assert mended.cells[mended.place("    for i in range")]["cell_type"] == "markdown"
    assert "‘01-study-1’ was changed; the original was kept" in mended.remarks


def test_an_answer_below_its_question_belongs_to_it(prepared, built):
    notebook = built.released
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": ANSWER})
    mended = mend(prepared, notebook)
    assert mended.source("explain").endswith(ANSWER)
    assert "a cell of its own" in mended.remarks


def test_images_of_a_written_answer_are_kept_and_nothing_else_is(prepared, right):
    cell(right, "explain")["attachments"] = {
        "a.png": {"image/png": "iVBORw0KGgo="},
        "b.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"},
        "c.png": {"image/png": "<script>"},
    }
    mended = mend(prepared, right)
    assert cell(mended.notebook, "explain")["attachments"] == {
        "a.png": {"image/png": "iVBORw0KGgo="}
    }


def test_another_units_notebook_is_shown_to_a_person(prepared):
    other = {"cells": [{"cell_type": "code", "source": "print(1)", "metadata": {}}]}
    assert "another unit" in mend(prepared, other).needs_person


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\\n", "\\r\\n").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["plain", "with a mark", "UTF-16", "Windows sources", "Windows file"],
)
def test_the_encoding_of_a_file_does_not_matter(prepared, right, encode):
    mended = mend(prepared, encode(json.dumps(right, indent=1, ensure_ascii=False)))
    assert is_right(mended)
    assert not mended.remarks


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman", "ascii"])
def test_texts_of_the_unit_are_as_released_in_whatever_encoding(prepared, right, encoding):
    special = "● two of ◑ – “½” …"
    unit = copy.deepcopy(prepared)
    for notebook in (unit, right):
        for found in notebook["cells"]:
            found["source"] = found["source"].replace("Axis", special).replace("Twice", special)
        notebook["cells"][2]["source"] += "\n● one"
    cell(right, "mean")["source"] += "\ndone = True"
    text = json.dumps(right, ensure_ascii=False)
    mended = mend(unit, text.encode(encoding, "replace"))
    assert mended.source("mean").endswith("done = True")
    assert len(mended.cells) == len(unit["cells"])
    assert not mended.needs_person
    assert ("beyond ASCII" in mended.remarks) is (encoding == "ascii")
    assert ("Windows-1252" in mended.remarks) is (encoding != "ascii")


def test_an_answer_that_its_files_encoding_may_have_spoilt_goes_to_a_person(prepared, right):
    cell(right, "mean")["source"] = "def column_means(größe):\n    return größe.mean(axis=0)"
    unit = copy.deepcopy(prepared)
    for notebook in (unit, right):
        notebook["cells"][2]["source"] += " – so"
    text = json.dumps(right, ensure_ascii=False)
    assert "‘mean’ is no Python" in mend(unit, text.encode("ascii", "replace")).needs_person
    assert not mend(unit, text.encode("cp1252", "replace")).needs_person
    cell(right, "mean")["source"] = cell(unit, "mean")["source"]
    text = json.dumps(right, ensure_ascii=False)
    assert not mend(unit, text.encode("ascii", "replace")).needs_person


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
def test_older_formats_and_other_kernels_are_read(prepared, right, minor):
    right["nbformat_minor"] = minor
    right["metadata"] = {"kernelspec": {"name": "conda-env-x", "display_name": "X"}}
    for found in right["cells"]:
        found.pop("id", None)
    mended = mend(prepared, right)
    assert is_right(mended)
    assert mended.notebook["metadata"] == prepared["metadata"]


def test_the_format_before_version_4_is_read(prepared, right):
    cells = [
        {"cell_type": "code", "input": c["source"].splitlines(keepends=True), "language": "python"}
        if c["cell_type"] == "code"
        else {"cell_type": "markdown", "source": c["source"]}
        for c in right["cells"]
    ]
    mended = mend(prepared, {"nbformat": 3, "worksheets": [{"cells": cells}], "metadata": {}})
    assert is_right(mended)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"cells": [', "not a complete notebook"),
        (b"hello", "not a complete notebook"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b"[" * 100_000, "not a complete notebook"),
        (b"[" * 100_000 + b"]" * 100_000, "not a notebook"),
        (b'{"cells": ' + b"9" * 5000 + b"}", "no cells"),
        (b"\x00\xff" * 50, "not a complete notebook"),
    ],
)
def test_what_is_not_a_notebook_is_refused_with_its_reason(data, reason):
    with pytest.raises(Unreadable, match=reason):
        read_submission(data)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
odd_cell = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | anything,
        "source": anything,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": anything}) | anything,
        "id": anything,
        "attachments": anything,
        "outputs": anything,
    },
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(odd_cell | anything, max_size=6))
def test_no_type_in_a_file_can_stop_the_grader(prepared, cells):
    data = json.dumps({"cells": cells}).encode()
    mended = Mended(restore(prepared, data))
    for name in ("double-values", "mean-values"):
        assert mended.source(name) == cell(prepared, name)["source"]
    json.dumps(mended.notebook, ensure_ascii=False).encode()  # a file can hold it


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_no_mangling_that_leaves_the_code_intact_loses_an_answer(prepared, built, seed):
    rng = random.Random(seed)
    notebook = built.notebook(ANSWER, **RIGHT)
    cells = notebook["cells"]
    for found in cells:
        if rng.random() < 0.5:
            found.pop("id", None)
        if rng.random() < 0.5:
            found["metadata"] = {}
        if rng.random() < 0.2:
            found["source"] = found["source"].splitlines(keepends=True)
    for _ in range(rng.randrange(4)):
        cells.insert(rng.randrange(len(cells)), copy.deepcopy(rng.choice(cells)))
    if rng.random() < 0.5:
        tests = [c for c in cells if "score.total" in str(c["source"])]
        cells.remove(rng.choice(tests))
    if rng.random() < 0.5:
        rng.shuffle(cells)
    assert is_right(mend(prepared, notebook))


def test_what_was_added_to_a_text_is_not_run_whatever_kind_the_cell_has_become(prepared, right):
    found = right["cells"][2]
    found["cell_type"] = "code"
    found["source"] += "\nprint(1)"
    mended = mend(prepared, right)
    added = mended.cells[mended.place("print(1)")]
    assert (added["cell_type"], added["source"]) == ("markdown", "print(1)")


SINCE = [  # what became of the old test in the student's file, what is said of it, who must look
    ("as it was released", "‘double-values’ is newer than in the notebook that was handed out"),
    ("changed", "‘double-values’ was changed; the original was used"),
    ("without metadata", "‘double-values’ is not as in the unit"),
    ("without its checksum", "‘double-values’ is not as in the unit"),
    ("changed, with lines of its own", "‘double-values’ was changed; the original was used"),
]


@pytest.mark.parametrize(("fate", "said"), SINCE)
def test_who_has_changed_a_test_the_instructor_or_the_student(built, right, fate, said):
    """The instructor mends a visible test after the release: nobody in the class has changed it."""
    instructor = built.instructor
    test = cell(instructor, "double-values")
    test["source"] = (
        test["source"].replace("[1.0, 2.0]", "[1.5, 2.5]").replace("[2.0, 4.0]", "[3, 5]")
    )
    handed_in = cell(right, "double-values")
    if fate.startswith("changed"):
        handed_in["source"] = handed_in["source"].replace("[2.0, 4.0]", "[9.0, 9.0]")
    if "lines" in fate:
        handed_in["source"] = "mine = 1\n" + handed_in["source"]
    if fate == "without metadata":
        handed_in["metadata"] = {}
    if fate == "without its checksum":
        del handed_in["metadata"]["nbgrader"]["checksum"]
    restored = Mended(restore(prepare(instructor), json.dumps(right).encode()))
    assert said in restored.remarks
    assert "[1.5, 2.5]" in restored.source("double-values")
    assert "[9.0, 9.0]" not in restored.source("double-values")
    assert any("mine = 1" in c["source"] for c in restored.cells) == ("lines" in fate)
    if fate == "as it was released":
        assert restored.remarks.count("double-values") == 1
        assert restored.needs_person == ""
        assert len(restored.cells) == len(built.released["cells"])
