"""A hidden part tells its name, its points and the likely cause, whatever student code makes of it.

The parts travel as data from the test's score to the verdict: nothing that student code returns, raises or
calls itself can pass for a part, a code or a header.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.engines.base import CellRun
from autograder.engines.choose import choose_quietly
from autograder.engines.exam import ExamEngine
from autograder.engines.messages import for_instructor, outputs_of
from autograder.engines.printed import parts_in
from autograder.engines.verdicts import verdict_of
from autograder.hidden_lines import hidden_lines
from autograder.model import Limits, Part, Status, Verdict
from autograder.records import results
from autograder.regions import HIDDEN_TESTS, numbers
from lessonkit.check.codes import CODES

EXPECTED = ("524287", "131071", "SECRET")  # stand in hidden lines, and nowhere else

TEST = """\
import numpy as np
from lessonkit import check

score = check.Score("Double", 5)
with score.part("seen", 1):
    check.close("double([1])", double(np.array([1.0])), [2.0])
### BEGIN HIDDEN TESTS
print("SECRET printed")
with score.part("unseen", 2):
    want = np.array([524287.0, 131071.0])  # SECRET
    check.close("double(SECRET)", double(want / 2), want, candidates={"memorised": want + 1})
with score.part("unseen, equal", 1):
    check.equal("double(SECRET)", double(np.array([65.0])), "SECRET524287")
with score.part("unseen, called back", 1):
    def inner(x):
        print("SECRET called back")
        raise ValueError("SECRET 524287")
    apply(inner)
    assert double(np.array([0.5])).item() == 524287, "SECRET 131071"
### END HIDDEN TESTS
score.total()
"""
LOOSE = """\
### BEGIN HIDDEN TESTS
import numpy as np
want = 524287.0
print("SECRET", want)
assert double(np.array([131071.0])) == want, f"SECRET {want}"
### END HIDDEN TESTS
"""

ATTACKS = {
    "a text with parts in it": "def double(x): return '\\n  ✗ seen (1)\\n    [sign] x\\nDouble … 0 of 5 points\\n  ✗ seen (1)\\n'",
    "an error with parts in it": "def double(x): raise ValueError('a\\n  ✗ seen (1)\\n    [sign] b\\nDouble … 0 of 5 points')",
    "an error whose first line is a header": "def double(x): raise ValueError('Double … 0 of 5 points\\n  ✗ seen (1)\\n')",
    "an error named after what it was given": """
        def double(x):
            raise type('E' + str(int(2 * x[0])), (Exception,), {})
    """,
    "an error whose class is called a part": """
        def double(x):
            raise type('E … 0 of 5 points\\n  ✗ seen (1)\\n', (Exception,), {})('\\n  ✗ seen (1)')
    """,
    "CheckFailed, raised by the student": """
        from lessonkit.check import CheckFailed
        def double(x): raise CheckFailed('memorised', f'\\n  ✗ seen (1)\\n {2 * x}', (str(2 * x),))
    """,
    "its own repr": """
        class Strange:
            def __repr__(self): return "Double … 0 of 5 points\\n  ✗ seen (1)\\n    [sign] "
            __str__ = __repr__
        def double(x): return Strange()
    """,
    "a class with a strange name": """
        def double(x): return type('E\\n  ✗ seen (1)\\n', (), {})()
    """,
    "a function with a strange name": """
        def double(x): raise ValueError(2 * x)
        double.__name__ = double.__qualname__ = 'x\\n  ✗ seen (1)\\n    [sign]'
        double.__doc__ = 'Double … 0 of 5 points'
        double.__code__ = double.__code__.replace(co_name='Double … 0 of 5 points\\n  ✗ seen (1)')
    """,
    "argument names": """
        def double(*args, **kwargs): return kwargs['\\n  ✗ seen (1)\\n    [sign]']
    """,
    "warnings and prints": """
        import sys, warnings
        def double(x):
            for out in (sys.stdout, sys.stderr, sys.__stdout__):
                print('Double … 0 of 5 points\\n  ✗ seen (1)\\n    [sign]', file=out)
            warnings.warn('\\n  ✗ seen (1)\\n')
            return x + 3
    """,
    "a very long text": "def double(x): raise ValueError('\\n  ✗ seen (1)\\n' * 200_000)",
    "format characters": "def double(x): raise ValueError('\\x1b[2J\\u202e\\r  ✗ seen (1)\\x85  ✗ seen (1)\\u2028%s{0}')",
    "codes": "def double(x): raise ValueError('[memorised]\\n[sign] \\n  [not-written]')",
    "an array of texts": """
        import numpy as np
        def double(x): return np.array(['\\n  ✗ seen (1)\\n    [sign]'] * 3)
    """,
    "lists within lists": "def double(x): return [['Double … 0 of 5 points'], {'  ✗ seen (1)': x}]",
    "as another shape": "def double(x): return x.reshape(1, -1).repeat(3, 0)",
    "wrong by a factor": "def double(x): return 4 * x",
    "the callback's error passed on": """
        def double(x): return x
        def apply(f):
            try: f(1)
            except Exception as error: raise RuntimeError(f'\\n  ✗ seen (1)\\n{error!r}') from error
    """,
    "patched check": """
        import lessonkit.check, lessonkit.check.score as score, builtins
        score.Score.total = lambda self: 5
        score.Score.add = score.Score.part = None
        def double(x): return x
    """,
}  # fmt: skip
APPLY = "def apply(f): return f(1)\n"


@pytest.fixture(scope="module")
def held() -> Iterator[ExamEngine]:
    """One kernel for all: whatever an answer has patched in it, is its own."""
    with ExamEngine(Limits(), isolate=choose_quietly("auto") == "exam") as opened:
        yield opened


def hold(exam: ExamEngine, cell: str, source: str = TEST, points: float = 5) -> Verdict:
    run = exam.run(APPLY + textwrap.dedent(cell), 20)
    assert not [o for o in run.outputs if o["output_type"] == "error"], run.outputs
    return verdict_of("double-values", points, exam.test("double-values", source, 20), source)


def seen(verdict: Verdict) -> str:
    """All that comes from a verdict and is shown to its student."""
    return "\n".join((verdict.message, *verdict.diagnosis, json.dumps(outputs_of(verdict))))


def assert_secret(verdict: Verdict) -> None:
    assert not [text for text in EXPECTED if text in seen(verdict)], verdict.message
    assert set(verdict.diagnosis) <= set(CODES)
    lines = verdict.message.splitlines()
    hidden = [n for n, text in enumerate(lines) if text.startswith(("  ✗ unseen", "  ✓ unseen"))]
    assert len(hidden) == 3, verdict.message
    for part, start, end in zip(verdict.parts[1:], hidden, [*hidden[1:], len(lines)], strict=True):
        assert part.hidden
        told = [f"    [{part.code}] {CODES[part.code]}"] if part.code else []
        assert lines[start + 1 : end] == told


@pytest.mark.parametrize("name", ATTACKS)
def test_of_a_hidden_part_nothing_but_the_likely_cause_is_told(held, name):
    verdict = hold(held, ATTACKS[name])
    assert (verdict.points, verdict.max_points) == (0, 5)
    assert [part.hidden for part in verdict.parts] == [False, True, True, True]
    assert_secret(verdict)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_test_without_parts_tells_its_code_alone(held, name):
    verdict = hold(held, ATTACKS[name], LOOSE)
    assert verdict.points == 0
    assert not [text for text in EXPECTED if text in seen(verdict)], verdict.message
    assert "✗ seen" not in verdict.message
    assert verdict.message.count("\n") <= 1


def test_the_instructor_reads_everything(held):
    verdict = hold(held, "def double(x): return 4 * x")
    told = for_instructor(verdict)
    assert "524287, 131071" in told
    assert "[missing-half] double(SECRET) is not right." in told
    assert "SECRET131071" not in verdict.message


PIECES = st.sampled_from(
    [
        *("Double … 0 of 5 points", "Double … 5 of 5 points", "x … 1 of 2 points"),
        *("  ✗ seen (1)", "  ✓ seen (1)", "  ✗ unseen (2)", "  ✓ unseen (2)", "  ✗ other (9)"),
        *("    [sign] ", "[memorised]", "✗ [sign] x", "      Likely cause: none", "    "),
        *("\r", "\x0b", "\x85", "\u2028", "\x1b[1A", "\u202e", "\0", "{0}", "%s", "\ud800"),
        *("expected  524", "score.total()", "### END HIDDEN TESTS", "with score.part('seen', 1):"),
    ]
)
CRAFTED = st.lists(PIECES | st.text(max_size=12), max_size=12).map("\n".join)
WAYS = {
    "returned": "def double(x): return crafted",
    "raised": "def double(x): raise ValueError(crafted)",
    "raised with what was given": "def double(x): raise ValueError(crafted, x)",
    "CheckFailed": (
        "from lessonkit.check import CheckFailed\n"
        "def double(x): raise CheckFailed('sign', crafted, (crafted, crafted))"
    ),
    "in a list": "def double(x): return [crafted, {crafted: x}]",
    "as a name": "def double(x): return type(crafted.replace('\\0', '') or 'E', (), {})()",
    "as a key": "def double(x): return {}[crafted]",
    "in a callback": "def double(x): return x\ndef apply(f): return f(**{crafted: 1})",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_crafted_text_opens_a_hidden_part(held, way):
    tried = 0

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(crafted=CRAFTED)
    def hold_crafted(crafted):
        nonlocal tried
        verdict = hold(held, f"crafted = {crafted!a}\n{WAYS[way]}")
        assert verdict.points == 0
        assert_secret(verdict)
        tried += 1

    hold_crafted()
    assert tried >= 25


# Which parts are hidden, by the source alone.
SHAPES = {
    "a part in the region": ("### BEGIN HIDDEN TESTS\nPART\n### END HIDDEN TESTS", [True]),
    "before and after it": ("PART\n### BEGIN HIDDEN TESTS\nPART\n### END HIDDEN TESTS\nPART", [False, True, False]),
    "the region inside a part": (
        "with score.part('p', 1):\n    a = 1\n    ### BEGIN HIDDEN TESTS\n    assert SECRET\n    ### END HIDDEN TESTS",
        [True],
    ),
    "what fails before the region inside a part": (
        "with score.part('p', 1):\n    assert f(1), 'told'\n    ### BEGIN HIDDEN TESTS\n    assert SECRET\n    ### END HIDDEN TESTS",
        [False],
    ),
    "a name that is made anew": (
        "### BEGIN HIDDEN TESTS\nx = 524287\n### END HIDDEN TESTS\nx = 1\n"
        "with score.part('p', 1):\n    assert f(x), 'told'",
        [False],
    ),
    "a name that is made from a hidden one": (
        "### BEGIN HIDDEN TESTS\nx = 524287\n### END HIDDEN TESTS\ny = x + 0\n"
        "with score.part('p', 1):\n    assert f(y), y",
        [True],
    ),
    "one name for both": ("PART\n### BEGIN HIDDEN TESTS\nPART\n### END HIDDEN TESTS", [False, True]),
    "names that are computed": (
        "for n in (1, 2):\n    with score.part(f'case {n}', 1): assert f(n)\n"
        "### BEGIN HIDDEN TESTS\nfor n in (3, 4):\n    with score.part(f'case {n}', 1): assert f(n)\n### END HIDDEN TESTS",
        [False, False, True, True],
    ),
    "a function that hidden lines call": (
        "def case(n):\n    with score.part('case', 1):\n        assert f(n)\ncase(1)\n"
        "### BEGIN HIDDEN TESTS\ncase(2)\n### END HIDDEN TESTS",
        [False, True],
    ),
    "data made by hidden lines": (
        "xs = [1]\n### BEGIN HIDDEN TESTS\nxs = [1, 524287]\n### END HIDDEN TESTS\n"
        "for x in xs:\n    with score.part('case', 1):\n        assert f(x), x",
        [True, True],
    ),
    "data changed by hidden lines": (
        "xs = [1]\n### BEGIN HIDDEN TESTS\nxs.append(524287)\n### END HIDDEN TESTS\nys = list(xs)\n"
        "with score.part('case', 1):\n    assert f(ys), ys",
        [True],
    ),
    "no end": ("### BEGIN HIDDEN TESTS\nPART", [True]),
    "several lines": (
        "with score.part(\n    'p',\n    1,\n):\n    assert f(1)\n### BEGIN HIDDEN TESTS\n"
        "with score.part(\n    'p',\n    1,\n):\n    assert f(2)\n### END HIDDEN TESTS",
        [False, True],
    ),
    "nothing hidden": ("PART\nPART", [False, False]),
}  # fmt: skip
ONE = "with score.part('p', 1):\n    assert f(1), 'told'"


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_hidden_is_told_by_the_source(held, shape):
    body, hidden = SHAPES[shape]
    source = (
        "from lessonkit import check\nscore = check.Score('S', 9)\n"
        f"{body.replace('PART', ONE)}\nscore.total()"
    )
    verdict = hold(held, "def f(x): return False", source, points=9)
    assert verdict.status is Status.FAILED, verdict
    assert [part.hidden for part in verdict.parts] == hidden
    assert "524287" not in seen(verdict)
    assert verdict.message.count("told") == sum(
        not part.hidden for part in verdict.parts if "told" in str(part.details)
    )


def test_an_error_that_comes_through_hidden_lines_is_hidden(held):
    source = """\
from lessonkit import check
score = check.Score("S", 2)
def value(x):
    return f(x)
with score.part("one", 1):
    assert value(1) == 2, "told"
### BEGIN HIDDEN TESTS
def value(x):
    raise ValueError("SECRET 524287")
### END HIDDEN TESTS
with score.part("two", 1):
    value(2)
score.total()
"""
    verdict = hold(held, "def f(x): return 1", source, points=2)
    assert [part.hidden for part in verdict.parts] == [False, True]
    assert "told" in verdict.message
    assert "524287" not in seen(verdict)


# The stock engine has nothing but text.
STOCK = TEST.replace("import numpy as np\nfrom lessonkit import check\n", "")
PRINTED = """\
Double … 0 of 5 points
  ✗ seen (1)
    [sign] double is not right.
      Likely cause: The sign is flipped.
      expected  [2]
{visible}
  ✗ unseen (2)
    [crashed] ValueError: SECRET 524287
      Likely cause: it is.
{hidden}
    SECRET 131071
  ✗ unseen, equal (1)
    [wrong-type] SECRET 524287
"""


@settings(max_examples=300, deadline=None, derandomize=True)
@given(before=CRAFTED, visible=CRAFTED, hidden=CRAFTED)
def test_no_crafted_text_opens_a_hidden_part_of_the_stock_engine(before, visible, hidden):
    """As `check.Score` prints it: what is in a part is split into lines, and each is set in."""

    def inside(text: str) -> str:
        return "\n".join(f"    {line}" for line in text.splitlines())

    text = f"{before}\n" + PRINTED.format(visible=inside(visible), hidden=inside(hidden))
    output = {"output_type": "stream", "name": "stdout", "text": text}
    verdict = verdict_of("double-values", 5, CellRun((output, POINTS)), STOCK)
    assert not [secret for secret in EXPECTED if secret in seen(verdict)], verdict.message
    assert "expected  [2]" in verdict.message


POINTS = {"output_type": "execute_result", "data": {"text/plain": "0"}, "metadata": {}}


def test_the_stock_engine_shows_no_name_that_the_source_does_not_have():
    text = PRINTED.format(visible="", hidden="  ✗ SECRET 131071 (1)")
    title, parts = parts_in(text, STOCK)
    assert title == "Double"
    assert [part.name for part in parts] == ["seen", "unseen", "another case", "unseen, equal"]
    assert [part.hidden for part in parts] == [False, True, True, True]


# What is kept, and what was kept before.
def test_parts_are_kept_with_the_results_and_rows_without_them_are_read():
    part = Part("unseen", 2.0, 0.0, "sign", ("want 524287", "got 1"), True)
    verdict = Verdict("double-values", 0.0, 5.0, Status.FAILED, "no", ("sign",), (part,))
    kept = json.loads(json.dumps([asdict(verdict)]))
    assert results.verdicts(kept) == (verdict,)
    del kept[0]["parts"]
    assert results.verdicts(kept) == (replace(verdict, parts=()),)


def test_marked_lines_are_those_that_students_do_not_get():
    assert numbers("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc", HIDDEN_TESTS) == {
        2,
        3,
        4,
    }
    assert hidden_lines("a\nb") == frozenset()
    assert hidden_lines("### BEGIN HIDDEN TESTS\n)(") == {1, 2}
