"""Rules for test cells: their points, what they lean on, the mistakes that they name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.build.rules.finding import Cell, Draft, Finding
from autograder.build.rules.syntax import (
    argument,
    bound,
    called,
    calls,
    imported,
    literal,
    needed,
    parse,
    plain,
)
from autograder.course import nbgrader_of, tags_of
from autograder.regions import HIDDEN_TESTS, without
from lessonkit.check.codes import CODES

# Where the assertions of lessonkit.check take a diagnosis code by position.
CODE_AT = {"true": 2, "equal": 3, "at_least": 3, "at_most": 3}
NOWHERE = 99  # a position that no call has


def parsed(cells: list[Cell]) -> Iterator[tuple[Cell, ast.Module]]:
    """The cells that parse; rules.cells tells of the others."""
    for cell in cells:
        tree = parse(cell.source, magics=False)
        if isinstance(tree, ast.Module):
            yield cell, tree


def matched(draft: Draft) -> Iterator[Finding]:
    """Each test belongs to an exercise, and stands below it."""
    below = {str((c.exercise or {}).get("id", "")): c.line for c in draft.exercises}
    for cell in draft.tests:
        name = str(nbgrader_of(cell.node).get("grade_id", ""))
        exercise = name.split("-", maxsplit=1)[0]
        if exercise not in below:
            yield draft.finding(
                cell.line,
                f"the test {name!r} matches no exercise.",
                f"Begin its grade_id with an exercise's id; there are: {', '.join(below) or 'none'}.",
            )
        elif cell.line < below[exercise]:
            yield draft.finding(
                cell.line,
                f"the test {name!r} stands before its exercise.",
                f"Move it below line {below[exercise]}.",
            )


def points(draft: Draft) -> Iterator[Finding]:
    """One Score with the cell's points; parts that add up to them; the total as the last line."""
    for cell, tree in parsed(draft.tests):
        meta = nbgrader_of(cell.node)
        name, worth = str(meta.get("grade_id", "")), meta.get("points")
        if not isinstance(worth, int | float):
            continue  # rules.cells tells of it
        scores = [call for call in calls(tree) if called(call) == "Score"]
        if len(scores) != 1:
            yield draft.finding(
                cell.line,
                f"the test {name!r} makes {len(scores)} scores.",
                f'Make one: score = check.Score("What is tested", {worth}).',
            )
            continue
        value = literal(argument(scores[0], "points", 1))
        if value != worth:
            yield draft.finding(
                cell.line + scores[0].lineno,
                f"the score of {name!r} is made for {value} points; its metadata says {worth}.",
                "Write the same number in both places, as a literal.",
            )
        parts = [call for call in calls(tree) if called(call) == "part"]
        each = [literal(argument(call, "points", 1)) for call in parts]
        numbers = [n for n in each if isinstance(n, int | float)]
        if len(numbers) < len(each) or abs(sum(numbers) - worth) > 1e-9:
            yield draft.finding(
                cell.line + (parts[0].lineno if parts else 1),
                f"the parts of {name!r} add up to {sum(numbers):g} of {worth} points.",
                "Give each `with score.part(name, points):` literal points, together the cell's.",
            )
        last = tree.body[-1] if tree.body else None
        if not (
            isinstance(last, ast.Expr)
            and isinstance(last.value, ast.Call)
            and called(last.value) == "total"
        ) or cell.source.rstrip().endswith(";"):
            yield draft.finding(
                cell.line + (last.lineno if last else 1),
                f"the test {name!r} does not end with its total.",
                "Make `score.total()` the last line, without a semicolon, outside of hidden tests.",
            )


def student_names(draft: Draft) -> set[str]:
    """Names that solution cells define, other than by importing."""
    names: set[str] = set()
    for cell in draft.solutions:
        code = plain(cell.source)
        names |= bound(code) - imported(code)
    return names


def makers(draft: Draft) -> dict[str, int]:
    """Names that other cells define, with the first line of such a cell."""
    lines: dict[str, int] = {}
    for cell in draft.cells:
        if cell.node.cell_type == "code" and isinstance(parse(cell.source), ast.Module):
            for name in bound(plain(cell.source)):
                lines.setdefault(name, cell.line)
    return lines


def independent(draft: Draft) -> Iterator[Finding]:
    """A test leans on nothing but its own names and the student's, with hidden tests or without."""
    if any(isinstance(parse(cell.source), SyntaxError) for cell in draft.solutions):
        return  # which names are the student's cannot be told; rules.cells tells of it
    student, elsewhere = student_names(draft), makers(draft)
    for cell, _ in parsed(draft.tests):
        name = str(nbgrader_of(cell.node).get("grade_id", ""))
        visible = without(cell.source, HIDDEN_TESTS)
        tree = parse(visible, magics=False)
        if isinstance(tree, SyntaxError):
            yield draft.finding(
                cell.line,
                f"the test {name!r} does not parse without its hidden tests: {tree.msg}.",
                "Put whole statements between BEGIN and END HIDDEN TESTS.",
            )
            continue
        foreign = needed(cell.source) - student
        for word in sorted(foreign):
            where = f"line {elsewhere[word]} makes it" if word in elsewhere else "no cell makes it"
            yield draft.finding(
                line_of(cell, word),
                f"the test {name!r} uses {word!r}, which it neither imports nor defines ({where}).",
                "Import or define it in the test cell: only the student's own names come from "
                "other cells.",
            )
        for word in sorted(needed(visible) - needed(cell.source)):
            yield draft.finding(
                line_of(cell, word),
                f"the visible part of {name!r} uses {word!r}, which only the hidden tests define.",
                "Define it above BEGIN HIDDEN TESTS.",
            )


def line_of(cell: Cell, name: str) -> int:
    """The line where a cell first uses a name."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Name) and node.id == name:
            return cell.line + node.lineno
    return cell.line


def code_position(call: ast.Call) -> int:
    """Where a call of lessonkit.check takes a diagnosis code by position."""
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    is_check = isinstance(of, ast.Name) and of.id == "check"
    return CODE_AT.get(called(call), NOWHERE) if is_check else NOWHERE


def codes_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Diagnosis codes that stand in calls of checks as literals, with their lines."""
    for call in calls(tree):
        candidates = argument(call, "candidates", NOWHERE)
        if isinstance(candidates, ast.Dict):
            for key in candidates.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.lineno, key.value
        code = argument(call, "code", code_position(call))
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield code.lineno, code.value


def codes(draft: Draft) -> Iterator[Finding]:
    """Diagnosis codes in checks are registered."""
    for cell, tree in parsed(draft.tests):
        for line, code in codes_in(tree):
            if code not in CODES:
                yield draft.finding(
                    cell.line + line,
                    f"the diagnosis code {code!r} is not known.",
                    "Use one of lessonkit/check/codes.py, or add it there with its likely cause.",
                )


def thresholds(draft: Draft) -> Iterator[Finding]:
    """A threshold that `autograder seeds` measures stands with the same number in a test."""
    numbers = {
        node.value
        for _, tree in parsed(draft.tests)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    }
    for cell in draft.cells:
        tree = parse(cell.source)
        if "seeds" not in tags_of(cell.node) or isinstance(tree, SyntaxError):
            continue
        for node in tree.body:
            names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
            value = literal(node.value) if isinstance(node, ast.Assign) else None
            if names != ["THRESHOLDS"] or not isinstance(value, dict):
                continue
            for name, number in value.items():
                if number not in numbers:
                    yield draft.finding(
                        cell.line + node.lineno,
                        f"the threshold {number} of {name!r} stands in no test.",
                        "Write the same number in the test and in THRESHOLDS.",
                    )


RULES = (matched, points, independent, codes, thresholds)
