"""Rebuild the graded notebook: everything is the instructor's, but for the student's own cells.

Tests, text, points, flags, tags and order come from the unit; from the submission come solution
cells, written answers, ungraded code cells that the student changed, what the student wrote into
other cells, and cells that the student added, each kept beside its neighbours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.course import is_solution, is_test, is_written, tags_of
from autograder.intake.notebook.account import account
from autograder.intake.notebook.additions import Addition, addition
from autograder.intake.notebook.cells import (
    Cell,
    extra,
    is_fixed,
    own_cell,
    quoted,
    released,
    runs_as_is,
    squeeze,
    with_ids,
)
from autograder.intake.notebook.code import defined, parsed
from autograder.intake.notebook.loose import loose_ends
from autograder.intake.notebook.matching import Matching
from autograder.intake.notebook.pictures import illustrate
from autograder.intake.notebook.reading import HandedIn, Submitted, read_submission
from autograder.intake.notebook.remarks import Kind, Remark, folded

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
ELSEWHERE = "# The answer stands in another cell of this notebook."

TEST_CHANGED = Kind("the test[|s] {} [was|were] changed; the original was used")
TEST_OTHER = Kind("the test[|s] {} [is|are] not as in the unit; the unit's [was|were] used")
TEST_OLDER = Kind("the test[|s] {} [is|are] newer than in the notebook that was handed out")
ADDED = Kind("what was added to {} was run as a cell of its own")
CHANGED = Kind("{} [was|were] changed; the original was kept, and the changes stand beside it")
IN_ANOTHER = Kind("the answer to {} stands in another cell")
MISSING = Kind("the cell[|s] {} [is|are] missing")
IN_TEST = Kind("the answer to {} was taken from a test cell", person=True)
NO_EXERCISE = Kind(
    "none of the exercises' cells was found: is this another unit's notebook?", person=True
)
NOT_SHOWN = Kind("a picture in {} cannot be shown")
FADED = Kind("letters beyond ASCII were lost when the file was saved")
NO_PYTHON = Kind(
    "{} [is|are] no Python as it was read, which may be due to the file's encoding", person=True
)


@dataclass(frozen=True)
class Restored:
    """A submission, ready to be executed.

    notebook      JSON: the instructor's cells around the student's own
    remarks       what was put right, in words for the instructor
    needs_person  why a person should look at it, or nothing
    files_used    files beside the notebook that are now part of it
    """

    notebook: str
    remarks: tuple[str, ...] = ()
    needs_person: str = ""
    files_used: tuple[str, ...] = ()


@dataclass
class Draft:
    """The notebook while it is put together.

    cells    the unit's, filled in
    before   the student's own cells that come before one of them, by its index
    after    those that come after it; -1: at the top
    remarks  what there is to say
    """

    cells: list[Cell]
    before: dict[int, list[Cell]] = field(default_factory=dict)
    after: dict[int, list[Cell]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    files_used: list[str] = field(default_factory=list)

    def whole(self) -> list[Cell]:
        """All cells in their order."""
        result = list(self.after.get(-1, []))
        for index, cell in enumerate(self.cells):
            result += [*self.before.get(index, []), cell, *self.after.get(index, [])]
        return result


def restore(
    prepared: dict[str, Any], submitted: bytes, files: Mapping[str, bytes] | None = None
) -> Restored:
    """The notebook to grade, from the unit (see `prepare`) and what was handed in.

    files  what lies beside the notebook (path, as seen from there -> contents), for the pictures
           that written answers show

    Raises Unreadable, with the reason, for what is not a notebook.
    """
    cells = prepared["cells"]
    handed_in = unfaded(read_submission(submitted), cells)
    match = Matching(cells, handed_in.cells)
    draft = Draft([dict(cell) for cell in cells])
    for index in match.found:
        fill(draft, match, index)
    look_elsewhere(draft, match)
    place_extras(draft, match)
    loose_ends(draft.cells, draft.after, match, draft.remarks)
    for index, cell in enumerate(draft.cells):
        if is_written(cell):
            show_pictures(draft, cell, match.name(index), files or {})
    own = [i for i, cell in enumerate(cells) if is_solution(cell) or is_written(cell)]
    if own and not any(i in match.found for i in own):
        draft.remarks.append(Remark(NO_EXERCISE))
    if handed_in.encoding:
        draft.remarks += garbled(draft, match)
    whole = with_ids(draft.whole())
    remarks = [*handed_in.remarks, *match.notes, *draft.remarks]
    remarks += account(handed_in.cells, cells, whole)
    return Restored(
        json.dumps({**prepared, "cells": whole}, ensure_ascii=False),
        folded(remarks),
        "; ".join(folded(remarks, person=True)),
        tuple(dict.fromkeys(draft.files_used)),
    )


def unfaded(handed_in: HandedIn, cells: list[Cell]) -> HandedIn:
    """The submission with the unit's own texts as they were, where an encoding lost their letters."""
    ascii_only = all(s.source.isascii() for s in handed_in.cells)
    if not handed_in.encoding and not ascii_only:
        return handed_in
    texts = [released(cell) for cell in cells]
    whole = {fade(text): text for text in texts}
    lines = {fade(line): line for text in texts for line in text.split("\n")}

    def repaired(source: str) -> str:
        if fade(source) in whole:
            return whole[fade(source)]
        return "\n".join(lines.get(fade(line), line) for line in source.split("\n"))

    mended = tuple(replace(s, source=repaired(s.source)) for s in handed_in.cells)
    if handed_in.encoding or mended == handed_in.cells:
        return replace(handed_in, cells=mended)
    remarks = (*handed_in.remarks, Remark(FADED))
    return HandedIn(mended, "ascii", remarks)


def fade(text: str) -> str:
    """A text without what tells its letters beyond ASCII apart."""
    return NOT_ASCII.sub("?", text)


def garbled(draft: Draft, match: Matching) -> list[Remark]:
    """Solutions that are no Python, in a file whose encoding had to be guessed."""
    answers = [i for i in match.found if is_solution(draft.cells[i]) and not match.unanswered(i)]
    broken = [i for i in answers if parsed(draft.cells[i]["source"]) is None]
    return [Remark(NO_PYTHON, match.name(i)) for i in broken]


def fill(draft: Draft, match: Matching, index: int) -> None:
    """Put the student's text where the cell is the student's, and what was added to it beside it."""
    cell, parts = draft.cells[index], match.handed_in(index)
    if is_solution(cell):
        cell["source"] = "\n".join(match.code[s.index] or s.source for s in parts)
    elif is_written(cell):
        cell["source"] = "\n".join(s.source for s in parts)
        cell["attachments"] = {k: v for s in parts for k, v in s.attachments.items()}
        if not cell["attachments"]:
            del cell["attachments"]
    elif is_test(cell):
        fill_test(draft, match, index)
    elif cell["cell_type"] == "code" and not runs_as_is(cell) and holds_code(match, parts[0]):
        cell["source"] = match.code[parts[0].index]
    else:
        fill_fixed(draft, match, index)


def holds_code(match: Matching, handed_in: Submitted) -> bool:
    return handed_in.kind == "code" or bool(match.code[handed_in.index])


def fill_test(draft: Draft, match: Matching, index: int) -> None:
    """A test stays the instructor's; what a student defined in it is there before it runs."""
    cell, (handed_in, *_) = draft.cells[index], match.handed_in(index)
    known = (squeeze(released(cell)), squeeze(cell["source"]), "")
    if squeeze(handed_in.source) in known:
        return
    if handed_in.released:
        draft.remarks.append(Remark(TEST_OLDER, match.name(index)))
        return
    unknown = handed_in.released is None
    draft.remarks.append(Remark(TEST_OTHER if unknown else TEST_CHANGED, match.name(index)))
    show(draft.before.setdefault(index, []), addition(released(cell), handed_in.source, True))


def fill_fixed(draft: Draft, match: Matching, index: int) -> None:
    """A text, setup or study stays the instructor's; what a student wrote into it follows it."""
    cell, (handed_in, *_) = draft.cells[index], match.handed_in(index)
    after = draft.after.setdefault(index, [])
    if cell["cell_type"] != "code" or handed_in.kind != "code":
        text = addition(cell["source"], handed_in.source).text
        if text or handed_in.attachments:
            made = own_cell("markdown", text, handed_in.attachments)
            made["metadata"]["autograder"]["within"] = True
            after.append(made)
        return
    added = addition(cell["source"], handed_in.source, "study" in tags_of(cell))
    if not added.text:
        return
    show(after, added)
    done = added.runs == added.text
    draft.remarks.append(Remark(ADDED if done else CHANGED, match.name(index)))


def show(cells: list[Cell], added: Addition) -> None:
    """What can be run of an addition as a cell of code; all of it to be read, if that is not all."""
    if added.text and added.runs != added.text:
        cells.append(quoted("Changed by the student, and not run as it stands:", added.text))
    if added.runs:
        cells.append(own_cell("code", added.runs))


def look_elsewhere(draft: Draft, match: Matching) -> None:
    """Solution cells that hold no answer: was it merged into another cell?

    The stub must not stand where it would undo an answer given elsewhere; an answer inside a copy
    of a test is taken from there.
    """
    tests = [s for i in match.found if is_test(draft.cells[i]) for s in match.handed_in(i)]
    for index, names in match.names.items():
        cell = draft.cells[index]
        if not match.unanswered(index) or not names:
            continue
        others = [
            defined(c["source"])
            for c in draft.cells
            if c["cell_type"] == "code" and c is not cell and not is_test(c)
        ]
        others += [defined(s.source) for s in match.free if s.kind == "code"]
        merged = next((t for t in tests if names <= defined(t.source)), None)
        if any(names <= other for other in others):
            cell["source"] = ELSEWHERE
            draft.remarks.append(Remark(IN_ANOTHER, match.name(index)))
        elif merged:
            cell["source"] = merged.source
            draft.remarks.append(Remark(IN_TEST, match.name(index)))
        elif index not in match.found:
            draft.remarks.append(Remark(MISSING, match.name(index)))


def place_extras(draft: Draft, match: Matching) -> None:
    """The student's additional cells, each after the cell it stood after; other versions as text."""
    place = {s: index for index, parts in match.parts.items() for s in parts}
    first = next((i for i, c in enumerate(draft.cells) if "setup" in tags_of(c)), -1)
    fixed = {squeeze(released(c)) for c in match.cells if c["cell_type"] != "code" or is_fixed(c)}
    anchor = first
    for s in match.submitted:
        anchor = max(place.get(s.index, anchor), first)
        repeats = squeeze(s.source) in fixed  # of the unit's own: nothing of the student's
        if s.index not in match.taken and (s.source.strip() or s.attachments) and not repeats:
            draft.after.setdefault(anchor, []).append(extra(s))
    for index, copies in match.copies.items():
        cell, unit = draft.cells[index], match.cells[index]
        known = {squeeze(cell["source"]), squeeze(unit["source"]), squeeze(released(unit)), ""}
        for s in (match.by_index[c] for c in copies):
            if squeeze(s.source) in known and not s.attachments:
                continue
            known.add(squeeze(s.source))
            title = f"Another version of {match.name(index)} was handed in; it was not graded:"
            graded = is_solution(unit) or is_written(unit) or is_fixed(unit)
            made = quoted(title, s.source, s.attachments) if graded else extra(s)
            draft.after.setdefault(index, []).append(made)


def show_pictures(draft: Draft, cell: Cell, name: str, files: Mapping[str, bytes]) -> None:
    """Let a marker see what a written answer shows."""
    shown = illustrate(cell["source"], cell.get("attachments", {}), files)
    cell["source"] = shown.text
    if shown.attachments:
        cell["attachments"] = shown.attachments
    draft.files_used += shown.used
    draft.remarks += [Remark(NOT_SHOWN, f"{name}: {what}") for what in shown.lacking]
