"""Answers that stand beside their cell: above or below it, in another kind of cell, in a text.

Where a graded cell was left as released, what the student wrote in its section may be the answer.
Of a written one it becomes the answer, and a person marks it; of code a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from autograder.course import is_solution, is_test, is_written, nbgrader_of, tags_of
from autograder.intake.notebook.checksums import untouched
from autograder.intake.notebook.code import is_prose, parsed, python_in
from autograder.intake.notebook.matching import Matching, likeness
from autograder.intake.notebook.pictures import free_name
from autograder.intake.notebook.remarks import Kind, Remark

Cell = dict[str, Any]
WORD = re.compile(r"\w+")
PREDICTION = 12  # as many words are no prediction, but an answer
NOTE = 4  # as many words are worth a remark
LONG_WORD = 5  # letters of a word that tells one question from another
SHARED = 3  # as many of the question's words make an answer likely
SAYS_SO = re.compile(r"\b(?:answer|explain|explanation|solution|antwort|lösung)\b", re.IGNORECASE)

BESIDE_WRITTEN = Kind("the answer to {} stood in a cell of its own")
BESIDE_CODE = Kind(
    "{} [was|were] left as released, and there is something of the student's beside [it|them]: "
    "is it the answer?",
    person=True,
)
ELSEWHERE = Kind("{} was left empty; what stands elsewhere was shown to its marker")
NOTES = Kind("{} was left empty; text of the student's stands elsewhere")


def loose_ends(
    cells: list[Cell], after: dict[int, list[Cell]], match: Matching, remarks: list[Remark]
) -> None:
    """Give each answer that was left as released what stands beside it, or a remark.

    cells  the unit's, filled in; after: the student's own cells behind each. Both are changed in
    place, and `remarks` grows.
    """
    for index, cell in enumerate(cells):
        if not (is_written(cell) or is_solution(cell)):
            continue
        if not untouched(cell) and cell["source"].strip():
            continue
        if is_written(cell):
            remarks += find_written(cells, after, index, match)
        elif any(may_answer(c) for _, c in within(cells, after, index)):
            remarks.append(Remark(BESIDE_CODE, match.name(index)))


def within(
    cells: list[Cell], after: dict[int, list[Cell]], index: int
) -> Iterator[tuple[int, Cell]]:
    """The student's own cells in an answer's section, and behind which cell they stand.

    The section goes from the last graded cell before the answer to the next answer after it.
    """
    graded = [i for i, c in enumerate(cells) if is_written(c) or is_test(c)]
    first = max((i for i in graded if i < index), default=-1)
    answers = [i for i, c in enumerate(cells) if is_written(c) or is_solution(c)]
    last = min((i for i in answers if i > index), default=len(cells))
    for place in range(first, last):
        for own in after.get(place, []):
            few = len(WORD.findall(own["source"])) < PREDICTION and not own.get("attachments")
            if not (is_quoted(own) or (few and is_prediction(cells, place, own))):
                yield place, own


def is_quoted(own: Cell) -> bool:
    """Whether a cell only shows what was changed or copied."""
    return bool(own["metadata"]["autograder"].get("quoted"))


def is_prediction(cells: list[Cell], place: int, own: Cell) -> bool:
    """Whether a text stands where the notebook invites its reader to write one."""
    invited = place >= 0 and "predict" in tags_of(cells[place])
    return invited and bool(own["metadata"]["autograder"].get("within"))


def is_revision(released: Collection[str], own: Cell) -> bool:
    """Whether each line of a text is one of the unit's, or one in other words: those of an earlier
    release, say.

    released  the lines of the unit's cells
    """
    return all(
        said in released or any(likeness(said, old) for old in released)
        for said in map(str.strip, own["source"].split("\n"))
        if said
    )


def is_words(own: Cell) -> bool:
    """Whether a cell of the student's is a text, whatever kind of cell it stands in."""
    return own["cell_type"] != "code" or is_prose(own["source"])


def may_answer(own: Cell) -> bool:
    """Whether a cell of the student's may answer a question of code: a text, or a definition."""
    return is_words(own) or any(text in own["source"] for text in ("def ", "class ", "lambda "))


def find_written(
    cells: list[Cell], after: dict[int, list[Cell]], index: int, match: Matching
) -> Iterator[Remark]:
    """Put a written answer together from the texts beside it, or else from likely ones elsewhere."""
    cell, name = cells[index], match.name(index)
    beside = [(place, own) for place, own in within(cells, after, index) if is_words(own)]
    for place, own in beside:
        if untouched(cell) or not cell["source"].strip():
            cell["source"] = match.cells[index]["source"]
            yield Remark(BESIDE_WRITTEN, name)
        adopt(cell, own)
        after[place] = [c for c in after[place] if c is not own]
    if beside:
        return
    released = {line.strip() for c in match.cells for line in c["source"].split("\n")}
    for place, own in [(p, own) for p, owns in sorted(after.items()) for own in owns]:
        if is_prediction(cells, place, own) or not is_note(own) or is_revision(released, own):
            continue
        if is_likely(own["source"], match.cells[index]):
            adopt(cell, own)
            yield Remark(ELSEWHERE, name)
        else:
            yield Remark(NOTES, name)


def is_note(own: Cell) -> bool:
    """Whether a cell of the student's own is a text of some words, and no code in a text's clothes."""
    code = own["cell_type"] != "code" and python_in(own["cell_type"], own["source"])
    few = len(WORD.findall(own["source"])) < NOTE
    return is_words(own) and not (few or code or is_quoted(own))


def is_likely(text: str, question: Cell) -> bool:
    """Whether a text far from a question may be its answer: it says so, or has its words."""
    asked = {word.lower() for word in WORD.findall(question["source"]) if len(word) >= LONG_WORD}
    words = {word.lower() for word in WORD.findall(text)}
    named = nbgrader_of(question)["grade_id"].lower() in words
    return named or len(asked & words) >= SHARED or bool(SAYS_SO.search(text))


def adopt(cell: Cell, own: Cell) -> None:
    """Add a text and its pictures to a written answer's cell."""
    text = own["source"]
    attachments = dict(cell.get("attachments", {}))
    for name, bundle in own.get("attachments", {}).items():
        free = free_name(name, bundle, attachments)
        attachments[free] = bundle
        text = text.replace(f"attachment:{name}", f"attachment:{free}")
    if own["cell_type"] == "code" and parsed(text):
        text = f"```python\n{text}\n```"
    cell["source"] += f"\n\n{text}"
    if attachments:
        cell["attachments"] = attachments
