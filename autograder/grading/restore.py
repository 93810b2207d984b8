"""Rebuild the graded notebook: everything is the instructor's, but for the student's own cells.

Tests, text, points, flags, tags and order come from the unit; from the submission come solution
cells, written answers, ungraded code cells that the student changed, and cells that the student
added, each kept beside its neighbours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from autograder.course import is_solution, is_test, is_written, tags_of
from autograder.grading.checksums import untouched
from autograder.grading.matching import Matching, defined, released, runs_as_is, squeeze
from autograder.grading.reading import Submitted, read_submission

ELSEWHERE = "# The answer stands in another cell of this notebook."


@dataclass(frozen=True)
class Restored:
    """A submission, ready to be executed.

    notebook      JSON: the instructor's cells around the student's own
    remarks       what was put right, in words for the instructor
    needs_person  why a person should look at it, or nothing
    """

    notebook: str
    remarks: tuple[str, ...] = ()
    needs_person: str = ""


def prepare(instructor: dict[str, Any]) -> dict[str, Any]:
    """What `restore` builds on: the instructor's notebook with stubs for solutions.

    These are nbgrader's own steps up to the point where it saves cells to the gradebook: hidden
    tests are in place, and checksums tell what a student left untouched.
    """
    import nbformat
    from nbgrader.preprocessors import ComputeChecksums

    from autograder.build.release import STEPS, settings

    notebook = nbformat.reads(json.dumps(instructor), as_version=4)
    resources: dict[str, Any] = {}
    for step in STEPS[: STEPS.index(ComputeChecksums) + 1]:
        notebook, resources = step(config=settings()).preprocess(notebook, resources)
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    return plain


def restore(prepared: dict[str, Any], submitted: bytes) -> Restored:
    """The notebook to grade, from the unit (see `prepare`) and what was handed in.

    Raises Unreadable, with the reason, for what is not a notebook.
    """
    cells = prepared["cells"]
    match = Matching(cells, read_submission(submitted))
    by_index = {s.index: s for s in match.submitted}
    restored = [
        fill(cell, by_index.get(match.found.get(index, -1)), match, index)
        for index, cell in enumerate(cells)
    ]
    look_elsewhere(cells, restored, match)
    notebook = {**prepared, "cells": with_extras(restored, match)}
    unsure = list(match.unsure)
    own = [i for i, cell in enumerate(cells) if is_solution(cell) or is_written(cell)]
    if own and not any(i in match.found for i in own):
        unsure.append("none of the exercises' cells was found: is this another unit's notebook?")
    return Restored(
        json.dumps(notebook, ensure_ascii=False),
        tuple(dict.fromkeys(match.remarks)),
        "; ".join(dict.fromkeys(unsure)),
    )


def fill(
    cell: dict[str, Any], handed_in: Submitted | None, match: Matching, index: int
) -> dict[str, Any]:
    """One cell of the unit, with the student's text where the cell is the student's."""
    result = dict(cell)
    if handed_in is None:
        return result
    if is_test(cell):
        if squeeze(handed_in.source) not in (squeeze(released(cell)), squeeze(cell["source"])):
            match.remarks.append(f"the test {match.name(index)} was changed; the original was used")
        return result
    ungraded = cell["cell_type"] == "code" and not runs_as_is(cell)
    if is_solution(cell) or is_written(cell) or ungraded:
        result["source"] = handed_in.source
    if is_written(cell) and handed_in.attachments:
        result["attachments"] = handed_in.attachments
    return result


def look_elsewhere(
    cells: list[dict[str, Any]], restored: list[dict[str, Any]], match: Matching
) -> None:
    """Solution cells that were not found: was their answer merged into another cell?

    The stub must not stand where it would undo an answer given elsewhere; an answer inside a copy
    of a test is taken from there.
    """
    by_index = {s.index: s for s in match.submitted}
    tests = [by_index[s] for i, s in match.found.items() if is_test(cells[i])]
    kept = [c for c in restored if c["cell_type"] == "code" and not is_test(c)]
    for index in match.open("code"):
        cell = cells[index]
        names = defined(cell["source"])
        if not is_solution(cell) or not names:
            continue
        others = [defined(c["source"]) for c in kept if c is not restored[index]]
        others += [defined(s.source) for s in match.free if s.kind == "code"]
        if any(names <= other for other in others):
            restored[index]["source"] = ELSEWHERE
            match.remarks.append(f"the answer to {match.name(index)} stands in another cell")
            continue
        merged = next((t for t in tests if names <= defined(t.source)), None)
        if merged:
            restored[index]["source"] = merged.source
            match.unsure.append(f"the answer to {match.name(index)} was taken from a test cell")
        else:
            match.remarks.append(f"the cell {match.name(index)} is missing")


def with_extras(restored: list[dict[str, Any]], match: Matching) -> list[dict[str, Any]]:
    """The restored cells with the student's additional ones, each after the cell it stood after."""
    place = {submitted: index for index, submitted in match.found.items()}
    first = next((i for i, c in enumerate(restored) if "setup" in tags_of(c)), -1)
    after: dict[int, list[dict[str, Any]]] = {}
    anchor = first
    for s in sorted(match.submitted, key=lambda s: s.index):
        anchor = max(place.get(s.index, anchor), first)
        if s.index not in match.taken and s.source.strip():
            after.setdefault(anchor, []).append(extra(s))
    for index, copies in match.copies.items():
        if not (is_solution(restored[index]) or is_written(restored[index])):
            continue
        known = {squeeze(restored[index]["source"]), squeeze(match.cells[index]["source"]), ""}
        for s in match.submitted:
            if s.index in copies and squeeze(s.source) not in known:
                after.setdefault(index, []).append(other_version(s, match.name(index)))
    answered_below(restored, after, match)
    result = list(after.get(-1, []))
    for index, cell in enumerate(restored):
        result += [cell, *after.get(index, [])]
    return with_ids(result)


def answered_below(
    restored: list[dict[str, Any]], after: dict[int, list[dict[str, Any]]], match: Matching
) -> None:
    """A written answer that stands in a new cell below its question belongs to the question."""
    for index, cell in enumerate(restored):
        below = [c for c in after.get(index, []) if c["cell_type"] == "markdown"]
        if is_written(cell) and untouched(cell) and below:
            cell["source"] = "\n\n".join([cell["source"], *(c["source"] for c in below)])
            after[index] = [c for c in after[index] if c["cell_type"] != "markdown"]
            match.remarks.append(f"the answer to {match.name(index)} stood in a cell of its own")


def extra(handed_in: Submitted) -> dict[str, Any]:
    """A cell that the student added."""
    cell: dict[str, Any] = {
        "cell_type": handed_in.kind,
        "metadata": {"autograder": {"added": True}},
        "source": handed_in.source,
    }
    if handed_in.kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif handed_in.attachments:
        cell["attachments"] = handed_in.attachments
    return cell


def other_version(handed_in: Submitted, name: str) -> dict[str, Any]:
    """A second, different version of an answer: shown to the person who decides, and not run."""
    text = "\n".join(f"    {line}" for line in handed_in.source.splitlines())
    return {
        "cell_type": "markdown",
        "metadata": {"autograder": {"added": True}},
        "source": f"Another version of {name} was handed in; it was not graded:\n\n{text}",
    }


def with_ids(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ids for the added cells, where the unit's own cells have ids."""
    taken = {cell["id"] for cell in cells if "id" in cell}
    count = 0
    for cell in cells:
        if "id" in cell or not taken:
            continue
        count += 1
        while f"added-{count}" in taken:  # an id that the unit itself uses
            count += 1
        cell["id"] = f"added-{count}"
    return cells
