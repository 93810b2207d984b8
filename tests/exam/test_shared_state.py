"""State that a test and an answer share in one kernel: what holds on both sides of the exam, and what
stays the student's own."""

import pytest

TWICE = "import torch, numpy as np\ndef twice(x): return 2 * x\ndef made(): return torch.ones(2)\n"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_default_dtype_that_the_student_sets_is_the_tests_too(room, dtype):
    room.student(TWICE + f"torch.set_default_dtype(torch.{dtype})")
    outcome = room.same("""
        import torch
        own = torch.ones(2) / 3
        print(own.dtype, twice(own).dtype, made().dtype, torch.tensor(1.5).dtype)
        print(torch.nn.Linear(2, 1).weight.dtype, torch.get_default_dtype())
        other = torch.ones(2, dtype=torch.float32), torch.ones(1, dtype=torch.float64)
        print([twice(tensor).dtype for tensor in other])
        int(torch.equal(own, made() / 3))
    """)
    assert outcome.result == 1
    assert outcome.stdout.count(f"torch.{dtype}") >= 5


def test_a_default_dtype_that_a_call_sets_holds_from_then_on_on_both_sides(room):
    room.student(TWICE + "def switch(d): torch.set_default_dtype(getattr(torch, d))")
    room.same("""
        import torch
        for dtype in ("float64", "float32", "float64"):
            switch(dtype)
            print(torch.ones(1).dtype, made().dtype, twice(torch.ones(1)).dtype)
        switch("float32")
        1
    """)


def test_a_default_dtype_that_a_callback_sees(room):
    room.student(
        TWICE + "def call(f):\n    torch.set_default_dtype(torch.float64)\n    try: return f()\n"
        "    finally: torch.set_default_dtype(torch.float32)"
    )
    room.same("""
        import torch
        print(call(lambda: str(torch.ones(1).dtype)), torch.ones(1).dtype)
        1
    """)


@pytest.mark.parametrize("before", ["float32", "float64"])
def test_a_default_dtype_that_the_test_sets_holds_on_both_sides_and_is_put_back(room, before):
    room.student(TWICE + f"torch.set_default_dtype(torch.{before})")
    room.same("""
        import torch
        was = torch.get_default_dtype()
        for dtype in (torch.float64, torch.float32):
            torch.set_default_dtype(dtype)
            print(made().dtype, torch.ones(1).dtype)
        torch.set_default_dtype(was)
        print(made().dtype)
        1
    """)
    assert room.home("torch.get_default_dtype()").result == f"torch.{before}"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_the_students_own(room, dtype):
    """What a test expects is not computed coarsely because the student says so."""
    room.student(TWICE + f"torch.set_default_dtype(torch.{dtype})")
    outcome = room.passes("""
        import torch
        print(torch.ones(1).dtype, made().dtype)
    """)
    assert outcome.stdout == f"torch.float32 torch.{dtype}\n"


def test_the_next_students_exam_starts_with_the_librarys_default(parent, examiner, room):
    room.student("import torch; torch.set_default_dtype(torch.float64)")
    assert "float64" in room.passes("import torch\nprint(torch.ones(1).dtype)").stdout
    another = type(room)(parent, examiner)
    try:
        assert "float32" in another.passes("import torch\nprint(torch.ones(1).dtype)").stdout
    finally:
        another.close()


# each is the student's own: it moves what the student's code computes, and nothing of the test
OWN = {
    "gradients off": ("torch.set_grad_enabled(False)", "torch.is_grad_enabled()", "False", "True"),
    "numpy's errors": ("np.seterr(all='raise')", "np.geterr()['over']", "'raise'", "'warn'"),
    "warnings": (
        "import warnings; warnings.simplefilter('error')",
        "__import__('warnings').filters[0][0]",
        "'error'",
        "'ignore'",
    ),
    "print options": (
        "np.set_printoptions(precision=2)",
        "np.get_printoptions()['precision']",
        "2",
        "8",
    ),
    "tensors' print options": (
        "torch.set_printoptions(precision=2)",
        "str(torch.tensor(1.23456))",
        "'tensor(1.23)'",
        "'tensor(1.2346)'",
    ),
    "decimals": (
        "import decimal; decimal.getcontext().prec = 5",
        "__import__('decimal').getcontext().prec",
        "5",
        "28",
    ),
    "the default device": (
        "torch.set_default_device('meta')",
        "torch.get_default_device().type",
        "'meta'",
        "'cpu'",
    ),
    "determinism": (
        "torch.use_deterministic_algorithms(True)",
        "torch.are_deterministic_algorithms_enabled()",
        "True",
        "False",
    ),
    "anomaly detection": (
        "torch.autograd.set_detect_anomaly(True)",
        "torch.is_anomaly_enabled()",
        "True",
        "False",
    ),
    "precision of products": (
        "torch.set_float32_matmul_precision('medium')",
        "torch.get_float32_matmul_precision()",
        "'medium'",
        "'highest'",
    ),
    "recursion": (
        "import sys; sys.setrecursionlimit(2345)",
        "__import__('sys').getrecursionlimit()",
        "2345",
        "1000",
    ),
    "plots": (
        "import matplotlib; matplotlib.rcParams['figure.dpi'] = 33",
        "__import__('matplotlib').rcParams['figure.dpi']",
        "33",
        "100",
    ),
    "the environment": (
        "import os; os.environ['X_OWN'] = 'y'",
        "__import__('os').environ.get('X_OWN')",
        "'y'",
        "None",
    ),
    "threads": ("torch.set_num_threads(2)", "torch.get_num_threads()", "2", "1"),
}


@pytest.mark.parametrize("name", OWN)
def test_what_else_the_student_switches_moves_the_students_code_alone(room, name):
    switch, look, theirs, ours = OWN[name]
    room.student(f"import torch, numpy as np\n{switch}\ndef look(): return repr({look})")
    outcome = room.passes(f"import torch, numpy as np\nprint(look(), '|', repr({look}))")
    assert outcome.stdout.strip().replace(".0", "") == f"{theirs} | {ours}"


def test_a_seed_of_the_students_does_not_move_what_the_test_draws(room):
    room.student(
        "import torch, numpy as np, random\ntorch.manual_seed(7); np.random.seed(7); random.seed(7)"
    )
    drawn = {
        room.passes("import torch\nfloat(torch.rand(1))").result
        for _ in range(2)
        if room.student("torch.manual_seed(7)")
    }
    assert len(drawn) == 2
