"""Cells copied, split, merged, turned into another kind, moved, or robbed of their metadata."""

from __future__ import annotations

import copy
import random

from autograder.course import is_solution, is_test, nbgrader_of
from situations.desk import WORDS, Catalogue, Desk, code, find, place, tagged, text, turn_into

catalogue = Catalogue()
case = catalogue.case

HALF_MSE = "def half_mse(f, y):\n    return float(0.5 * ((f - y) ** 2).sum(axis=1).mean())"


@case("the solved notebook", quiet=True)
def solved(desk: Desk) -> None:
    desk.write(desk.notebook())


@case("the solved notebook with its written answer", written=True, quiet=True, seen=(WORDS,))
def whole(desk: Desk) -> None:
    desk.write(desk.notebook(WORDS))


@case("the whole notebook twice, drafts above", person=None, says=("more than once",))
def twice_with_drafts(desk: Desk) -> None:
    notebook = desk.notebook()
    drafts = copy.deepcopy(notebook["cells"])
    for cell in drafts:
        if is_solution(cell):
            drafted = cell["source"].rstrip().splitlines()[:-1]
            cell["source"] = "\n".join([*drafted, "    raise NotImplementedError"])
        cell["id"] = f"draft-{cell['id']}"
    notebook["cells"] = drafts + notebook["cells"]
    desk.write(notebook)


@case("the whole notebook twice, alike", says=("more than once",))
def twice(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"] += copy.deepcopy(notebook["cells"])
    desk.write(notebook)


@case("an answer's text doubled, so that it does not parse", points=34, says=("SyntaxError",))
def text_doubled(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "half_mse")
    cell["source"] += cell["source"]
    desk.write(notebook)


@case("an answer's text doubled, with a line between")
def text_doubled_well(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "half_mse")
    cell["source"] += "\n\n" + cell["source"]
    desk.write(notebook)


@case("a solution became markdown, its metadata lost", person=None, says=("forward",))
def solution_as_markdown(desk: Desk) -> None:
    notebook = desk.notebook()
    turn_into(find(notebook, "forward"), "markdown")
    desk.write(notebook)


@case("a solution became raw, its metadata lost", person=None, says=("half_mse",))
def solution_as_raw(desk: Desk) -> None:
    notebook = desk.notebook()
    turn_into(find(notebook, "half_mse"), "raw")
    desk.write(notebook)


@case("a solution became markdown, its metadata kept", person=None)
def solution_as_markdown_kept(desk: Desk) -> None:
    notebook = desk.notebook()
    turn_into(find(notebook, "train"), "markdown", keep=True)
    desk.write(notebook)


@case("an answer split in two, metadata in both halves", person=None)
def split_in_two(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "flatten")
    cell = notebook["cells"][at]
    lines = cell["source"].splitlines()
    cut = next(n for n, line in enumerate(lines) if n > 3 and line.startswith("def "))
    second = copy.deepcopy(cell)
    cell["source"], second["source"] = "\n".join(lines[:cut]), "\n".join(lines[cut:])
    second["id"] = "second-half"
    notebook["cells"].insert(at + 1, second)
    desk.write(notebook)


@case("an answer split in two, metadata in the first half only", person=None)
def split_lost(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "flatten")
    cell = notebook["cells"][at]
    lines = cell["source"].splitlines()
    cut = next(n for n, line in enumerate(lines) if n > 3 and line.startswith("def "))
    cell["source"] = "\n".join(lines[:cut])
    notebook["cells"].insert(at + 1, code("\n".join(lines[cut:])))
    desk.write(notebook)


@case("a helper split off above its answer", person=None)
def helper_above(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "half_mse")
    notebook["cells"][at]["source"] = "def half_mse(f, y):\n    return half_of(f, y)"
    notebook["cells"].insert(
        at, code("def half_of(f, y):\n    return float(0.5 * ((f - y) ** 2).sum(1).mean())")
    )
    desk.write(notebook)


@case("an answer merged with the check below it", person=None)
def merged_with_test(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "half_mse")
    test = next(c for c in notebook["cells"][at:] if is_test(c))
    notebook["cells"][at]["source"] += "\n\n" + test["source"]
    notebook["cells"].remove(test)
    desk.write(notebook)


@case("two answers merged into one cell", person=None)
def merged_answers(desk: Desk) -> None:
    notebook = desk.notebook()
    second = find(notebook, "half_mse")
    find(notebook, "forward")["source"] += "\n\n" + second["source"]
    notebook["cells"].remove(second)
    desk.write(notebook)


@case("an answer written into its check cell", person=None)
def answer_in_test(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "half_mse")
    test = find(notebook, "half_mse-values")
    test["source"] = cell["source"] + "\n\n" + test["source"]
    notebook["cells"].remove(cell)
    desk.write(notebook)


@case("an answer moved to the end, its metadata lost", person=None)
def moved_to_the_end(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "gradient_norm") if has(notebook, "gradient_norm") else None
    cell = cell or find(notebook, "half_mse")
    notebook["cells"].remove(cell)
    turn_into(cell, "code")
    notebook["cells"].append(cell)
    desk.write(notebook)


def has(notebook: dict, grade_id: str) -> bool:
    return any(nbgrader_of(c).get("grade_id") == grade_id for c in notebook["cells"])


@case("the stub kept, the answer in a new cell below", person=None)
def stub_kept(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "half_mse")
    answer = code(notebook["cells"][at]["source"])
    notebook["cells"][at]["source"] = (
        'def half_mse(f, y):\n    """The mean."""\n    # TODO: your code here\n'
        "    raise NotImplementedError"
    )
    notebook["cells"].insert(at + 1, answer)
    desk.write(notebook)


@case("all metadata and ids lost", says=("without an id",))
def all_lost(desk: Desk) -> None:
    notebook = desk.notebook()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    desk.write(notebook)


@case("Colab's own ids and metadata")
def colab(desk: Desk) -> None:
    notebook = desk.notebook()
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c0lab{number:04}"
        cell["metadata"] |= {"id": f"c0lab{number:04}", "colab": {"base_uri": "https://x"}}
    notebook["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    desk.write(notebook)


@case(
    "scratch cells and notes everywhere",
    person=False,
    says=("‘explain’ was left empty; text of the student's stands elsewhere",),
)
def scratch(desk: Desk) -> None:
    notebook = desk.notebook()
    asked = place(notebook, "explain")
    cells = []
    for number, cell in enumerate(notebook["cells"]):
        cells.append(cell)
        if number > 3 and abs(number - asked) > 2:  # a note beside the question is an answer
            cells += [code(f"scribble = {number}"), text(f"A note, number {number}.")]
    notebook["cells"] = cells
    desk.write(notebook)


@case("a shuffled notebook", person=None)
def shuffled(desk: Desk) -> None:
    notebook = desk.notebook()
    random.Random(4).shuffle(notebook["cells"])
    desk.write(notebook)


@case("an answer given twice, first wrong, then right", person=True)
def wrong_then_right(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "half_mse")
    wrong = copy.deepcopy(notebook["cells"][at])
    wrong["source"] = "def half_mse(f, y):\n    return 7.0"
    notebook["cells"].insert(at, {**wrong, "id": "earlier"})
    desk.write(notebook)


@case("tests deleted", person=None)
def tests_deleted(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"] = [c for c in notebook["cells"] if not is_test(c)]
    desk.write(notebook)


@case("a helper written into a check cell", person=None, says=("half_mse-values",))
def helper_in_test(desk: Desk) -> None:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = "def half_mse(f, y):\n    return of_both(f, y)"
    test = find(notebook, "half_mse-values")
    test["source"] = (
        "def of_both(f, y):\n    return float(0.5 * ((f - y) ** 2).sum(axis=1).mean())\n\n"
        + test["source"]
    )
    desk.write(notebook)


@case("an import added to the setup cell", person=None, says=("setup",))
def import_in_setup(desk: Desk) -> None:
    notebook = desk.notebook()
    tagged(notebook, "setup")["source"] += "\nimport math"
    find(notebook, "half_mse")["source"] = HALF_MSE.replace(
        "    return", "    assert math.pi > 3\n    return"
    )
    desk.write(notebook)


@case("an import at the top of the setup cell", person=None, says=("setup",))
def import_above_setup(desk: Desk) -> None:
    notebook = desk.notebook()
    setup = tagged(notebook, "setup")
    setup["source"] = "import math\n" + setup["source"]
    find(notebook, "half_mse")["source"] = HALF_MSE.replace(
        "    return", "    assert math.pi > 3\n    return"
    )
    desk.write(notebook)


@case("a constant in the setup cell, in the middle", person=None, says=("setup",))
def constant_in_setup(desk: Desk) -> None:
    notebook = desk.notebook()
    setup = tagged(notebook, "setup")
    lines = setup["source"].splitlines()
    setup["source"] = "\n".join([*lines[:-1], "HALF = 0.5", lines[-1]])
    find(notebook, "half_mse")["source"] = HALF_MSE.replace("0.5", "HALF")
    desk.write(notebook)


@case("a helper written into a study cell", person=None)
def helper_in_study(desk: Desk) -> None:
    notebook = desk.notebook()
    tagged(notebook, "study")["source"] += (
        "\n\ndef helper(f, y):\n    return 0.5 * ((f - y) ** 2).sum(axis=1).mean()"
    )
    find(notebook, "half_mse")["source"] = "def half_mse(f, y):\n    return float(helper(f, y))"
    desk.write(notebook)


@case("a helper in a study cell, above what stands there", person=None)
def helper_above_study(desk: Desk) -> None:
    notebook = desk.notebook()
    study = tagged(notebook, "study")
    study["source"] = (
        "def helper(f, y):\n    return 0.5 * ((f - y) ** 2).sum(axis=1).mean()\n\n"
        + study["source"]
    )
    find(notebook, "half_mse")["source"] = "def half_mse(f, y):\n    return float(helper(f, y))"
    desk.write(notebook)


@case("a study cell replaced by a helper", person=None)
def helper_for_study(desk: Desk) -> None:
    notebook = desk.notebook()
    tagged(notebook, "study")["source"] = (
        "def helper(f, y):\n    return 0.5 * ((f - y) ** 2).sum(axis=1).mean()"
    )
    find(notebook, "half_mse")["source"] = "def half_mse(f, y):\n    return float(helper(f, y))"
    desk.write(notebook)


@case("an answer that needs a table of 1.5 MB in a cell", person=None)
def large_cell(desk: Desk) -> None:
    notebook = desk.notebook()
    at = place(notebook, "half_mse")
    table = "TABLE = '''\n" + "0.5 " * 375_000 + "\n'''\nHALF = float(TABLE.split()[-1])"
    notebook["cells"].insert(at, code(table))
    find(notebook, "half_mse")["source"] = HALF_MSE.replace("0.5", "HALF")
    desk.write(notebook)


@case("integers of 5,000 digits in outputs", quiet=True)
def long_integers(desk: Desk) -> None:
    data = as_text(desk).replace('"outputs": []', '"outputs": [' + MANY_DIGITS + "]", 1)
    desk.write(data.encode())


MANY_DIGITS = (
    '{"output_type": "execute_result", "execution_count": 1, "metadata": {}, '
    '"data": {"application/json": ' + "7" * 5000 + "}}"
)


def as_text(desk: Desk) -> str:
    from situations.desk import as_bytes

    notebook = desk.notebook()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return as_bytes(notebook).decode()


@case("NaN and infinities in outputs", quiet=True)
def not_json(desk: Desk) -> None:
    odd = (
        '{"output_type": "display_data", "metadata": {}, '
        '"data": {"application/json": [NaN, Infinity, -Infinity, 1e999]}}'
    )
    desk.write(as_text(desk).replace('"outputs": []', f'"outputs": [{odd}]', 1).encode())


@case("surrogates in outputs, keys and names")
def surrogates(desk: Desk) -> None:
    odd = (
        '{"output_type": "display_data", "metadata": {"\\ud800": 1}, '
        '"data": {"text/plain": "\\udfff", "x/\\ud800": "\\ud83d"}}'
    )
    desk.write(as_text(desk).replace('"outputs": []', f'"outputs": [{odd}]', 1).encode())


@case("a surrogate in an answer's comment", person=None)
def surrogate_in_answer(desk: Desk) -> None:
    marked = as_text(desk).replace("def half_mse(f, y):", "def half_mse(f, y):  # \\ud83d", 1)
    desk.write(marked.encode())


@case("sources as lists of lines, nbformat 4.0")
def nbformat_40(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        cell.pop("id", None)
    desk.write(notebook)


@case("texts as an earlier release had them", quiet=True)
def earlier_release(desk: Desk) -> None:
    notebook = desk.notebook()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = cell["source"].replace(" minutes", " min").replace("about", "some")
    desk.write(notebook)
