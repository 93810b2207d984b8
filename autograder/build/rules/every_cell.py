"""Rules for cells of any kind: ids, metadata, title, set-up, sections, code that parses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.build.rules.finding import Cell, Draft, Finding
from autograder.build.rules.syntax import parse
from autograder.course import is_solution, is_test, is_written, nbgrader_of, tags_of
from autograder.regions import HIDDEN_TESTS, SOLUTION, without

LONGEST_ID = 64  # nbformat's limit for a cell id
EXERCISE_ID = re.compile(r"[a-z][a-z0-9_]*")
TEST_ID = re.compile(r"[a-z][a-z0-9_]*-[A-Za-z0-9_-]+")
TAGS = {
    *("title", "setup", "predict", "study", "seeds"),
    *("nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "raises-exception"),
    *("hide-input", "hide-output", "hide-cell"),
}


def metadata(draft: Draft) -> Iterator[Finding]:
    """nbgrader's metadata is complete, and of a kind that the course uses."""
    for cell in draft.cells:
        meta = nbgrader_of(cell.node)
        if not meta:
            continue
        if not meta.get("grade_id"):
            yield draft.finding(
                cell.line,
                "this cell has no grade_id.",
                'Give it one: "grade_id": "forward-values".',
            )
        lacking = {"grade", "solution", "locked", "schema_version", "task"} - set(meta)
        if lacking:
            yield draft.finding(
                cell.line,
                f"nbgrader's metadata lacks {', '.join(sorted(lacking))}.",
                'Copy it from another cell; "schema_version" is 3, "task" is false.',
            )
        markdown = cell.node.cell_type == "markdown"
        fits = is_written(cell.node) if markdown else is_test(cell.node) or is_solution(cell.node)
        if not fits:
            yield draft.finding(
                cell.line,
                f"this {cell.node.cell_type} cell is neither a solution, a test nor a written answer.",
                "A solution is code with solution: true, grade: false; a test is code with "
                "grade: true, solution: false; a written answer is markdown with both true.",
            )
        points = meta.get("points")
        if meta.get("grade") and not (isinstance(points, int | float) and points > 0):
            yield draft.finding(
                cell.line,
                f"graded cell {meta.get('grade_id', '')!r} has no points.",
                'Add "points": a number above 0 to its nbgrader metadata.',
            )


def ids(draft: Draft) -> Iterator[Finding]:
    """Ids have their form, and none is used twice."""
    seen: dict[str, int] = {}
    for cell in draft.cells:
        own = nbgrader_of(cell.node).get("grade_id")
        if not own:
            continue
        form = TEST_ID if is_test(cell.node) else EXERCISE_ID
        if not form.fullmatch(own) or len(own) > LONGEST_ID:
            example = "backward-W1 (the exercise, a dash, what it tests)"
            yield draft.finding(
                cell.line,
                f"{own!r} is not an id of the form that is needed here.",
                f"Write it like {example if is_test(cell.node) else 'numeric_gradient'}, "
                f"in at most {LONGEST_ID} characters.",
            )
        if own in seen:
            yield draft.finding(
                cell.line,
                f"the id {own!r} is used twice; line {seen[own]} has it already.",
                "Give one of the two cells another id.",
            )
        seen.setdefault(own, cell.line)


def tags(draft: Draft) -> Iterator[Finding]:
    """Tags are known: a misspelt one would be ignored without a word."""
    for cell in draft.cells:
        for tag in tags_of(cell.node):
            if tag not in TAGS:
                yield draft.finding(
                    cell.line,
                    f"the tag {tag!r} is not known.",
                    f"Known: {', '.join(sorted(TAGS))}.",
                )


def title(draft: Draft) -> Iterator[Finding]:
    """The first cell is the title, with its badge, points and minutes."""
    titles = [cell for cell in draft.cells if "title" in tags_of(cell.node)]
    first = draft.cells[0]
    if len(titles) != 1 or titles[0].line != first.line:
        yield draft.finding(
            titles[-1].line if titles else first.line,
            f"there are {len(titles)} title cells, or the title is not the first cell.",
            'Begin the unit with one cell `# %% [markdown] tags=["title"]`.',
        )
        return
    if not re.match(r"# \S", first.source):
        yield draft.finding(
            first.line, "the title cell has no title.", "Begin it with `# # Title`."
        )
    for name in ("{{badge}}", "{{points}}", "{{minutes}}"):
        if name not in first.source:
            yield draft.finding(
                first.line,
                f"the title cell has no {name}.",
                f"Write {name} where it should appear.",
            )


def setup(draft: Draft) -> Iterator[Finding]:
    """There is one setup cell, and it is the first code."""
    code = [cell for cell in draft.cells if cell.node.cell_type == "code"]
    setups = [cell for cell in draft.cells if "setup" in tags_of(cell.node)]
    if len(setups) != 1 or not code or setups[0].line != code[0].line:
        yield draft.finding(
            setups[-1].line if setups else draft.cells[0].line,
            f"there are {len(setups)} setup cells, or the setup is not the first code cell.",
            'Put one code cell `# %% tags=["setup"]` right after the title.',
        )


def sections(draft: Draft) -> Iterator[Finding]:
    """Each section with an exercise lets the student predict something."""
    heading: Cell | None = None
    predicts, exercises = False, False
    for cell in [*draft.cells, None]:
        begins = cell is None or (
            cell.node.cell_type == "markdown" and re.search(r"^## ", cell.source, re.MULTILINE)
        )
        if begins:
            if heading and exercises and not predicts:
                name = next(li for li in heading.source.splitlines() if li.startswith("## "))
                yield draft.finding(
                    heading.line,
                    f"the section {name.lstrip('# ')!r} has an exercise but no prediction.",
                    'Add a cell `# %% [markdown] tags=["predict"]` before the exercise.',
                )
            heading, predicts, exercises = cell, False, False
        if cell is not None:
            predicts = predicts or "predict" in tags_of(cell.node)
            exercises = exercises or cell.exercise is not None


def code(draft: Draft) -> Iterator[Finding]:
    """Code parses, as it stands here."""
    for cell in draft.cells:
        if cell.node.cell_type != "code" or "setup" in tags_of(cell.node):
            continue
        tree = parse(cell.source, magics=not is_test(cell.node))
        if isinstance(tree, SyntaxError):
            yield draft.finding(
                cell.line + (tree.lineno or 0),
                f"this code does not parse: {tree.msg}.",
                "Mend the syntax. (A test cell must be plain Python, without magics.)",
            )


def regions(draft: Draft) -> Iterator[Finding]:
    """BEGIN and END come in pairs, one after the other, in the cells that they belong to."""
    for cell in draft.cells:
        hidden_fits = is_test(cell.node)
        solution_fits = is_solution(cell.node) or is_written(cell.node)
        for region, fits in ((SOLUTION, solution_fits), (HIDDEN_TESTS, hidden_fits)):
            begin, end, open_line = region.begin, region.end, 0
            for number, line in enumerate(cell.source.splitlines(), cell.line + 1):
                if begin in line or end in line:
                    if not fits:
                        yield draft.finding(
                            number,
                            f"{begin if begin in line else end} stands in a cell of another kind.",
                            "Solutions stand in solution cells and written answers, hidden tests "
                            "in test cells: look at the cell's nbgrader metadata.",
                        )
                    if (begin in line) == bool(open_line):
                        yield draft.finding(
                            number,
                            f"{begin} and {end} do not alternate.",
                            f"Close each {begin} with one {end} before the next.",
                        )
                    open_line = number if begin in line else 0
            if open_line:
                yield draft.finding(open_line, f"{begin} without {end}.", f"Add a line ### {end}.")


def instructors_own(draft: Draft) -> Iterator[Finding]:
    """What students see does not import the autograder, which they do not have."""
    for cell in draft.cells:
        if cell.node.cell_type != "code" or "seeds" in tags_of(cell.node):
            continue
        tree = parse(without(cell.source, HIDDEN_TESTS))
        for node in ast.walk(tree) if isinstance(tree, ast.Module) else ():
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(module.split(".")[0] == "autograder" for module in modules):
                yield draft.finding(
                    cell.line,
                    "this cell imports the autograder where students can see it.",
                    "Import it inside the hidden tests; students have lessonkit only.",
                )


RULES = (metadata, ids, tags, title, setup, sections, code, regions, instructors_own)
