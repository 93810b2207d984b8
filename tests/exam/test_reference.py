"""Arguments are passed by reference, functions of the test can be called back, errors say whose they are."""

import pytest

STUDENT = """
import numpy as np
import torch

def grow(items, mapping, members):
    items.append(4); items[0] = "first"
    mapping["new"] = items; del mapping["old"]
    members.add(3)
    return items
def double_in_place(x): x *= 2
def pure(x): return x * 2
def nested(params):
    params["layers"][0]["W"] -= 1
    params["layers"][1]["W"] = np.zeros(1)
def same(x): return x
class SGD:
    def __init__(self, params, lr): self.params, self.lr = params, lr
    def step(self):
        with torch.no_grad():
            for p in self.params: p -= self.lr * p.grad
kept = []
def keep(x): kept.append(x)
def use_kept(): kept[0] += 1
def numeric_gradient(f, x, eps=1e-5):
    g = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        s = np.zeros_like(x); s[i] = eps
        g[i] = (f(x + s) - f(x - s)) / (2 * eps)
    return g
def apply_twice(f, x): return f(f(x))
def safe(f):
    try: return f()
    except Exception as error: return type(error).__name__, str(error)
def again_and_again(f):
    box = Box()
    return [f(box) for _ in range(3)] + [f(f) for _ in range(2)]
class Box:
    n = 5
def call_with(f): return f(lambda v: v + 1, key=[1])
"""


@pytest.fixture
def room(room):
    return room.student(STUDENT)


def test_arguments_are_after_a_call_what_they_were_before(room):
    outcome = room.exam("""
        import numpy as np, torch
        items, mapping, members = [1, 2], {"old": 0}, {1}
        assert grow(items, mapping, members) == ["first", 2, 4]
        assert items == [1, 2] and mapping == {"old": 0} and members == {1}
        for x in (np.ones(3), torch.ones(3), np.ones((4, 4))[1:3, ::2]):
            double_in_place(x)
            assert (x == 1).all()
            double_in_place(x)
            assert (x == 1).all()
        params = {"layers": [{"W": np.ones(2)}, {"W": np.ones(2)}]}
        nested(params)
        assert params["layers"][0]["W"].tolist() == params["layers"][1]["W"].tolist() == [1, 1]
    """)
    assert outcome.error is None, outcome.instructor


def test_an_argument_that_is_changed_and_returned_arrives_as_it_was_changed(room):
    room.student("""
        def step(params, lr):
            for name in params:
                params[name] -= lr
            return params
        def replace(params):
            params["W"] = params["W"] + 1
            params["new"] = [params["W"]]
            return params, params["W"]
        def first_of(items):
            items[0] *= 3
            return items
    """)
    outcome = room.exam("""
        import numpy as np, torch
        for one in (np.ones, torch.ones):
            params = {"W": one(2)}
            stepped = step(step(params, 0.25), 0.25)
            assert stepped["W"].tolist() == [0.5, 0.5]
            assert params["W"].tolist() == [1, 1]
            changed, W = replace(params)
            assert W.tolist() == [2, 2] and changed["W"] is W and changed["new"][0] is W
            assert list(params) == ["W"] and params["W"].tolist() == [1, 1]
            items = [one(1)]
            assert first_of(items)[0].tolist() == [3] and items[0].tolist() == [1]
    """)
    assert outcome.error is None, outcome.instructor


def test_arguments_that_come_back_are_the_same_objects(room):
    room.same("""
        import numpy as np
        items, x = [1], np.ones(2)
        assert same(x) is x and same(items) is items and pure(x) is not x
        loop = [1]
        loop.append(loop)
        assert same(loop) is loop
    """)


def test_unchanged_sees_what_the_student_changes(room):
    room.same("""
        import numpy as np
        from lessonkit import check
        X = np.ones((2, 3))
        with check.unchanged(X=X):
            pure(X)
        try:
            with check.unchanged(X=X):
                double_in_place(X)
        except check.CheckFailed as error:
            print(error.code)
    """)


def test_objects_of_the_student_keep_what_they_were_given(room):
    room.same("""
        import numpy as np, torch
        p = torch.tensor([1.0, 2.0], requires_grad=True)
        optimizer = SGD([p], lr=0.5)
        (p ** 2).sum().backward()
        optimizer.step()
        assert p.tolist() == [0.0, 0.0]
        p.grad.zero_()
        optimizer.step()
        assert p.tolist() == [0.0, 0.0] and p.requires_grad and optimizer.params[0] is p
        x = np.zeros(2)
        keep(x)
        x[0] = 5
        use_kept()
        assert x[0] in (5, 6)  # the exam puts the test's own data right after each call
    """)


def test_what_a_test_was_given_follows_the_students_changes(room):
    room.student("""
        weights = torch.zeros(2)
        def snapshot(): return {"w": weights}
        def copied(): return {"w": weights.clone()}
        def change():
            weights.add_(1)
    """)
    room.same("""
        live, safe_copy = snapshot(), copied()
        change()
        assert live["w"].tolist() == [1, 1] and safe_copy["w"].tolist() == [0, 0]
    """)


def test_functions_of_the_test_are_called_back(room):
    room.same("""
        import math
        import numpy as np
        from lessonkit import check
        A = np.arange(6.0).reshape(2, 3)
        x = np.array([1.0, -2.0, 0.5])
        g = numeric_gradient(lambda w: float((A @ w) @ (A @ w)), x)
        check.close("gradient", g, 2 * A.T @ A @ x, rtol=1e-5)
        assert apply_twice(math.sqrt, 16.0) == 2.0 and apply_twice(lambda v: v + [1], [0]) == [0, 1, 1]
        calls = []
        def record(v, *rest, **named):
            calls.append(v)
            return pure(v)
        assert apply_twice(record, 3) == 12 and calls == [3, 6]
        def outer(inner, key):
            key.append(2)
            return inner(10), key
        assert call_with(outer) == (11, [1, 2])
        assert again_and_again(lambda v: getattr(v, "n", 0)) == [5, 5, 5, 0, 0]
        assert len(set(map(id, again_and_again(lambda v: v)))) == 2
        class Model:
            def predict(self, v): return v * 3
        assert apply_twice(Model().predict, 2) == 18
    """)


def test_an_error_in_a_function_of_the_test_comes_back_as_itself(room):
    outcome = room.passes("""
        from lessonkit import check
        def fails(v):
            raise check.CheckFailed("wrong-value", "as SECRET-EXPECTED says")
        try:
            apply_twice(fails, 1)
        except check.CheckFailed as error:
            print(error.what)
        def crashes():
            secret = {}
            return secret["SECRET-KEY"]
        print(safe(crashes))
    """)
    assert outcome.stdout == (
        "as SECRET-EXPECTED says\n('CallbackFailed', 'the function that was passed in raised KeyError')\n"
    )


def test_errors_are_the_same_kind_and_say_where(room):
    room.student("""
        class Own(ValueError): pass
        def value(): raise Own("no such thing")
        def todo(): raise NotImplementedError
        def key(): return {}["k"]
        def stop(): raise StopIteration
        def leave(): exit()
        def unprintable():
            class Odd(Exception):
                def __str__(self): raise RuntimeError
            raise Odd
        def loop_forever(n): return loop_forever(n)
    """)
    outcome = room.passes("""
        from lessonkit import check
        for f in (value, todo, key, stop, leave, unprintable, lambda: loop_forever(1), lambda: value(3)):
            try:
                f()
            except Exception as error:
                bases = [b.__name__ for b in type(error).__mro__ if b.__module__ == "builtins"]
                print(type(error).__name__, bases[1:3], str(error)[:40], error.student_lines)
        score = check.Score("parts", 3)
        with score.part("todo", 1):
            todo()
        with score.part("error", 1):
            value()
        with score.part("absent", 1):
            absent_function(3)
        score.total()
    """)
    assert "Own ['ValueError', 'Exception'] no such thing" in outcome.stdout.replace(
        "['StudentError', 'ValueError']", "['ValueError', 'Exception']"
    )
    assert 'raise Own("no such thing")' in outcome.stdout
    assert "KeyError" in outcome.stdout
    assert "RecursionError" in outcome.stdout
    for code in (
        "[not-written]",
        "[crashed] Own: no such thing",
        "[missing] name 'absent_function'",
    ):
        assert code in outcome.stdout
    assert outcome.result == 0


def test_what_the_student_prints_is_not_in_the_tests_output(room):
    room.student("""
        import sys
        def noisy(x):
            print("forged: 3 of 3 points"); print("to stderr", file=sys.stderr)
            return x
    """)
    assert room.passes("print(noisy(3))").stdout == "3\n"


def test_objects_of_the_tests_own_are_refused(room):
    outcome = room.exam("""
        class Mine: pass
        same(Mine())
    """)
    assert outcome.broken
    assert "Mine" in outcome.instructor
    assert "Mine" not in outcome.error.evalue


def test_many_callbacks_leave_nothing_behind(room):
    room.student("""
        def descend(params, loss_and_grads, steps):
            for _ in range(steps):
                loss, grads = loss_and_grads(params)
                params = {k: v - 0.1 * grads[k] for k, v in params.items()}
            return params
    """)
    outcome = room.same("""
        import numpy as np
        sizes = []
        def bowl(params):
            return 1.0, {k: 2 * v for k, v in params.items()}
        end = descend({"W": np.ones((3, 2)), "b": np.ones(3)}, bowl, 300)
        print(f"{end['W'][0, 0]:.3e}")
    """)
    assert outcome.seconds < 10
