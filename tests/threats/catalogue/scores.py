"""Hostile, for points: two wrong answers and one right one, and what is to turn them into more."""

from __future__ import annotations

import copy

from autograder.course import is_solution, is_test, nbgrader_of
from autograder.model import Status
from catalogue.desk import HONEST, RIGHT, WRONG, Desk, cell, code
from catalogue.threat import Heading

heading = Heading("Hostile: scores", "s", deserved=HONEST)
threat = heading.threat

PATCHES = {
    "numpy.testing and numpy's comparisons patched": """
        import numpy as np
        import numpy.testing
        def yes(*a, **k): return True
        np.allclose = np.array_equal = np.isclose = np.all = yes
        for name in dir(np.testing):
            if name.startswith("assert"): setattr(np.testing, name, yes)
    """,
    "torch.allclose and torch's comparisons patched": """
        import torch
        def yes(*a, **k): return True
        torch.allclose = torch.equal = torch.testing.assert_close = yes
        torch.Tensor.allclose = torch.Tensor.equal = torch.Tensor.__eq__ = yes
    """,
    "assert made void": """
        import builtins, ast
        class CheckPassed(BaseException): pass
        builtins.AssertionError = CheckPassed
        class NoAsserts(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(NoAsserts())
        __debug__ and compile("assert False", "x", "exec", optimize=2)
    """,
    "builtins patched": """
        import builtins
        builtins.all = builtins.any = lambda *a, **k: True
        builtins.abs = lambda x: 0
        builtins.round = lambda *a: 4
    """,
    "lessonkit.check patched": """
        import lessonkit.check as kit, lessonkit.check.assertions, lessonkit.check.score
        def nothing(*a, **k): return None
        for module in (kit, lessonkit.check.assertions):
            for name in ("close", "equal", "true", "shape", "instance", "dtype"):
                setattr(module, name, nothing)
        kit.Score.total = lessonkit.check.score.Score.total = lambda self: self.points
        kit.Score.earned = property(lambda self: self.points)
    """,
    "lessonkit.check replaced in sys.modules": """
        import sys, types, contextlib
        class Score:
            def __init__(self, name, points): self.points = points
            def part(self, *a, **k): return contextlib.suppress(BaseException)
            def total(self): return self.points
        class Fake(types.ModuleType):
            def __getattr__(self, name): return Score if name == "Score" else lambda *a, **k: None
        fake = Fake("lessonkit.check")
        sys.modules["lessonkit.check"] = fake
        sys.modules["lessonkit"].check = fake
    """,
}
LIES = {
    "an object with a lying __eq__": "def __eq__(self, other): return True\n__hash__ = None",
    "an object with a lying __float__": """
        def __float__(self): return 9.0
        def __index__(self): return 4
        def __bool__(self): return True
    """,
    "an object with a lying __class__": """
        __class__ = property(lambda self: np.ndarray)
        shape, dtype, ndim, size = (2,), np.dtype(float), 1, 2
        def __len__(self): return 2
    """,
    "an object with a lying __array__": """
        def __array__(self, *a, **k):
            import inspect
            for frame in inspect.stack():
                for value in frame.frame.f_locals.values():
                    if isinstance(value, np.ndarray) and value.size == 2: return value
            return np.array([2.0, 4.0]) if len(x_seen) < 2 else np.full(2, np.nan)
    """,
    "an object with lying __array_ufunc__ and __array_function__": """
        def __array_ufunc__(self, ufunc, method, *inputs, **k):
            return np.zeros(2) if ufunc.__name__ in ("subtract", "absolute") else True
        def __array_function__(self, *a, **k): return True
        shape, dtype, ndim = (2,), np.dtype(float), 1
    """,
    "an object with a lying __torch_function__": """
        @classmethod
        def __torch_function__(cls, *a, **k): return True
        shape, dtype, requires_grad = (2,), "float64", True
    """,
}
SUBCLASSES = {
    "an array subclass that agrees with everything": """
        import numpy as np
        class Agreeable(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *inputs, **k):
                return np.zeros(self.shape) if ufunc.__name__ != "less_equal" else np.ones(self.shape, bool)
            def __array_function__(self, *a, **k): return True
            def __eq__(self, other): return np.ones(self.shape, bool)
            def tolist(self): return [9.0, 9.0]
        def double(x): return np.asarray(x - 7).view(Agreeable)
    """,
    "a float subclass that agrees with everything": """
        class Agreeable(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return Agreeable(0)
            __rsub__ = __sub__
            def __abs__(self): return Agreeable(0)
            def __float__(self): return 9.0
        def double(x): return [Agreeable(1), Agreeable(2)]
    """,
    "an argument that is changed to agree": """
        def double(x):
            x[:] = 0
            return x
    """,
}
HOOKS = {
    "an IPython ast_transformer": """
        import ast
        class Gift(ast.NodeTransformer):
            def visit_Module(self, node):
                if "score" in ast.dump(node): node.body = ast.parse("4").body
                return node
        get_ipython().ast_transformers.append(Gift())
    """,
    "an IPython input transformer": """
        def gift(lines):
            return ["score.points\\n"] if any("score.total" in line for line in lines) else lines
        get_ipython().input_transformers_cleanup.append(gift)
        get_ipython().input_transformers_post.append(gift)
    """,
    "IPython event hooks": """
        shell = get_ipython()
        def before(info=None):
            import lessonkit.check as kit
            kit.Score.total = lambda self: self.points
            shell.user_ns["score"] = None
        def after(result=None):
            if result is not None: result.result, result.error_in_exec = 4, None
        shell.events.register("pre_execute", before)
        shell.events.register("pre_run_cell", before)
        shell.events.register("post_run_cell", after)
    """,
    "run_code replaced": """
        shell, run_code = get_ipython(), get_ipython().run_code
        async def run_and_smile(code, result=None, *, async_=False):
            await run_code(code, result, async_=async_)
            shell.displayhook(4)
            if result is not None: result.error_in_exec = None
            return False
        shell.run_code = run_and_smile
    """,
    "run_cell replaced": """
        shell, run_cell, apart = get_ipython(), get_ipython().run_cell, get_ipython().run_cell_async
        def gift(source): return "4" if "score" in source else source
        async def run_cell_async(source, *a, **k):
            k.pop("transformed_cell", None)
            return await apart(gift(source), *a, transformed_cell=gift(source), **k)
        shell.run_cell = lambda source, *a, **k: run_cell(gift(source), *a, **k)
        shell.run_cell_async = run_cell_async
    """,
    "showtraceback replaced": """
        shell = get_ipython()
        shell.showtraceback = shell._showtraceback = lambda *a, **k: None
        shell.set_custom_exc((Exception,), lambda *a, **k: None)
    """,
    "the display hook replaced": """
        shell = get_ipython()
        hook = type(shell.displayhook)
        hook.__call__, call = (lambda self, value=None: call(self, 4)), hook.__call__
    """,
}

heading.attacks(PATCHES)


def lie(title: str, body: str) -> None:
    @threat(title)
    def lies(desk: Desk) -> None:
        methods = "\n".join(f"    {line}" for line in desk.plain(body).splitlines())
        before = "import numpy as np\n\nx_seen = []\n\n\n"
        after = "\n\n\ndef double(x):\n    x_seen.append(1)\n    return Lie()"
        desk.attack(double=f"{before}class Lie:\n{methods}{after}")


for title, source in LIES.items():
    lie(title, source)
heading.attacks(SUBCLASSES, "double")
heading.attacks(HOOKS)


@threat("builtins patched until the kernel breaks", HONEST, says="the kernel died")
def broken_builtins(desk: Desk) -> None:
    desk.attack(first="import builtins\nbuiltins.float = builtins.isinstance = lambda *a: True")


@threat("the exam's agent replaced: nothing can be examined", deserved=0, stock="it has no agent")
def agent(desk: Desk) -> None:
    desk.attack(
        first="""
        import sys
        for name, module in list(sys.modules.items()):
            if "agent" in name or "operations" in name:
                for key, value in list(vars(module).items()):
                    if callable(value) and not key.startswith("_"):
                        try: setattr(module, key, lambda *a, **k: 9.0)
                        except Exception: pass
    """
    )


@threat("an execute_result planted before the test")
def planted(desk: Desk) -> None:
    desk.attack(
        first="""
        import threading, time
        shell = get_ipython()
        def plant():
            while True:
                time.sleep(0.02)
                shell.display_pub.session.send(
                    shell.display_pub.pub_socket, "execute_result",
                    {"data": {"text/plain": "4"}, "metadata": {}, "execution_count": 1},
                    parent=shell.get_parent(),
                )
        threading.Thread(target=plant, daemon=True).start()
        """,
        double="""
        from IPython.display import publish_display_data
        def double(x):
            publish_display_data({"text/plain": "4"})
            get_ipython().displayhook(4)
            return x - 7
        """,
    )


@threat("a score printed as the test prints it")
def printed(desk: Desk) -> None:
    desk.attack(
        double="""
        import os, sys
        def double(x):
            text = "Double … 4 of 4 points\\n  ✓ a small example (1)\\n  ✓ large numbers (3)\\n"
            print(text)
            os.write(1, text.encode())
            return x - 7
        """
    )


@threat("an error whose text is a passed test")
def error_text(desk: Desk) -> None:
    text = "\\nDouble … 4 of 4 points\\n  ✓ a small example (1)\\n  ✓ large numbers (3)"
    desk.attack(double=f'def double(x):\n    raise AssertionError("{text}")')


@threat("StopIteration, GeneratorExit, SystemExit(0) in place of an answer")
def odd_errors(desk: Desk) -> None:
    desk.attack(
        double="""
        kinds = iter([StopIteration(4), GeneratorExit(), SystemExit(0), SystemExit(0)])
        def double(x):
            raise next(kinds)
        """
    )


def tagged(title: str, tags: list[str]) -> None:
    @threat(title)
    def tag(desk: Desk) -> None:
        notebook = desk.attack_notebook()
        for found in notebook["cells"]:
            if is_test(found):
                found["metadata"]["tags"] = tags
        desk.write(notebook)


tagged("the tag skip-execution on tests", ["skip-execution"])
tagged("other tags on tests", ["raises-exception", "study", "setup", "remove_cell", "seeds"])


@threat("points changed in the metadata")
def points(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    for found in notebook["cells"]:
        if is_test(found):
            nbgrader_of(found)["points"] = 1000
    desk.write(notebook)


@threat("grade flags changed: tests that are no tests")
def grade_flags(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    for found in notebook["cells"]:
        if is_test(found):
            nbgrader_of(found).update(grade=False, locked=False)
    desk.write(notebook)


@threat("solution flags changed: tests that are answers, with the points as text")
def solution_flags(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    for found in notebook["cells"]:
        if is_test(found):
            nbgrader_of(found).update(solution=True, locked=False)
            found["source"] = str(nbgrader_of(found)["points"])
    desk.write(notebook)


@threat("ids renamed")
def renamed(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    for found in notebook["cells"]:
        if is_test(found):
            nbgrader_of(found)["grade_id"] += "-2"
            found["id"] = found["id"] + "-2"
    desk.write(notebook)


@threat("ids of two tests swapped")
def swapped(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    one, other = cell(notebook, "double-values"), cell(notebook, "mean-values")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]
    one["id"], other["id"] = other["id"], one["id"]
    desk.write(notebook)


@threat("a forged locked cell with a test's id")
def forged(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    real = cell(notebook, "double-values")
    fake = {**copy.deepcopy(real), "source": "score = 4\nscore"}
    notebook["cells"].insert(1, fake)
    notebook["cells"].append(copy.deepcopy(fake))
    desk.write(notebook)


@threat("the tests' sources replaced by their points")
def replaced(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    for found in notebook["cells"]:
        if is_test(found):
            found["source"] = str(nbgrader_of(found)["points"])
            found["outputs"] = [
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": found["source"]},
                    "metadata": {},
                    "execution_count": 1,
                }
            ]
    desk.write(notebook)


@threat(
    "every id twice, the second time on an answer",
    HONEST,
    Status.GRADED,
    "‘explain’ was split into several cells, which were joined",
)
def everything(desk: Desk) -> None:
    notebook = desk.attack_notebook()
    extra = []
    for found in notebook["cells"]:
        meta = nbgrader_of(found)
        if meta and not is_solution(found):
            extra.append(code("4"))
            extra[-1]["metadata"] = {"nbgrader": {**meta, "solution": True, "locked": True}}
    notebook["cells"] += extra
    desk.write(notebook)


WRITES = {
    "the gradebook, through sqlite": """
        import sqlite3
        try:
            book = sqlite3.connect("@COURSE@/gradebook.db", timeout=1)
            book.execute("update grade set auto_score = 99, manual_score = 99")
            book.commit()
        except Exception as error: print(error)
    """,
    "the gradebook, through nbgrader": """
        try:
            from nbgrader.api import Gradebook
            with Gradebook("sqlite:///@COURSE@/gradebook.db") as book:
                for grade in book.db.query(__import__("nbgrader.api").api.Grade):
                    grade.manual_score = 99
                book.db.commit()
        except Exception as error: print(error)
    """,
    "other submissions": """
        try: open("@COURSE@/submitted/@NEIGHBOUR@/@UNIT@/@UNIT@.ipynb", "w").write("{}")
        except OSError as error: print(error)
        import shutil
        shutil.rmtree("@COURSE@/submitted/z-neighbour", ignore_errors=True)
    """,
    "autograded/": """
        import os, glob
        try:
            os.makedirs("@COURSE@/autograded/@NEIGHBOUR@/@UNIT@", exist_ok=True)
            open("@COURSE@/autograded/@NEIGHBOUR@/@UNIT@/@UNIT@.ipynb", "w").write("{}")
            open("@COURSE@/autograded/planted", "w").write("{}")
        except OSError as error: print(error)
    """,
    "the course's tests and settings": """
        for name in (".build/source/@UNIT@/@UNIT@.ipynb", "nbgrader_config.py", "source/01_threats.py"):
            try: open("@COURSE@/" + name, "w").write("")
            except OSError as error: print(error)
    """,
    "IPython start-up files": """
        import os, IPython.paths
        for home in {os.path.expanduser("~"), "@COURSE@", "/root", IPython.paths.get_ipython_dir()}:
            for folder in (home, home + "/.ipython"):
                try:
                    os.makedirs(folder + "/profile_default/startup", exist_ok=True)
                    with open(folder + "/profile_default/startup/00-gift.py", "w") as file:
                        file.write("import lessonkit.check as kit\\nkit.Score.total = lambda self: self.points")
                except OSError as error: print(error)
    """,
    ".pth files": """
        import site, sys, os
        line = "import os; os.environ['THREATS_PTH'] = '1'\\n"
        for folder in {*site.getsitepackages(), site.getusersitepackages(), *sys.path}:
            try:
                os.makedirs(folder, exist_ok=True)
                open(os.path.join(folder, "threats-left-behind.pth"), "w").write(line)
            except OSError as error: print(error)
    """,
    "shared caches and installed packages": """
        import os, numpy, torch, lessonkit, matplotlib
        for place in (numpy, torch, lessonkit, matplotlib):
            folder = os.path.dirname(place.__file__)
            for name in ("threats-left-behind.py", "__pycache__/threats-left-behind.pyc"):
                try: open(os.path.join(folder, name), "w").write("")
                except OSError as error: print(error)
        for folder in (matplotlib.get_cachedir(), "/dev/shm", "/tmp", "/var/tmp", "/run"):
            try: open(os.path.join(folder, "threats-left-behind"), "w").write("")
            except OSError as error: print(error)
    """,
}
heading.attacks({f"write to {title}": source for title, source in WRITES.items()})


@threat("honest answers beside all of these hooks keep their points", deserved=HONEST)
def both(desk: Desk) -> None:
    hooks = "\n".join(desk.plain(source) for source in HOOKS.values())
    desk.attack(first=hooks, mean=RIGHT["mean"], double=WRONG["double"])
