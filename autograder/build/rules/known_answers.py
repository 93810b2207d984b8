"""Rules for `source/answers/`: each answer says what it answers, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.build.rules.finding import Draft, Finding
from autograder.build.rules.syntax import parse
from autograder.course import nbgrader_of
from lessonkit.check.codes import CODES


def named(draft: Draft) -> Iterator[Finding]:
    """Name, exercise and kind."""
    seen: dict[str, int] = {}
    for answer in draft.answers:

        def at(what: str, hint: str, line: int = answer.line) -> Finding:
            return Finding(draft.answers_file, line, what, hint)

        if not answer.name:
            yield at("this answer has no name.", 'Write # %% answer="no_batch_mean" exercise=….')
        if answer.name in seen:
            yield at(
                f"the name {answer.name!r} is used twice; line {seen[answer.name]} has it already.",
                "Give one of the two another name.",
            )
        seen.setdefault(answer.name, answer.line)
        if answer.exercise not in draft.exercise_ids:
            yield at(
                f"answer {answer.name!r} belongs to no exercise: {answer.exercise!r}.",
                f"The exercises are: {', '.join(draft.exercise_ids) or 'none'}.",
            )
        if answer.kind not in ("wrong", "right"):
            yield at(
                f"answer {answer.name!r} is neither wrong nor right: {answer.kind!r}.",
                'Write kind="wrong" or kind="right".',
            )
        tree = parse(answer.code)
        if isinstance(tree, SyntaxError):
            yield at(
                f"answer {answer.name!r} does not parse: {tree.msg}.",
                "Mend the syntax: a test cannot say more of it than Python does.",
                answer.line + (tree.lineno or 0),
            )


def expected(draft: Draft) -> Iterator[Finding]:
    """A wrong answer says what it loses and how it is diagnosed; a right one loses nothing."""
    worth = {
        str(nbgrader_of(c.node).get("grade_id", "")): nbgrader_of(c.node).get("points")
        for c in draft.tests
    }
    for answer in draft.answers:

        def at(what: str, hint: str, line: int = answer.line) -> Finding:
            return Finding(draft.answers_file, line, what, hint)

        if answer.wrong and not answer.loses:
            yield at(
                f"wrong answer {answer.name!r} loses nothing.",
                'Add loses={"…": points} with the points it must lose in each test.',
            )
        if answer.wrong and not answer.diagnosis:
            yield at(
                f"wrong answer {answer.name!r} has no diagnosis.",
                'Add diagnosis="…", a code of lessonkit/check/codes.py.',
            )
        if not answer.wrong and (answer.loses or answer.diagnosis):
            yield at(
                f"right answer {answer.name!r} has `loses` or `diagnosis`.",
                "Take them away, or make its kind wrong.",
            )
        if answer.diagnosis and answer.diagnosis not in CODES:
            yield at(
                f"the diagnosis code {answer.diagnosis!r} is not known.",
                "Use one of lessonkit/check/codes.py, or add it there with its likely cause.",
            )
        for grade_id, lost in answer.loses.items():
            if grade_id not in worth:
                yield at(
                    f"answer {answer.name!r} loses points in {grade_id!r}, which is no test.",
                    f"The tests are: {', '.join(worth) or 'none'}.",
                )
            elif not isinstance(lost, int | float) or not 0 < lost <= (worth[grade_id] or lost):
                yield at(
                    f"answer {answer.name!r} cannot lose {lost} points in {grade_id!r}.",
                    f"That test is worth {worth[grade_id]}.",
                )


RULES = (named, expected)
