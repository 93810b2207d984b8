"""The student's code calls functions of the test as it would at home: from threads, recursively, from
generators, hooks and tasks."""

import textwrap

import pytest

POOL = """
    from concurrent.futures import ThreadPoolExecutor
    import threading
    import numpy as np, torch
"""

# what the student hands in, and what the test makes of it; each gives the same at home
CALLS = {
    "a thread": (
        """
        def apply(f, xs):
            out = [None] * len(xs)
            def work(i): out[i] = f(xs[i])
            threads = [threading.Thread(target=work, args=(i,)) for i in range(len(xs))]
            for t in threads: t.start()
            for t in threads: t.join()
            return out
        """,
        "apply(lambda x: 2 * x, [1, 2, 3]) == [2, 4, 6]",
    ),
    "a pool": (
        """
        def apply(f, xs):
            with ThreadPoolExecutor(4) as pool: return list(pool.map(f, xs))
        """,
        "apply(lambda x: 2 * x, list(range(40))) == [2 * i for i in range(40)]",
    ),
    "a pool, of arrays": (
        """
        def apply(f, xs):
            with ThreadPoolExecutor(4) as pool: return sum(pool.map(f, [xs + i for i in range(12)]))
        """,
        "__import__('numpy').array_equal(apply(lambda x: x * 2, __import__('numpy').ones(3)), [156.0] * 3)",
    ),
    "the main thread as well": (
        """
        def apply(f, xs):
            with ThreadPoolExecutor(3) as pool:
                waiting = [pool.submit(f, x) for x in xs]
                own = [f(x) for x in xs]
                return own + [w.result() for w in waiting]
        """,
        "apply(lambda x: -x, [1, 2, 3, 4]) == [-1, -2, -3, -4] * 2",
    ),
    "threads within threads": (
        """
        def apply(f, xs):
            def inner(x):
                with ThreadPoolExecutor(2) as pool: return sum(pool.map(f, [x, x + 1]))
            with ThreadPoolExecutor(2) as pool: return list(pool.map(inner, xs))
        """,
        "apply(lambda x: 10 * x, [1, 2, 3]) == [30, 50, 70]",
    ),
    "functions of both sides in turn, from threads": (
        """
        def half(x): return x / 2
        def apply(f, xs):
            with ThreadPoolExecutor(3) as pool: return list(pool.map(f, xs))
        """,
        "apply(lambda x: half(x) + sum(apply(half, [x, x])), [2.0, 4.0]) == [3.0, 6.0]",
    ),
    "an error in a thread": (
        """
        def apply(f, xs):
            with ThreadPoolExecutor(2) as pool:
                try: return list(pool.map(f, xs))
                except Exception as e: return f([5])
        """,
        "apply(lambda x: x[0], [1, 2]) == 5",
    ),
    "a thread that goes on after the call": (
        """
        done = threading.Event()
        def apply(f, xs):
            def work():
                for x in xs: f(x)
                done.set()
            threading.Thread(target=work, daemon=True).start()
            return len(xs)
        def finished(): return done.wait(5)
        """,
        "apply(lambda x: x, [1, 2]) == 2 and finished()",
    ),
    "recursion": (
        """
        def apply(f, n): return f(n)
        """,
        "(lambda g: apply(g, 9))(lambda n, : n if n < 2 else n + apply(lambda m: m * 2, n)) == 27",
    ),
    "deep recursion of both": (
        """
        def fact(rec, n): return 1 if n == 0 else n * rec(n - 1)
        """,
        "(lambda r: r(r, 15))(lambda r, n: fact(lambda k: r(r, k), n)) == 1307674368000",
    ),
    "a generator": (
        """
        def apply(f, xs): return (f(x) for x in xs)
        """,
        "list(apply(lambda x: x + 1, [1, 2])) == [2, 3]",
    ),
    "sorted, map, reduce": (
        """
        from functools import reduce, partial
        def apply(f, xs): return sorted(map(partial(f), xs)), max(xs, key=f), reduce(lambda a, b: a + f(b), xs, 0)
        """,
        "apply(lambda x: -x, [1, 3, 2]) == ([-3, -2, -1], 1, -6)",
    ),
    "a cache": (
        """
        from functools import lru_cache
        def apply(f, xs): g = lru_cache(f); return [g(x) for x in xs], g.cache_info().hits
        """,
        "apply(lambda x: x * x, [1, 2, 1]) == ([1, 4, 1], 1)",
    ),
    "a task": (
        """
        import asyncio
        def apply(f, xs):
            async def one(x): return await asyncio.to_thread(f, x)
            async def all_(): return await asyncio.gather(*map(one, xs))
            with ThreadPoolExecutor(1) as pool: return pool.submit(asyncio.run, all_()).result()
        """,
        "apply(lambda x: x + 1, [1, 2, 3]) == [2, 3, 4]",
    ),
    "a hook of a tensor": (
        """
        def apply(f, x):
            x = x.clone().requires_grad_(); x.register_hook(f); (x * 3).sum().backward(); return x.grad
        """,
        "apply(lambda g: g * 2, __import__('torch').ones(2)).tolist() == [6.0, 6.0]",
    ),
    "a hook of a module": (
        """
        def apply(f, x):
            layer = torch.nn.Identity(); layer.register_forward_hook(lambda m, i, o: f(o)); return layer(x)
        """,
        "apply(lambda y: y + 1, __import__('torch').zeros(2)).tolist() == [1.0, 1.0]",
    ),
    "a custom gradient": (
        """
        def apply(f, x):
            class F(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x): return f(x)
                @staticmethod
                def backward(ctx, g): return f(g)
            x = x.clone().requires_grad_(); F.apply(x).sum().backward(); return x.grad
        """,
        "apply(lambda v: 4 * v, __import__('torch').ones(2)).tolist() == [4.0, 4.0]",
    ),
    "numpy's vectorize": (
        """
        def apply(f, x): return np.vectorize(f)(x), np.apply_along_axis(f, 0, x[:, None])
        """,
        "apply(lambda v: v * 2, __import__('numpy').arange(3.0))[0].tolist() == [0.0, 2.0, 4.0]",
    ),
    "a timer": (
        """
        def apply(f, x):
            got = []
            t = threading.Timer(0.01, lambda: got.append(f(x))); t.start(); t.join(); return got
        """,
        "apply(lambda x: x + 1, 1) == [2]",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_of_the_test_is_called_as_at_home(room, name):
    student, test = CALLS[name]
    room.student(textwrap.dedent(POOL) + textwrap.dedent(student))
    assert room.same(f"int({test})").result == 1


def test_a_function_of_the_test_is_no_other_processs(room):
    room.student("""
        import os
        def apply(f):
            pid = os.fork()
            if pid == 0:
                try: f(1)
                except Exception as error: os._exit(7 if "another process" in str(error) else 1)
                os._exit(0)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    """)
    assert room.passes("apply(lambda x: x)").result == 7
    assert room.passes("apply(lambda x: x) + 1").result == 8


def test_a_thread_that_calls_when_the_test_is_over_disturbs_nobody(room):
    room.student("""
        import threading, time
        failed = []
        def start(f):
            def work():
                try:
                    while True: f(1)
                except Exception as error: failed.append(type(error).__name__)
            threading.Thread(target=work, daemon=True).start()
            return 1
        def failures(): return list(failed)
    """)
    assert room.passes("start(lambda x: x)").result == 1
    assert room.back
    assert room.home("time.sleep(0.3); failed").result == "['PeerGone']"
    assert room.passes("len(failures())").result == 1


def test_a_call_that_does_not_end_is_stopped_though_a_thread_waits_too(room):
    room.student("""
        import threading, time
        def wait(f):
            t = threading.Thread(target=f, args=(1,)); t.start()
            while True: time.sleep(0.01)
    """)
    outcome = room.exam("wait(lambda x: x)", seconds=1.5)
    assert outcome.kernel == "stuck"
    room.kernel.interrupt()
    assert room.exam_socket.finished(5.0)
    assert room.home("1 + 1").result == "2"


@pytest.mark.parametrize(
    "call",
    ["torch.vmap(f)(x)", "torch.func.grad(lambda v: f(v).sum())(x)", "torch.func.jacrev(f)(x)"],
    ids=["vmap", "grad", "jacrev"],
)
def test_a_function_of_the_test_is_not_transformed_and_says_so(room, call):
    room.student(f"import torch\ndef apply(f, x): return {call}")
    outcome = room.exam("import torch\napply(lambda v: v * 2, torch.ones(3))")
    assert outcome.kernel == "ready"
    assert outcome.remarks == ()
    assert "function of the test" in str(outcome.error), outcome.error
    assert room.passes("1").result == 1
