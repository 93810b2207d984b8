"""Multiple-choice answers: a dict from question to letter, checked for its form."""

from __future__ import annotations

from collections.abc import Mapping

from lessonkit.check import instance, true


def form(answers: object, choices: Mapping[str, str]) -> None:
    """Each question of `choices` (name -> letters offered) has one of its letters in `answers`.

    Says nothing about right or wrong.
    """
    instance("The answers", answers, dict)
    assert isinstance(answers, dict)
    for question, letters in choices.items():
        given = answers.get(question)
        what = f"{question}: write one of the letters {', '.join(letters)} in quotes"
        true(
            isinstance(given, str) and len(given) == 1 and given.lower() in letters,
            f"{what}; there is {given!r} now.",
            "not-answered",
        )


def right(answers: object, question: str, letter: str, section: str) -> None:
    """The answer to `question` is `letter`; `section` is where to read on if it is not."""
    given = answers.get(question) if isinstance(answers, dict) else None
    true(isinstance(given, str) and given.strip(), f"{question} has no answer.", "not-answered")
    same = str(given).strip().lower() == letter
    true(same, f"{question}: {given!r} is not the answer. Read again: {section}.", "wrong-answer")
