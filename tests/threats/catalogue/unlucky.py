"""Unlucky: nobody means harm, and the points of the work must not depend on it."""

from __future__ import annotations

import codecs
import copy
import json
import random

from autograder.course import is_test, nbgrader_of, tags_of
from autograder.model import Status
from catalogue.desk import FULL, HONEST, RIGHT, UNIT, Desk, Notebook, cell, code, markdown
from catalogue.threat import Heading

heading = Heading("Unlucky", "u", deserved=FULL)
threat = heading.threat

TESTS = ("double-values", "scale-forward", "mean-values")
WITHOUT_DOUBLE = FULL - 4


@threat("a right answer that warns, also inside a test")
def warns(desk: Desk) -> None:
    noise = "import warnings\nwarnings.warn('when defined')\n"
    desk.hand_in(
        double=f"{noise}def double(x):\n    warnings.warn('when called')\n    return 2 * x"
    )


@threat("a right answer that prints to stderr, also inside a test")
def prints_to_stderr(desk: Desk) -> None:
    noise = "import sys\nprint('when defined', file=sys.stderr)\n"
    call = "    print('when called', file=sys.stderr)\n    print(x)\n"
    desk.hand_in(double=f"{noise}def double(x):\n{call}    return 2 * x")


@threat("a test cell copied and pasted")
def copied_test(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"].insert(5, copy.deepcopy(cell(notebook, "double-values")))
    desk.write(notebook)


@threat("a solution cell copied and pasted")
def copied_solution(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"].append(copy.deepcopy(cell(notebook, "double")))
    desk.write(notebook)


@threat("a solution cell twice, with two answers", FULL, Status.NEEDS_PERSON, "handed in 2 times")
def two_answers(desk: Desk) -> None:
    notebook = desk.notebook()
    other = {**copy.deepcopy(cell(notebook, "double")), "source": "def double(x):\n    return 7"}
    notebook["cells"].append(other)
    desk.write(notebook)


@threat("cells reordered")
def reordered(desk: Desk) -> None:
    notebook = desk.notebook()
    random.Random(1).shuffle(notebook["cells"])
    desk.write(notebook)


@threat("test cells deleted")
def deleted_tests(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"] = [c for c in notebook["cells"] if not is_test(c)]
    desk.write(notebook)


@threat("a solution cell deleted", WITHOUT_DOUBLE, says="‘double’ is missing")
def deleted_solution(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"].remove(cell(notebook, "double"))
    desk.write(notebook)


@threat("cells inserted everywhere")
def inserted(desk: Desk) -> None:
    notebook = desk.notebook()
    cells = []
    for found in notebook["cells"]:
        cells += [found, code("scribble = 1"), markdown("A note.")]
    notebook["cells"] = cells
    desk.write(notebook)


@threat("all cell ids and nbgrader metadata lost", says="without an id")
def rebuilt(desk: Desk) -> None:
    notebook = desk.notebook()
    for found in notebook["cells"]:
        found["metadata"] = {}
        found.pop("id", None)
    desk.write(notebook)


@threat("cell ids lost, metadata kept")
def without_ids(desk: Desk) -> None:
    notebook = desk.notebook()
    for found in notebook["cells"]:
        found.pop("id", None)
    desk.write(notebook)


@threat("nbgrader metadata lost in some cells, cell ids in others")
def half_rebuilt(desk: Desk) -> None:
    notebook = desk.notebook()
    for number, found in enumerate(notebook["cells"]):
        if number % 2:
            found["metadata"] = {}
        else:
            found.pop("id", None)
    desk.write(notebook)


@threat("nbgrader metadata mixed up between cells")
def mixed_up(desk: Desk) -> None:
    notebook = desk.notebook()
    tests = [c for c in notebook["cells"] if is_test(c)]
    metadata = [c["metadata"] for c in tests]
    for found, other in zip(tests, metadata[1:] + metadata[:1], strict=True):
        found["metadata"] = other
        found.pop("id", None)
    desk.write(notebook)


@threat(
    "an answer without id under another name",
    WITHOUT_DOUBLE,
    Status.NEEDS_PERSON,
    "found by where it stands",
)
def unsure(desk: Desk) -> None:
    notebook = desk.notebook(double="def twice(v):\n    return 2 * v")
    cell(notebook, "double").pop("id", None)
    cell(notebook, "double")["metadata"] = {}
    desk.write(notebook)


@threat("an answer that became markdown, its ids lost", says="‘double’ came without an id")
def became_markdown(desk: Desk) -> None:
    notebook = desk.notebook()
    found = cell(notebook, "double")
    found["cell_type"], found["metadata"], found["id"] = "markdown", {}, "new"
    desk.write(notebook)


@threat("an answer split in two by the editor", says="‘scale’ was split into several cells")
def split(desk: Desk) -> None:
    notebook = desk.notebook()
    found = cell(notebook, "scale")
    first, second = found["source"].split("\n\n    def forward")
    found["source"] = first
    other = {**copy.deepcopy(found), "id": "new", "source": f"    def forward{second}"}
    notebook["cells"].insert(notebook["cells"].index(found) + 1, other)
    desk.write(notebook)


@threat("the whole notebook twice", says="more than once: the copies are the same")
def doubled(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"] += copy.deepcopy(desk.released()["cells"])
    desk.write(notebook)


@threat("an answer below its stub", says="stood in a cell of its own")
def below_its_stub(desk: Desk) -> None:
    notebook = desk.notebook()
    place = notebook["cells"].index(cell(notebook, "double"))
    stub = cell(desk.released(), "double")
    notebook["cells"][place : place + 1] = [stub, code(RIGHT["double"])]
    desk.write(notebook)


def needs_what_stands_in(where: str, what: str, source: str, says: str) -> None:
    """An answer that needs something which stands in a cell of the instructor's."""

    @threat(f"{what} in the {where} cell that an answer needs", says=says)
    def stands_elsewhere(desk: Desk) -> None:
        notebook = desk.notebook(double="def double(x):\n    return helper * x")
        found = {
            "setup": lambda c: "setup" in tags_of(c),
            "test": lambda c: nbgrader_of(c).get("grade_id") == "double-values",
        }[where]
        next(c for c in notebook["cells"] if found(c))["source"] += f"\n{source}"
        desk.write(notebook)


needs_what_stands_in("setup", "an import", "from math import pi\nhelper = 2", "added to the setup")
needs_what_stands_in("test", "a helper", "helper = 2", "‘double-values’ was changed")


def with_kernel(name: str, shown: str) -> None:
    @threat(f"a kernel named {name!r}")
    def other_kernel(desk: Desk) -> None:
        notebook = desk.notebook()
        notebook["metadata"] = {
            "kernelspec": {"name": name, "display_name": shown, "language": "python"},
            "colab": {"provenance": []},
        }
        desk.write(notebook)


with_kernel("conda-env-ml-py", "Python [conda env:ml]")
with_kernel("python3-colab", "Python 3 (Colab)")


def with_format(minor: int) -> None:
    @threat(f"nbformat 4.{minor}")
    def other_format(desk: Desk) -> None:
        notebook = desk.notebook()
        notebook["nbformat_minor"] = minor
        for found in notebook["cells"]:
            if minor < 5:
                found.pop("id", None)
        desk.write(notebook)


for minor in range(6):
    with_format(minor)


@threat("CRLF line ends, in the file and in the sources")
def crlf(desk: Desk) -> None:
    notebook = desk.notebook()
    for found in notebook["cells"]:
        found["source"] = found["source"].replace("\n", "\r\n")
    desk.write(json.dumps(notebook, indent=1).replace("\n", "\r\n").encode())


@threat("a byte order mark, UTF-8")
def marked(desk: Desk) -> None:
    desk.write(codecs.BOM_UTF8 + json.dumps(desk.notebook()).encode())


@threat("a byte order mark, UTF-16")
def wide(desk: Desk) -> None:
    desk.write(json.dumps(desk.notebook()).encode("utf-16"))


@threat("a Windows encoding", says="read as Windows-1252")
def windows_encoding(desk: Desk) -> None:
    notebook = desk.notebook(double="def double(größe):\n    return 2 * größe")
    desk.write(json.dumps(notebook, ensure_ascii=False).encode("cp1252", "replace"))


@threat("a name that is not ASCII", student="u-Zoë Müller-Łuć 学生")
def foreign_name(desk: Desk) -> None:
    desk.hand_in(double="def double(größe):\n    return 2 * größe  # 二倍")


@threat("Windows paths, in the code and in the file's name", says="the file was named")
def windows(desk: Desk) -> None:
    notebook = desk.notebook(first="path = 'C:\\\\Users\\\\me\\\\unit.ipynb'")
    desk.write(notebook, f"C:\\Users\\me\\{UNIT}.ipynb")


@threat("an empty file", 0, Status.FAILED, "empty")
def empty(desk: Desk) -> None:
    desk.write(b"")


@threat("truncated JSON", 0, Status.FAILED, "damaged or cut off")
def truncated(desk: Desk) -> None:
    desk.write(json.dumps(desk.notebook()).encode()[:2000])


@threat("a 50 MB output in the file")
def large(desk: Desk) -> None:
    notebook = desk.notebook()
    text = "0123456789abcdef" * (50 * 2**16)
    cell(notebook, "mean")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    desk.write(notebook)


@threat("an integer of 5,000 digits and a nest of 5,000 levels in outputs", says="200 levels deep")
def odd_outputs(desk: Desk) -> None:
    notebook = desk.notebook()
    cell(notebook, "mean")["outputs"] = ["NUMBER", "NEST"]
    text = json.dumps(notebook).replace('"NUMBER"', "9" * 5000)
    desk.write(text.replace('"NEST"', "[" * 5000 + "]" * 5000).encode())


@threat("a cell of 1.5 MB that an answer needs")
def long_cell(desk: Desk) -> None:
    numbers = ",\n".join([f"2.{'0' * 70}"] * 20_000)
    desk.hand_in(f"twos = [{numbers}]", double="def double(x):\n    return twos[-1] * x")


@threat("a text file renamed to .ipynb", 0, Status.FAILED, "not a complete notebook")
def text_file(desk: Desk) -> None:
    desk.write(b"def double(x): return 2 * x\n\nSee above.\n")


@threat("a wrong file name", says="the file was named")
def wrong_name(desk: Desk) -> None:
    desk.write(desk.notebook(), "homework (final) (2).ipynb")


@threat("a missing unit", 0, Status.MISSING, "nothing was handed in")
def missing(desk: Desk) -> None:
    (desk.course.submitted / desk.student).mkdir()


@threat("a folder without a notebook", 0, Status.FAILED, "no notebook in the folder")
def folder_only(desk: Desk) -> None:
    desk.write(b"See you in class.", "readme.txt")


@threat("an extra notebook beside it", says="other notebooks beside it")
def extra(desk: Desk) -> None:
    desk.hand_in()
    desk.write(desk.released(), "scratch.ipynb")


@threat("a bad timestamp file", says="timestamp.txt cannot be read")
def bad_timestamp(desk: Desk) -> None:
    desk.hand_in()
    desk.write(b"yesterday at \xff\xfe o'clock", "timestamp.txt")


STOPPED = Status.GRADED  # with the points of all that did run, and a remark
LOOP_IN_C = "import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)"
SEGFAULT = "import ctypes\nctypes.string_at(0)"


def in_a_cell(title: str, source: str, status: Status, says: str = "", stock: str = "") -> None:
    """Something that happens in a cell of the student's own: no exercise needs it."""

    @threat(f"{title}, in a cell", FULL, status, says, stock=stock)
    def happens(desk: Desk) -> None:
        desk.hand_in(first=source)


def in_a_test(title: str, source: str, says: str = "") -> None:
    """Something that happens when a test calls the answer: that answer's points are lost."""

    @threat(f"{title}, inside a test", WITHOUT_DOUBLE, says=says)
    def happens(desk: Desk) -> None:
        body = "\n".join(f"    {line}" for line in source.splitlines())
        desk.hand_in(double=f"def double(x):\n{body}\n    return 2 * x")


in_a_cell("an endless loop", "while True:\n    pass", Status.GRADED, "did not end within")
in_a_cell("an endless loop in C code", LOOP_IN_C, STOPPED, "did not react to being stopped")
in_a_cell("exit()", "exit()", STOPPED, "exit")
in_a_cell("sys.exit()", "import sys\nsys.exit(1)", Status.GRADED)
in_a_cell("os._exit", "import os\nos._exit(0)", STOPPED, "the kernel died")
in_a_cell("a segfault", SEGFAULT, STOPPED, "the kernel died")
in_a_cell("KeyboardInterrupt", "raise KeyboardInterrupt", Status.GRADED)
in_a_cell("input()", "name = input('Your name? ')", Status.GRADED)


@threat("exit(), inside a test")
def exits_in_a_test(desk: Desk) -> None:
    """IPython's exit() returns, and so does the answer; the next exercise needs the kernel."""
    desk.hand_in(double="def double(x):\n    exit()\n    return 2 * x")


in_a_test("an endless loop", "while True:\n    pass", r"\[too-slow\]")
in_a_test("an endless loop in C code", LOOP_IN_C, r"\[too-slow\]")
in_a_test("os._exit", "import os\nos._exit(0)")
in_a_test("a segfault", SEGFAULT)
in_a_test("KeyboardInterrupt", "raise KeyboardInterrupt")
in_a_test("input()", "input('Your name? ')")


@threat("an endless loop where the answer should be", WITHOUT_DOUBLE, STOPPED, "did not end within")
def endless_answer(desk: Desk) -> None:
    desk.hand_in(double="while True:\n    pass")


@threat("an exception in an early cell")
def early(desk: Desk) -> None:
    desk.hand_in(first="1 / 0")


@threat("an exception in the first answer", WITHOUT_DOUBLE)
def early_answer(desk: Desk) -> None:
    desk.hand_in(double="import no_such_library\n\n\n" + RIGHT["double"])


@threat("an answer that does not parse", WITHOUT_DOUBLE)
def syntax_error(desk: Desk) -> None:
    desk.hand_in(double="def double(x)\n    return 2 * x")


@threat("nothing answered", 0)
def untouched(desk: Desk) -> None:
    desk.write(desk.released())


@threat("one exercise of three answered", HONEST)
def one_of_three(desk: Desk) -> None:
    notebook: Notebook = desk.released()
    cell(notebook, "mean")["source"] = RIGHT["mean"]
    assert nbgrader_of(cell(notebook, "mean"))["solution"]
    desk.write(notebook)
