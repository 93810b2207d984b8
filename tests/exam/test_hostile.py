"""A hostile kernel: whatever the student's process does, the score is the one the work deserves,
and no line of a hidden test is to be found in it."""

import pytest

TEST = """
    import numpy as np
    import torch
    from lessonkit import check

    score = check.Score("Double", 4)
    with score.part("values", 2):
        x = np.array([1.0, 2.0])
        want = 2 * x
        check.close("double(x)", double(x), want)  # CANARY-HIDDEN
    with score.part("numpy and torch agree", 1):
        np.testing.assert_allclose(double(np.ones(2)), [2.0, 2.0])
        assert torch.allclose(double(torch.ones(2)), torch.full((2,), 2.0))
    with score.part("a number", 1):
        assert double(3) == 6, "CANARY-MESSAGE"
    score.total()
"""
WRONG = """
    def double(x):
        return x
"""
ATTACKS = {
    "patched comparisons": """
        import numpy as np, torch, builtins, math
        np.testing.assert_allclose = np.allclose = np.array_equal = lambda *a, **k: True
        torch.allclose = torch.equal = lambda *a, **k: True
        builtins.abs = builtins.all = builtins.isinstance
        import lessonkit.check, lessonkit.check.assertions, lessonkit.check.score
        lessonkit.check.close = lessonkit.check.assertions.close = lambda *a, **k: None
        lessonkit.check.Score.total = lambda self: 4
    """,
    "shadowed names": """
        class Yes:
            def __getattr__(self, name): return Yes()
            def __call__(self, *a, **k): return Yes()
            def __eq__(self, other): return True
            def __enter__(self): return self
            def __exit__(self, *a): return True
            def __float__(self): return 4.0
        check = score = np = torch = Yes()
        print = len = AssertionError = Yes()
    """,
    "objects that lie": """
        import numpy as np
        class Lie:
            def __eq__(self, other): return True
            def __float__(self): return 6.0
            def __array__(self, *a, **k): return np.array([2.0, 4.0])
            def __bool__(self): return True
            __class__ = property(lambda self: np.ndarray)
            shape = (2,); dtype = np.dtype(float); ndim = 1
            def __array_function__(self, *a, **k): return True
            @classmethod
            def __torch_function__(cls, *a, **k): return True
        def double(x): return Lie()
    """,
    "hooks of IPython": """
        ip = get_ipython()
        def planted(*a, **k): print("Double … 4 of 4 points")
        ip.events.register("pre_run_cell", planted); ip.events.register("post_run_cell", planted)
        ip.ast_transformers.append(type("T", (), {"visit": staticmethod(lambda node: node)})())
        ip.input_transformers_cleanup.append(lambda lines: lines)
        ip.showtraceback = lambda *a, **k: None
    """,
    "an agent of its own": """
        import autograder.exam.student.agent as agent, autograder.exam.student.operations as operations
        original = operations.OPERATIONS["call"]
        operations.OPERATIONS["call"] = lambda agent, f, args, kwargs: {"points": 4}
    """,
    "errors that look like success": """
        class CheckFailed(AssertionError): pass
        def double(x): raise StopIteration(4)
    """,
    "a generator exit": """
        def double(x): raise GeneratorExit
    """,
    "a system exit": """
        def double(x): raise SystemExit(0)
    """,
    "the test's own argument changed, late": """
        import numpy as np
        def double(x):
            try: x[:] = 0
            except Exception: pass
            return x
    """,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing(room, name):
    room.student(WRONG)
    room.home(ATTACKS[name])
    outcome = room.exam(TEST)
    assert outcome.result in (0, None), outcome.stdout
    assert outcome.result == 0 or outcome.error is not None
    assert not outcome.examiner_failed
    assert "CANARY-HIDDEN" not in str(outcome.outputs())


def test_honest_work_beside_patched_libraries_keeps_its_points(room):
    room.student("def double(x): return x + x").home(ATTACKS["hooks of IPython"])
    assert room.exam(TEST).result == 4


ZEROES = """
    def double(x):
        x[...] = 0
        return x
    def grads(params):
        for name in list(params):
            params[name] = 0 * params[name]
        return params
"""


def test_zeroing_the_arguments_does_not_zero_what_the_test_expects(room):
    room.student(ZEROES)
    outcome = room.exam("""
        import numpy as np
        from lessonkit import check
        score = check.Score("zeroes", 2)
        x = np.ones(3)
        with score.part("an array", 1):
            check.close("double(x)", double(x), 2 * x)
        params = {"W": np.ones(2)}
        with score.part("a dict", 1):
            got = grads(params)["W"]
            check.close("grads", got, 3 * params["W"])
        score.total()
    """)
    assert outcome.result == 0, outcome.stdout


def test_unchanged_sees_what_is_done_to_arguments_and_puts_it_right(room):
    room.student(ZEROES)
    outcome = room.exam("""
        import numpy as np
        from lessonkit import check
        score = check.Score("watching", 3)
        x, params = np.ones(3), {"W": np.ones(2)}
        with score.part("an array", 1), check.unchanged(x=x):
            double(x)
        with score.part("a dict", 1), check.unchanged(params=params):
            grads(params)
        with score.part("afterwards", 1):
            check.close("x", x, [1, 1, 1])
            check.close("params", params["W"], [1, 1])
        score.total()
    """)
    assert outcome.result == 1, outcome.stdout
    assert outcome.stdout.count("[changed-argument]") == 2


def test_a_callback_sees_the_argument_as_it_is_while_the_student_moves_it(room):
    room.student("""
        def slope(f, x):
            x[0] += 1e-3
            up = f(x)
            x[0] -= 2e-3
            down = f(x)
            x[0] += 1e-3
            return (up - down) / 2e-3
    """)
    outcome = room.exam("""
        import numpy as np
        x = np.array([3.0])
        round(slope(lambda t: float(t[0] ** 2), x), 3)
    """)
    assert outcome.result == 6.0


SPY = """
    import gc, sys, threading
    found = []
    def look():
        for holder in list(gc.get_objects()):
            try:
                if isinstance(holder, dict): texts = [*holder.values(), *holder.keys()]
                elif isinstance(holder, (list, tuple, set)): texts = list(holder)
                else: texts = [getattr(holder, "co_consts", ()), getattr(holder, "args", ())]
                for text in texts:
                    if isinstance(text, (str, bytes, bytearray)) and WORD in (
                        text if isinstance(text, str) else bytes(text).decode("latin1")
                    ):
                        if text != WORD: found.append(text)
            except Exception: pass
        for frame in sys._current_frames().values():
            while frame:
                found.extend(v for v in frame.f_locals.values() if isinstance(v, str) and WORD in v and v != WORD)
                frame = frame.f_back
        for path in ("/proc/self/maps", "/proc/self/cmdline", "/proc/self/environ"):
            if WORD.encode() in open(path, "rb").read(): found.append(path)
        ip = get_ipython()
        for text in [*In, str(_ih), *(str(row) for row in ip.history_manager.get_range())]:
            if WORD in text and "gc.get_objects" not in text: found.append(text)
    def double(x):
        look()
        return x + x
    WORD = "".join(["CAN", "ARY-"])
"""


def test_a_spy_finds_nothing(room):
    room.student(SPY)
    outcome = room.exam(TEST)
    assert outcome.result == 4, outcome.stdout
    home = room.home("look(); print([str(t)[:200] for t in found])")
    assert home.error is None, home.traceback
    assert home.stdout.strip() == "[]"


def test_memory_of_the_process_holds_no_hidden_test(room):
    room.student("def double(x): return x + x")
    assert room.exam(TEST).result == 4
    home = room.home("""
        word = "".join(["CAN", "ARY-HID", "DEN"]).encode()
        hits = 0
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                span, rights, *rest = line.split()
                if "r" not in rights or "[v" in line: continue
                low, high = (int(part, 16) for part in span.split("-"))
                try:
                    memory.seek(low)
                    while low < high:
                        data = memory.read(min(high - low, 1 << 24))
                        if not data: break
                        hits += data.count(word) if id(data) else 0
                        low += len(data)
                except (OSError, ValueError, OverflowError): pass
        print("searched", hits)
    """)
    if home.error is None:  # where a process may not read itself, nobody can
        found = int(home.stdout.split()[1])
        assert found <= 6, found  # the word itself, as it was put together for the search
