"""The exam as the grading engine uses it: limits, broken tests, outputs, the tiny unit."""

import json
import re
import time
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.exam.client.examiner_process import Examiner
from autograder.exam.examiner.outcome import Failure, Outcome
from autograder.model import Part
from autograder.text import clean

TINY = Path(__file__).parents[1] / "tiny" / "source"


def cells(name: str) -> list[tuple[str, str]]:
    """(header, source) of the code cells of a text notebook."""
    text = (TINY / name).read_text(encoding="utf-8")
    parts = re.split(r"^# %%(.*)\n", text, flags=re.M)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [(head, source) for head, source in pairs if "[markdown]" not in head]


def test_the_tiny_unit_scores_the_same_in_both_places(room):
    notebook = cells("01_tiny.py")
    tests = [(h, s) for h, s in notebook if '"points"' in h]
    solutions = {
        re.search(r'"grade_id": "(\w+)"', h)[1]: s for h, s in notebook if '"solution": true' in h
    }
    answers = [
        (re.search(r'exercise="(\w+)"', h)[1], s)
        for h, s in cells("answers/01_tiny.py")
        if "answer=" in h
    ]
    variants = [{}, *({exercise: source} for exercise, source in answers)]
    totals = []
    for variant in variants:
        for exercise, source in {**solutions, **variant}.items():
            room.student(source if exercise else "")
        room.cells.clear()
        totals.append(sum(room.same(source).result for _, source in tests))
    assert totals[0] == 5
    assert totals[1:] == [2, 3, 5, 3, 5]


def test_a_call_that_does_not_end(room):
    room.student("""
        def quick(): return 1
        def endless():
            while True: pass
    """)
    started = time.monotonic()
    outcome = room.exam(
        """
        from lessonkit import check
        score = check.Score("Time", 3)
        with score.part("quick", 1):
            assert quick() == 1
        with score.part("endless", 1):
            endless()
        with score.part("after", 1):
            quick()
        score.total()
        """,
        seconds=1.0,
    )
    assert time.monotonic() - started < 3
    assert outcome.student_stuck
    assert outcome.result == 1
    assert outcome.stdout.count("[too-slow]") == 2
    assert not room.back
    room.kernel.interrupt()
    assert room.exam_socket.finished(10.0)
    assert room.passes("quick()").result == 1


def test_a_kernel_that_dies(room):
    room.student(
        "import os\ndef die(): os._exit(3)\ndef segfault():\n    import ctypes; ctypes.string_at(0)"
    )
    outcome = room.exam("die()")
    assert outcome.kernel == "gone"
    assert not outcome.broken
    assert "stopped while your code was running" in outcome.error.evalue


def test_a_test_that_does_not_end_by_itself(room):
    outcome = room.exam("while True: pass", seconds=1.0)
    assert "[too-slow]" in outcome.error.evalue
    assert outcome.kernel == "ready"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("check.close('a', 1, 1)", "`check` without importing"),
        ("1 / 0", "ZeroDivisionError"),
        ("this is no python", "SyntaxError"),
        ("'four'", "ends with a str"),
        ("float('nan')", "not finite"),
        ("f", "ends with a function"),
        (
            "from lessonkit import check\nwith check.Score('a', 1).part('p', 1):\n    np.zeros(3)",
            "`np` without",
        ),
    ],
)
def test_a_broken_test_is_the_instructors(shared_room, source, says):
    shared_room.student("def f(): pass")
    outcome = shared_room.examiner and shared_room.exam(source)
    assert outcome.broken
    assert says in outcome.instructor
    if outcome.error is not None:
        assert (
            outcome.error.evalue
            == "This test has an error of its own; your instructor will see to it."
        )


@pytest.mark.parametrize(
    ("source", "ename", "says"),
    [
        ("assert 1 == 2, 'one is not two'", "AssertionError", "one is not two"),
        ("assert f() == 2  # SECRET", "AssertionError", ""),
        ("absent(3)", "CheckFailed", "[missing] name 'absent' is not defined"),
        ("fails()", "ValueError", "mine"),
        ("todo()", "CheckFailed", "[not-written]"),
        ("from lessonkit import check\ncheck.close('x', 1, 2)", "CheckFailed", "[missing-half]"),
    ],
)
def test_a_failed_test_is_the_students(shared_room, source, ename, says):
    shared_room.student("""
        def f(): return 1
        def fails(): raise ValueError("mine")
        def todo(): raise NotImplementedError()
    """)
    outcome = shared_room.exam(source)
    assert not outcome.broken
    assert outcome.result is None
    assert outcome.error.ename == ename
    if "missing-half" not in says:
        assert says in outcome.error.evalue
    shown = str(outcome.outputs())
    assert "SECRET" not in shown
    assert [o["output_type"] for o in outcome.outputs()] == ["error"]


def test_points_of_any_numeric_type(shared_room):
    for source, points in {
        "2": 2,
        "2.5": 2.5,
        "import numpy as np\nnp.float64(2.5)": 2.5,
        "import torch\ntorch.tensor(2.5)": 2.5,
        "import numpy as np\nnp.int64(2)": 2,
        "True": 1,
        "x = 3": None,
        "None": None,
    }.items():
        outcome = shared_room.passes(source)
        assert outcome.result == points
        assert type(outcome.result) in (int, float, type(None))
    assert shared_room.passes("print('a')\n2.5").outputs() == [
        {"output_type": "stream", "name": "stdout", "text": "a\n"},
        {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            "data": {"text/plain": "2.5"},
        },
    ]


def test_cells_do_not_see_each_other(shared_room):
    shared_room.passes(
        "import sys, torch, warnings\nhelper = 5\nprint('x', file=sys.stderr)\n"
        "warnings.warn('w')\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n1"
    )
    outcome = shared_room.exam(
        "import torch\nassert torch.ones(1, requires_grad=True).mul(2).requires_grad\n"
        "assert torch.ones(1).dtype == torch.float32\nhelper"
    )
    assert "[missing] name 'helper'" in outcome.error.evalue


def test_messages_carry_no_escapes_and_have_an_end(room):
    room.student(r"""
        def evil(): raise ValueError("\x1b[2J\x1b]0;title\x07red \u202egnp.exe\x00" + "x" * 10**6)
        class Long(str): pass
        def name(): return Long("\x1b[31mred\x1b[0m")
    """)
    outcome = room.exam("print(name())\nprint('y' * 10**6)\nevil()")
    assert outcome.stdout.startswith("red\nyyy")
    assert len(outcome.stdout) < 110_000
    assert outcome.error.evalue.startswith("red gnp.exexxx")
    assert len(outcome.error.evalue) < 11_000


def test_the_examiner_itself_may_crash(room):
    outcome = room.exam("import os\nos._exit(9)")
    assert outcome.examiner_failed
    assert outcome.result is None
    assert "exit(9)" in outcome.instructor
    room.student("def f(): return 1")
    assert room.passes("f()").result == 1


def test_a_lost_examiner_is_started_again(room, parent):
    with Examiner.start(parent) as examiner:
        room.examiner = examiner
        assert room.passes("1").result == 1
        examiner.process.kill()
        assert room.exam("1").examiner_failed
        assert room.passes("1").result == 1


def test_a_call_takes_less_than_a_millisecond(room):
    room.student("""
        import numpy as np
        def nothing(): return None
        def double(x): return 2 * x
        def back(f): return f(1.0)
    """)
    outcome = room.passes("""
        import time
        import numpy as np
        x = np.ones((20, 3))
        for name, call in {"nothing": lambda: nothing(), "array": lambda: double(x),
                           "callback": lambda: back(lambda v: v)}.items():
            times = []
            for _ in range(200):
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
            print(name, sorted(times)[20] * 1e6)
    """)
    for line in outcome.stdout.splitlines():
        assert float(line.split()[1]) < 1000, outcome.stdout  # about 150 on an idle machine


def test_outcomes_travel_as_plain_data():
    error = Failure("E", "v", ("l",), "sign")
    parts = (Part("one", 1.0, 1.0), Part("two", 2.0, 0.0, "sign", ("want", "got"), True))
    outcome = Outcome(
        "out", 2.5, error, True, "stuck", ("r",), "i", False, 1.5, title="T", parts=parts
    )
    plain = json.loads(json.dumps(outcome.to_plain()))
    assert Outcome.from_plain(plain) == outcome
    part = plain["parts"][1]
    for field, value in {
        "result": "4",
        "stdout": 3,
        "error": [1, 2, 3],
        "kernel": None,
        "title": 1,
        "parts": [{**part, "hidden": "yes"}],
    }.items():
        with pytest.raises((TypeError, ValueError)):
            Outcome.from_plain({**plain, field: value})
    assert clean("a\x1b[31mb\x9b\u2066c") == "abc"


def test_no_sandbox_process_is_left(parent):
    kernel = sandbox.start(parent=parent, isolate=parent.isolate)
    examiner = Examiner.start(parent)
    examiner.close()
    kernel.close()
    assert examiner.process is None


def test_the_examiner_finds_no_shell(room):
    """One is made in the warm parent, for kernels alone."""
    room.passes("""
        import builtins, os, sys
        from IPython import get_ipython
        assert get_ipython() is None
        assert not hasattr(builtins, "display") and not hasattr(builtins, "__IPYTHON__")
        assert "PAGER" not in os.environ
        assert sys.modules["__main__"].__name__ == "__main__"
        assert "get_ipython" not in vars(sys.modules["__main__"])
    """)
