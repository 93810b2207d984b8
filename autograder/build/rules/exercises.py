"""Rules for exercises: what each must have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autograder.build.rules.every_cell import EXERCISE_ID
from autograder.build.rules.finding import Cell, Draft, Finding
from autograder.course import is_written, nbgrader_of
from autograder.regions import HIDDEN_TESTS, SOLUTION, without

HINTS = 3
WRONG, RIGHT = 1, 1  # answers that each exercise must at least have
HINT = re.compile(r"<details>\s*<summary>\s*Hint\b")


def named(draft: Draft) -> Iterator[tuple[str, Cell]]:
    """The exercises that have an id; `described` tells of the others."""
    for cell in draft.exercises:
        name = str((cell.exercise or {}).get("id", ""))
        if name:
            yield name, cell


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def described(draft: Draft) -> Iterator[Finding]:
    """Id, difficulty and minutes, a heading, and three hints."""
    seen: dict[str, int] = {}
    for cell in draft.exercises:
        meta = cell.exercise or {}
        name = str(meta.get("id", ""))
        if not EXERCISE_ID.fullmatch(name):
            yield draft.finding(
                cell.line,
                f"the exercise has no id, or not one in lower_snake: {name!r}.",
                'Write exercise={"id": "numeric_gradient", …}.',
            )
        if name in seen:
            yield draft.finding(
                cell.line,
                f"the exercise id {name!r} is used twice; line {seen[name]} has it already.",
                "Give one of the two another id, in its solution and tests too.",
            )
        seen.setdefault(name, cell.line)
        if not whole(meta.get("difficulty")) or meta["difficulty"] not in (1, 2, 3):
            yield draft.finding(
                cell.line, f"exercise {name!r} has no difficulty.", 'Add "difficulty": 1, 2 or 3.'
            )
        if not whole(meta.get("minutes")) or meta["minutes"] <= 0:
            yield draft.finding(
                cell.line,
                f"exercise {name!r} has no minutes.",
                'Add "minutes": how long a student needs, as a whole number.',
            )
        if cell.node.cell_type != "markdown" or not re.match(r"### \S", cell.source):
            yield draft.finding(
                cell.line,
                f"exercise {name!r} has no heading.",
                "Make it a markdown cell that begins with `# ### Title`.",
            )
        hints = len(HINT.findall(cell.source))
        if hints < HINTS:
            yield draft.finding(
                cell.line,
                f"exercise {name!r} has {hints} of {HINTS} hints.",
                "Add <details><summary>Hint 1: …</summary> blocks: a nudge, an approach, "
                "almost the code.",
            )


def solved(draft: Draft) -> Iterator[Finding]:
    """Each exercise has one solution cell with a region, and each solution cell an exercise."""
    cells: dict[str, list[Cell]] = {}
    for cell in draft.solutions:
        cells.setdefault(str(nbgrader_of(cell.node).get("grade_id", "")), []).append(cell)
    for name, cell in named(draft):
        own = cells.pop(name, [])
        if not own:
            yield draft.finding(
                cell.line,
                f"exercise {name!r} has no solution cell.",
                f'Add a code cell with nbgrader={{"grade_id": "{name}", "solution": true, …}}.',
            )
        for solution in own:
            if solution.line < cell.line:
                yield draft.finding(
                    solution.line,
                    f"the solution of {name!r} stands before its exercise (line {cell.line}).",
                    "Move it below the exercise's text.",
                )
            if SOLUTION.begin not in solution.source:
                yield draft.finding(
                    solution.line,
                    f"the solution of {name!r} has no solution region.",
                    "Put ### BEGIN SOLUTION and ### END SOLUTION around what the student writes.",
                )
    for name, rest in cells.items():
        for solution in rest:
            yield draft.finding(
                solution.line,
                f"the solution cell {name!r} belongs to no exercise.",
                f'Give it an exercise\'s id, or add one with exercise={{"id": "{name}", …}}.',
            )


def tested(draft: Draft) -> Iterator[Finding]:
    """Each exercise has a test, a visible part and a hidden part."""
    for name, cell in named(draft):
        own = [
            test
            for test in draft.tests
            if str(nbgrader_of(test.node).get("grade_id", "")).split("-")[0] == name
        ]
        if not own:
            yield draft.finding(
                cell.line,
                f"exercise {name!r} has no test, and so no points.",
                f'Add a test cell with nbgrader={{"grade_id": "{name}-values", "grade": true, …}}.',
            )
            continue
        if not any(HIDDEN_TESTS.begin in test.source for test in own):
            yield draft.finding(
                own[0].line,
                f"exercise {name!r} has no hidden test.",
                "Put ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS around a part on other data.",
            )
        if not any(".part(" in without(test.source, HIDDEN_TESTS) for test in own):
            yield draft.finding(
                own[0].line,
                f"exercise {name!r} has no visible test: its student gets no feedback.",
                "Leave one `with score.part(…):` outside of the hidden tests.",
            )


def answered(draft: Draft) -> Iterator[Finding]:
    """Each exercise has wrong answers and right ones in the unit's answers."""
    for name, cell in named(draft):
        for kind, least in (("wrong", WRONG), ("right", RIGHT)):
            have = sum(1 for a in draft.answers if a.exercise == name and a.kind == kind)
            if have < least:
                yield draft.finding(
                    cell.line,
                    f"exercise {name!r} has {have} {kind} answers; it needs {least}.",
                    f'Add a cell `# %% answer="…" exercise="{name}" kind="{kind}"` to '
                    f"{draft.answers_file}.",
                )


def written(draft: Draft) -> Iterator[Finding]:
    """A written answer marks where the answer stands: all else is its question."""
    for cell in draft.cells:
        if is_written(cell.node) and SOLUTION.begin not in cell.source:
            yield draft.finding(
                cell.line,
                "this written answer has no solution region, so that its question would be lost.",
                "Put the expected answer and the marking scheme between lines "
                "`# ### BEGIN SOLUTION` and `# ### END SOLUTION`.",
            )


RULES = (described, solved, tested, answered, written)
