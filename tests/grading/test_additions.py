"""What a student wrote into an instructor's cell, and what the Python in a cell says."""

from __future__ import annotations

import pytest

from autograder.intake.notebook.additions import Addition, addition
from autograder.intake.notebook.code import (
    LONGEST_PARSED,
    asked,
    defined,
    definitions,
    is_prose,
    parsed,
    python_in,
)

RELEASED = "import lessonkit\n\nfor i in range(3):\n    print(i)"
ENDLESS = "while True:\n    pass"


@pytest.mark.parametrize(
    ("handed_in", "cheap", "expected"),
    [
        (RELEASED, False, Addition()),
        (f"\n{RELEASED}   \n\n", False, Addition()),
        ("import lessonkit\nfor i in range(3):\n\n    print(i)", False, Addition()),
        (f"{RELEASED}\nimport math", False, Addition("import math", True, "import math")),
        (f"import math\n{RELEASED}", True, Addition("import math", True, "import math")),
        (f"{RELEASED}\n\n{ENDLESS}", True, Addition(ENDLESS, True, ENDLESS)),
        (f"{RELEASED}\n%pip install x", False, Addition("%pip install x", True, "%pip install x")),
        (f"{RELEASED}\n    print(-i)", True, Addition("    print(-i)", True, "")),
        (f"{RELEASED}\nno python", True, Addition("no python", True, "")),
        ("import lessonkit\nx = f(3)", False, Addition("x = f(3)", False, "x = f(3)")),
        ("import lessonkit\nx = f(3)", True, Addition("x = f(3)", False, "")),
        ("import lessonkit\nx = 3", True, Addition("x = 3", False, "x = 3")),
        (ENDLESS, False, Addition(ENDLESS, False, ENDLESS)),
        (ENDLESS, True, Addition(ENDLESS, False, "")),
        ("", True, Addition("", False, "")),
        (
            "import lessonkit\nimport lessonkit\n\n    print(i)",
            True,
            Addition("import lessonkit", False, ""),
        ),
        (
            "a = 1\n\n\nb = 2\nimport lessonkit",
            True,
            Addition("a = 1\n\n\nb = 2", False, "a = 1\nb = 2"),
        ),
    ],
)
def test_an_addition_is_what_the_released_cell_does_not_have(handed_in, cheap, expected):
    assert addition(RELEASED, handed_in, cheap) == expected


def test_definitions_are_what_takes_no_time():
    source = "\n".join(
        [
            "import math, os",
            "from a import (",
            "    b,",
            ")",
            "@cached",
            "def f(x):",
            "    return g(x)",
            "async def h(): ...",
            "class A: pass",
            "n: int = 3",
            "lr = 0.1 * n",
            "data = load()",
            "n += 1",
            "print(n)",
            "known = 1",
        ]
    )
    lines = source.split("\n")
    assert definitions(source, "known = 1\nprint(n)") == "\n".join(lines[:11])
    assert definitions("n = ", "") == ""
    assert definitions("n = 1", "no python") == "n = 1"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): pass\nclass A:\n    b = 1\nasync def g(): ...", "f A g"),
        ("x = 1\ny: int = 2\nz == 3\n  w = 4\nu, v = 1, 2", "x y"),
        ("", ""),
    ],
)
def test_names_are_defined_at_the_top_level(source, names):
    assert defined(source) == frozenset(names.split())


@pytest.mark.parametrize(
    ("kind", "source", "code"),
    [
        ("code", "no python at all", "no python at all"),
        ("raw", "x = 1", "x = 1"),
        ("markdown", "def f(x):\n    return x", "def f(x):\n    return x"),
        ("markdown", "Hello", ""),
        ("markdown", "x = 1 is a fine start", ""),
        ("markdown", "So:\n```python\nx = 1\n```\nand\n```\ny = 2\n```", "x = 1\n\n\ny = 2\n"),
        ("markdown", "So:\n```\nx + 1\n```", ""),
        ("raw", "So:\n```\nx = 1", ""),
    ],
)
def test_the_python_in_a_cell(kind, source, code):
    assert python_in(kind, source) == code


def test_a_test_asks_for_the_names_that_it_does_not_make_itself():
    test = "\n".join(
        [
            "import numpy as np, os.path",
            "from lessonkit import check as c",
            "def helper(a, *b): return a + len(b)",
            "class Own: pass",
            "for i in range(3):",
            "    with c.part('x') as part: helper(f(i), Own)",
            "total = np.sum([answers[k] for k in os.listdir()]) + model.weight",
        ]
    )
    assert asked(test) == {"f", "answers", "model"}
    assert asked("no python") == frozenset()


@pytest.mark.parametrize(
    ("source", "prose"),
    [
        ("Because the mask needs a1.", True),
        ("# Because it needs a1", True),
        ("#", False),
        ("", False),
        ('"""Because it is."""', True),
        ("answer = 'It is so.'", True),
        ("print('It is so.')", True),
        ("print('It is so.')\nx = 1", False),
        ("print('a', 'b c')", False),
        ("print()", False),
        ("name = 'word'", False),
        ("x = 1  # and so on", False),
        ("def f(): 'It is so.'", False),
        ("%matplotlib inline", False),
        ("x = 1\n" * LONGEST_PARSED, False),
    ],
)
def test_prose_is_a_cell_that_says_something_and_does_nothing(source, prose):
    assert is_prose(source) is prose


@pytest.mark.parametrize(
    "source", ["(" * 10_000, "-" * 200_000 + "1", "x" + ".a" * 100_000, "\0", "x = 'ab\\d'", "1_"]
)
def test_nothing_stops_the_reader(source):
    for function in (parsed, is_prose, asked):
        function(source)
    definitions(source, source)
    addition("x", source)
    python_in("raw", source)


def test_a_long_source_is_not_parsed():
    assert parsed("#" * LONGEST_PARSED)
    assert parsed("#" * (LONGEST_PARSED + 1)) is None
    assert parsed("%time x\nif x:\n    !ls") is not None
