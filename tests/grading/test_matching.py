"""Which submitted cell belongs to which cell of the unit: cells in; found, copies, remarks out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.intake.notebook.matching import Matching
from autograder.intake.notebook.reading import Submitted

STUB = "raise NotImplementedError"
DOUBLE = "def double(x):\n    return x + x"
OTHER = "def double(x):\n    return 2 * x"
FIRST, SECOND = "def first(p):\n    return p[0]", "def second(p):\n    return p[1]"
PAIR = f"{FIRST}\n\n\n{SECOND}"
ANSWERS = 'answers = {"q1": "b"}'
QUESTION = "**Why is the mean taken over the samples?** (two sentences)"
EMPTY = f"{QUESTION}\n\n*Your answer here.*"
WRITTEN = f"{QUESTION}\n\nSince the loss is one number for the whole batch."
VISIBLE = 'from lessonkit import check\nscore = check.Score("Double", 3)\ncheck.close(double(1), 2)'
HIDDEN = "### BEGIN HIDDEN TESTS\ncheck.close(double(7), 14)\n### END HIDDEN TESTS\nscore.total()"


def text(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def code(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source}


def graded(cell: dict[str, Any], grade: bool, solution: bool) -> dict[str, Any]:
    meta = {"grade_id": cell["id"], "grade": grade, "solution": solution, "points": 1}
    return {**cell, "metadata": {"nbgrader": meta}}


UNIT = [
    text("intro", "# A unit of everything that there is"),
    code("demo", "import numpy as np\nx = np.arange(3)\nprint(x)"),
    text("ask", "### Exercise 1 · Write the function that doubles"),
    graded(code("double", f"def double(x):\n    {STUB}"), False, True),
    graded(code("double-test", f"{VISIBLE}\n{HIDDEN}"), True, False),
    graded(code("pair", f"def first(p):\n    {STUB}\n\n\ndef second(p):\n    {STUB}"), False, True),
    graded(code("pair-test", "assert first((1, 2)) == 1\nassert second((1, 2)) == 2"), True, False),
    graded(code("quiz", f"# answers = {{}}\n{STUB}"), False, True),
    graded(code("quiz-test", 'assert answers["q1"] == "b"\ndisplay(x)'), True, False),
    graded(text("explain", EMPTY), True, True),
]
NAMES = [cell["id"] for cell in UNIT]
RIGHT = {"double": DOUBLE, "pair": PAIR, "quiz": ANSWERS, "explain": WRITTEN}


@dataclass(frozen=True)
class Cell:
    """A cell to hand in: one of the unit's, or with another text, kind or less of its ids."""

    name: str
    source: str | None = None
    kind: str = ""
    grade_id: bool = True
    id: bool = True

    def at(self, index: int) -> Submitted:
        cell = next((c for c in UNIT if c["id"] == self.name), code(self.name, ""))
        source = self.source
        if source is None:
            source = RIGHT.get(self.name) or cell["source"]
        graded = "nbgrader" in cell["metadata"]
        return Submitted(
            index=index,
            kind=self.kind or cell["cell_type"],
            source=source.replace(f"{HIDDEN}", "score.total()"),
            id=self.name if self.id else "",
            grade_id=self.name if graded and self.grade_id else "",
        )


def bare(name: str, source: str | None = None, kind: str = "") -> Cell:
    """Without any id, as an editor leaves it that rebuilds cells."""
    return Cell(name, source, kind, grade_id=False, id=False)


def own(source: str, kind: str = "code") -> Cell:
    """A cell of the student's own."""
    return Cell("mine", source, kind, grade_id=False, id=False)


def everything(**instead: Cell | list[Cell]) -> list[Cell]:
    """The whole notebook, answered, with some cells in the place of the usual ones."""
    cells: list[Cell] = []
    for name in NAMES:
        new = instead.get(name.replace("-", "_"), Cell(name))
        cells += new if isinstance(new, list) else [new]
    return cells


@dataclass(frozen=True)
class Row:
    """What is handed in, and what must come of it.

    found   name of the unit's cell -> positions of what makes it up, for those that matter
    copies  the same for further ones
    free    positions of the student's own cells
    """

    title: str
    cells: list[Cell]
    found: dict[str, list[int]] = field(default_factory=dict)
    copies: dict[str, list[int]] = field(default_factory=dict)
    free: list[int] = field(default_factory=list)
    unsure: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    missing: list[str] = field(default_factory=list)


def without_ids(name: str) -> str:
    return f"‘{name}’ came without an id: found by what it says"


def more_than_once(names: str, verb: str = "was") -> str:
    return f"{names} {verb} handed in more than once: the copies are the same, or as released"


def versions(name: str, number: int = 2) -> str:
    return (
        f"‘{name}’ was handed in {number} times with different contents; "
        "the last version above its test was graded, or else the first below"
    )


def apart(name: str) -> str:
    return f"the answer to ‘{name}’ stood in a cell of its own, its own cell was left as released"


SPLIT = "‘pair’ was split into several cells, which were joined"
STUB_DOUBLE = Cell("double", UNIT[3]["source"])

ROWS = [
    Row("as it should be", everything(), dict(zip(NAMES, [[i] for i in range(10)], strict=True))),
    Row("nothing", [], missing=NAMES),
    Row("untouched", everything(double=STUB_DOUBLE), {"double": [3]}),
    Row("an added cell", everything(demo=[Cell("demo"), own("y = 1")]), {"double": [4]}, free=[2]),
    Row("upside down", everything()[::-1], {"double": [6], "explain": [0], "intro": [9]}),
    Row("a deleted answer", everything(double=[]), {"pair": [4]}, missing=["double"]),
    Row("a deleted test", everything(double_test=[]), {"double": [3]}, missing=["double-test"]),
    Row("cell ids lost", [Cell(n, id=False) for n in NAMES], {n: [i] for i, n in enumerate(NAMES)}),
    Row(
        "grade_ids lost",
        [Cell(n, grade_id=False) for n in NAMES],
        {n: [i] for i, n in enumerate(NAMES)},
    ),
    Row(
        "all ids lost",
        [bare(n) for n in NAMES],
        {n: [i] for i, n in enumerate(NAMES)},
        remarks=("‘double’, ‘pair’, ‘quiz’ and 1 more came without an id: found by what they say",),
    ),
    Row(
        "all ids lost, upside down",
        [bare(n) for n in NAMES[::-1]],
        {n: [9 - i] for i, n in enumerate(NAMES)},
        remarks=("‘double’, ‘pair’, ‘quiz’ and 1 more came without an id: found by what they say",),
    ),
    Row(
        "an answer without an id",
        everything(double=bare("double")),
        {"double": [3]},
        remarks=(without_ids("double"),),
    ),
    Row(
        "an answer that became markdown",
        everything(double=bare("double", kind="markdown")),
        {"double": [3]},
        remarks=(without_ids("double"),),
    ),
    Row(
        "an answer that became raw, between fences",
        everything(double=bare("double", f"Mine:\n\n```python\n{DOUBLE}\n```", "raw")),
        {"double": [3]},
        remarks=(without_ids("double"),),
    ),
    Row(
        "a stub that became markdown",
        everything(double=bare("double", UNIT[3]["source"], "markdown")),
        {"double": [3]},
    ),
    Row(
        "a written answer that became code",
        everything(explain=bare("explain", kind="code")),
        {"explain": [9]},
        remarks=(without_ids("explain"),),
    ),
    Row(
        "a long written answer that became raw",
        everything(explain=bare("explain", WRITTEN + " And so on." * 99, "raw")),
        {"explain": [9]},
        remarks=(without_ids("explain"),),
    ),
    Row(
        "an answer without id under another name",
        everything(double=bare("double", "def zwiefach(v):\n    return v * 2  # and so on")),
        {"double": [3]},
        unsure=("‘double’ had lost its id and was found by where it stands",),
    ),
    Row(
        "an answer without id under another name, and a cell beside it",
        everything(double=[bare("double", "def zwiefach(v): return v"), own("y = 1")]),
        free=[3, 4],
        missing=["double"],
    ),
    Row(
        "two versions, the second below the test",
        everything(double_test=[Cell("double-test"), Cell("double", OTHER)]),
        {"double": [3]},
        {"double": [5]},
        unsure=(versions("double"),),
    ),
    Row(
        "two versions above the test",
        everything(double=[Cell("double", OTHER), Cell("double")]),
        {"double": [4]},
        {"double": [3]},
        unsure=(versions("double"),),
    ),
    Row(
        "three versions, all below the test",
        [
            *everything(double=[]),
            *(Cell("double", source) for source in (OTHER, DOUBLE, "def double(x): 3")),
        ],
        {"double": [9]},
        {"double": [10, 11]},
        unsure=(versions("double", 3),),
    ),
    Row(
        "two versions without ids",
        everything(double=[bare("double", OTHER), bare("double")]),
        {"double": [4]},
        {"double": [3]},
        unsure=(versions("double"),),
        remarks=(without_ids("double"),),
    ),
    Row(
        "two versions of a text",
        everything(explain=[Cell("explain"), Cell("explain", WRITTEN + " Or not.")]),
        {"explain": [10]},
        {"explain": [9]},
        unsure=(versions("explain"),),
    ),
    Row(
        "two versions of a demonstration call nobody",
        everything(demo=[Cell("demo", "x = 1"), Cell("demo", "x = 2")]),
        {"demo": [2]},
        {"demo": [1]},
    ),
    Row(
        "a stub and an answer with the same ids",
        everything(double=[STUB_DOUBLE, Cell("double")]),
        {"double": [4]},
        {"double": [3]},
        remarks=(more_than_once("‘double’"),),
    ),
    Row(
        "an answer and a copy of it",
        everything(double=[Cell("double"), Cell("double")]),
        {"double": [3]},
        {"double": [4]},
        remarks=(more_than_once("‘double’"),),
    ),
    Row(
        "a copied test",
        everything(double_test=[Cell("double-test"), Cell("double-test")]),
        {"double-test": [4]},
        {"double-test": [5]},
        remarks=(more_than_once("‘double-test’"),),
    ),
    Row(
        "of two tests the one that is as released",
        everything(double_test=[Cell("double-test", VISIBLE + "\nprint(1)"), Cell("double-test")]),
        {"double-test": [5]},
        {"double-test": [4]},
    ),
    Row(
        "the whole notebook twice",
        everything() + everything(),
        {n: [i] for i, n in enumerate(NAMES)},
        {n: [i + 10] for i, n in enumerate(NAMES)},
        remarks=(more_than_once("‘double’, ‘double-test’, ‘pair’ and 7 more", "were"),),
    ),
    Row(
        "an answer split between its functions",
        everything(pair=[Cell("pair", FIRST), Cell("pair", SECOND)]),
        {"pair": [5, 6]},
        remarks=(SPLIT,),
    ),
    Row(
        "an answer split within a function",
        everything(pair=[Cell("pair", PAIR[:-15]), Cell("pair", "    return p[1]")]),
        {"pair": [5, 6]},
        remarks=(SPLIT,),
    ),
    Row(
        "an answer split within a function, the second part without ids",
        everything(pair=[Cell("pair", PAIR[:-15]), bare("pair", "\n    return p[1]")]),
        {"pair": [5, 6]},
        remarks=(SPLIT,),
    ),
    Row(
        "an answer split within a function, the first part without ids",
        everything(pair=[bare("pair", PAIR[:-15]), Cell("pair", "    return p[1]")]),
        {"pair": [5, 6]},
        remarks=(without_ids("pair"), SPLIT),
    ),
    Row(
        "an answer split between its functions, the second part without ids",
        everything(pair=[Cell("pair", FIRST), bare("pair", SECOND)]),
        {"pair": [5]},
        free=[6],
    ),
    Row(
        "a text that is indented is no part of the answer above it",
        everything(pair=[Cell("pair"), own("    return p[1]", "markdown")]),
        {"pair": [5]},
        free=[6],
    ),
    Row(
        "an answer split, all ids lost",
        everything(pair=[bare("pair", FIRST), bare("pair", SECOND)]),
        {"pair": [5, 6]},
        remarks=(SPLIT, without_ids("pair")),
    ),
    Row(
        "a written answer split below its question",
        everything(explain=[Cell("explain", EMPTY), Cell("explain", "Since it is one number.")]),
        {"explain": [9, 10]},
        remarks=(SPLIT.replace("pair", "explain"),),
    ),
    Row(
        "an answer beside its stub",
        everything(double=[STUB_DOUBLE, own(DOUBLE)]),
        {"double": [4]},
        {"double": [3]},
        remarks=(apart("double"),),
    ),
    Row(
        "an answer beside its blank cell",
        everything(double=[own(DOUBLE), Cell("double", " \n")]),
        {"double": [3]},
        {"double": [4]},
        remarks=(apart("double"),),
    ),
    Row(
        "an answer far below its stub",
        [*everything(double=STUB_DOUBLE), own(DOUBLE)],
        {"double": [10]},
        {"double": [3]},
        unsure=("the answer to ‘double’ stood below its test, and was moved above it",),
        remarks=(apart("double"),),
    ),
    Row(
        "the quiz answered beside its stub",
        everything(quiz=[Cell("quiz", UNIT[7]["source"]), own(ANSWERS)]),
        {"quiz": [8]},
        {"quiz": [7]},
        remarks=(apart("quiz"),),
    ),
    Row(
        "an experiment with an answered function is the student's own",
        [*everything(), own("def double(x):\n    return 7")],
        {"double": [3]},
        free=[10],
    ),
    Row(
        "ids of two answers mixed up",
        everything(double=Cell("double", PAIR), pair=Cell("pair", DOUBLE)),
        {"double": [5], "pair": [3]},
        remarks=("‘double’ and ‘pair’ came without an id: found by what they say",),
    ),
    Row(
        "a test's id on another cell",
        everything(double_test=[Cell("double-test", "score = 3\nscore"), bare("double-test")]),
        {"double-test": [5]},
        free=[4],
    ),
    Row(
        "a test with a print in it is the test",
        everything(double_test=Cell("double-test", "print(double(1))\n" + VISIBLE)),
        {"double-test": [4]},
    ),
    Row(
        "a test's kind and ids lost",
        everything(double_test=bare("double-test", kind="raw")),
        {"double-test": [4]},
    ),
    Row(
        "a text that was lengthened, without its id",
        everything(ask=bare("ask", UNIT[2]["source"] + "\n\nHard!")),
        {"ask": [2]},
    ),
    Row(
        "a demonstration that became a text of its own",
        everything(demo=bare("demo", "No idea.", "markdown")),
        free=[1],
        missing=["demo"],
    ),
    Row(
        "blank cells between",
        [c for cell in everything() for c in (cell, own(""))],
        {"double": [6]},
        free=list(range(1, 20, 2)),
    ),
    Row(
        "one cell of something else",
        [own("y = 1")],
        free=[0],
        missing=NAMES,
    ),
    Row(
        "a text twice in other words, without ids",
        everything(ask=[bare("ask", UNIT[2]["source"] + s) for s in ("!!! Too long", "!")]),
        {"ask": [3]},
        free=[2],
    ),
    Row(
        "a demonstration twice, without ids",
        everything(demo=[bare("demo"), bare("demo")]),
        {"demo": [1]},
        free=[2],
    ),
    Row(
        "a demonstration as a text and as code",
        everything(demo=[bare("demo", kind="raw"), bare("demo")]),
        {"demo": [2]},
        free=[1],
    ),
    Row(
        "a whole answer counts more than a part of it",
        everything(pair=[bare("pair", f"{FIRST}  # a try"), bare("pair")]),
        {"pair": [6]},
        free=[5],
        remarks=(without_ids("pair"),),
    ),
    Row(
        "two versions, and no test",
        [*everything(double=Cell("double", OTHER), double_test=[]), Cell("double")],
        {"double": [9]},
        {"double": [3]},
        unsure=(versions("double"),),
        missing=["double-test"],
    ),
    Row(
        "two versions of the last answer, and no test",
        [*everything(quiz_test=[]), Cell("quiz", f"{ANSWERS}  # no")],
        {"quiz": [9]},
        {"quiz": [7]},
        unsure=(versions("quiz"),),
        missing=["quiz-test"],
    ),
    *(
        Row(
            f"two versions, and a test {title}",
            [*everything(double=Cell("double", OTHER), double_test=test), Cell("double")],
            {"double": [3], "double-test": [4]},
            {"double": [10]},
            unsure=(versions("double"),),
        )
        for title, test in {
            "that was changed": Cell("double-test", VISIBLE + "\nprint(1)", id=False),
            "that was changed, without its grade_id": Cell(
                "double-test", VISIBLE + "\nprint(1)", grade_id=False
            ),
            "without ids": bare("double-test"),
        }.items()
    ),
    Row(
        "an answer under another name",
        everything(double=Cell("double", "def zwiefach(v):\n    return v * 2")),
        {"double": [3]},
    ),
    Row(
        "two versions under other names",
        everything(double=[Cell("double", "a = 1"), Cell("double", "b = 2")]),
        {"double": [4]},
        {"double": [3]},
        unsure=(versions("double"),),
    ),
    Row(
        "a stub and a copy of it without ids",
        everything(double=[STUB_DOUBLE, bare("double", STUB_DOUBLE.source)]),
        {"double": [3]},
        free=[4],
    ),
    Row(
        "an answer in the next answer's cell, and a cell in its place",
        everything(double=own("y = 1"), pair=Cell("pair", f"{PAIR}\n{DOUBLE}")),
        {"pair": [5]},
        free=[3],
        missing=["double"],
    ),
    Row(
        "a cell in the place of a demonstration",
        everything(demo=own("y = 1")),
        free=[1],
        missing=["demo"],
    ),
    Row("a blank written answer", everything(explain=Cell("explain", " \n")), {"explain": [9]}),
    Row("a blank answer", everything(double=Cell("double", "")), {"double": [3]}),
    Row("a blank test", everything(double_test=Cell("double-test", "")), {"double-test": [4]}),
    Row(
        "a written answer and a blank copy",
        everything(explain=[Cell("explain"), Cell("explain", " ")]),
        {"explain": [9]},
        {"explain": [10]},
        remarks=(more_than_once("‘explain’"),),
    ),
    Row(
        "an answer that became markdown and is no Python",
        everything(double=bare("double", f"{STUB_DOUBLE.source} or", "markdown")),
        {"double": [3]},
        remarks=(without_ids("double"),),
    ),
    Row(
        "a written answer to a question in other words, now raw",
        everything(explain=bare("explain", EMPTY.replace("two", "2") + " No.", "raw")),
        {"explain": [9]},
        remarks=(without_ids("explain"),),
    ),
    Row(
        "a changed test without ids is the student's own",
        everything(double_test=bare("double-test", VISIBLE + "\nprint(1)")),
        free=[4],
        missing=["double-test"],
    ),
    Row(
        "of two tests the first one if it is as released",
        everything(double_test=[Cell("double-test"), Cell("double-test", VISIBLE + "\nprint(1)")]),
        {"double-test": [4]},
        {"double-test": [5]},
    ),
    Row(
        "of two changed tests the first one",
        everything(double_test=[Cell("double-test", f"{VISIBLE}\nprint({n})") for n in "12"]),
        {"double-test": [4]},
        {"double-test": [5]},
    ),
    Row(
        "an answer found by its place among notes",
        everything(
            intro=[own("y = 1"), Cell("intro")],
            double=[own("Hm.", "raw"), own("def zwiefach(v): return v"), own(" ")],
        ),
        {"double": [5]},
        free=[0, 4, 6],
        unsure=("‘double’ had lost its id and was found by where it stands",),
    ),
    Row(
        "a text that is quoted in a long one",
        everything(ask=own(UNIT[2]["source"] + " And so on." * 99, "markdown")),
        free=[2],
        missing=["ask"],
    ),
    Row(
        "an answer split below its functions",
        everything(pair=[Cell("pair"), Cell("pair", "print(first((1, 2)))")]),
        {"pair": [5, 6]},
        remarks=(SPLIT,),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_cells_are_found_again(row: Row) -> None:
    match = Matching(UNIT, [cell.at(index) for index, cell in enumerate(row.cells)])
    for name, positions in row.found.items():
        assert match.parts.get(NAMES.index(name)) == positions, name
        assert match.found[NAMES.index(name)] == positions[0]
    assert {NAMES[i]: sorted(s) for i, s in match.copies.items()} == row.copies
    assert [s.index for s in match.free] == row.free
    assert (match.unsure, match.remarks) == (row.unsure, row.remarks)
    assert [NAMES[index] for index in match.open()] == row.missing


def test_each_submitted_cell_is_found_a_copy_or_free_and_only_one_of_them() -> None:
    for row in ROWS:
        match = Matching(UNIT, [cell.at(index) for index, cell in enumerate(row.cells)])
        places = [s for parts in match.parts.values() for s in parts]
        places += [s for copies in match.copies.values() for s in copies]
        places += [s.index for s in match.free]
        assert sorted(places) == list(range(len(row.cells))), row.title


def test_an_answer_defines_the_names_of_its_stub_or_those_that_its_tests_ask_for() -> None:
    match = Matching(UNIT, [])
    assert match.names == {3: {"double"}, 5: {"first", "second"}, 7: {"answers"}}


def test_of_cells_that_say_the_same_each_is_found_once() -> None:
    rules = [text("a", "---"), text("b", "---")]
    match = Matching(rules, [Submitted(index, "markdown", "---") for index in range(3)])
    assert match.parts == {0: [0], 1: [1]}
    assert [s.index for s in match.free] == [2]


def test_a_short_question_is_not_known_by_its_words() -> None:
    match = Matching([graded(text("why", "Why?"), True, True)], [own("Why? " * 30).at(0)])
    assert match.found == {}


def test_a_picture_alone_is_an_answer() -> None:
    said = Submitted(0, "markdown", EMPTY, "explain", "explain", {"a.png": {"image/png": "AAAA"}})
    match = Matching(UNIT, [said])
    assert not match.unanswered(9)
    assert match.unanswered(3)
