"""Find the student's cells again: by grade_id, by cell id, then by position and likeness.

Editors and Colab drop metadata, rebuild ids, and convert formats; students copy, move, merge and
delete cells. What a cell says is the last thing to get lost, so it decides where the ids do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Indel

from autograder.course import is_solution, is_test, is_written, nbgrader_of, tags_of
from autograder.grading.reading import Submitted

DEFINED = re.compile(r"^(?:def|class|async def)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
ALIKE = 0.6  # the share of common characters from which on two cells are versions of one
LONGEST = 20_000  # characters compared
MOST = 40_000  # pairs compared


def defined(source: str) -> frozenset[str]:
    """The names that a code cell defines at its top level."""
    return frozenset(a or b for a, b in DEFINED.findall(source))


def squeeze(source: str) -> str:
    """A source without what editors change on their own."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def likeness(a: str, b: str) -> float:
    """How alike two sources are, from 0 to 1, in bounded time; below ALIKE it counts as 0."""
    a, b = a[:LONGEST], b[:LONGEST]
    return float(Indel.normalized_similarity(a, b, score_cutoff=ALIKE))


@dataclass
class Matching:
    """Which submitted cell belongs to which cell of the unit (both by index)."""

    cells: list[dict[str, Any]]  # the unit's, with stubs in place of solutions
    submitted: list[Submitted]
    found: dict[int, int] = field(default_factory=dict)  # unit's index -> submitted index
    copies: dict[int, list[int]] = field(default_factory=dict)  # unit's index -> further ones
    unsure: list[str] = field(default_factory=list)  # what a person should look at
    remarks: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # names of cells that came without an id

    def __post_init__(self) -> None:
        self.taken: set[int] = set()
        self._by(lambda cell: str(nbgrader_of(cell).get("grade_id") or ""), lambda s: s.grade_id)
        self._by(lambda cell: str(cell.get("id") or ""), lambda s: s.id)
        self._same_text()
        self._same_names()
        self._alike()
        self._by_position()
        if self.lost:
            names = ", ".join(self.lost) if len(self.lost) < 4 else f"{len(self.lost)} cells"
            self.remarks.append(f"{names} came without an id: found by what it says")

    @property
    def free(self) -> list[Submitted]:
        """Submitted cells that belong to no cell of the unit."""
        return [s for s in self.submitted if s.index not in self.taken]

    def open(self, kind: str | None = None) -> Iterable[int]:
        """Cells of the unit that have no submitted one yet."""
        for index, cell in enumerate(self.cells):
            if index not in self.found and kind in (None, cell["cell_type"]):
                yield index

    def name(self, index: int) -> str:
        return f"‘{nbgrader_of(self.cells[index]).get('grade_id') or f'cell {index + 1}'}’"

    def _take(self, index: int, submitted: int) -> None:
        self.found[index] = submitted
        self.taken.add(submitted)

    def _by(self, key_of_cell: Any, key_of_submitted: Any) -> None:
        """Match by an identifier. Of several with the same, the one that is filled in."""
        for index in list(self.open()):
            key = key_of_cell(self.cells[index])
            rivals = [s for s in self.free if key and key_of_submitted(s) == key]
            if is_test(self.cells[index]):  # an id on a cell that is no test does not make it one
                rivals = [s for s in rivals if self._is_version(self.cells[index], s)]
            if not rivals:
                continue
            chosen = self._choose(index, rivals)
            self._take(index, chosen.index)
            for other in rivals:
                if other is not chosen:
                    self.taken.add(other.index)
                    self.copies.setdefault(index, []).append(other.index)

    def _is_version(self, cell: dict[str, Any], s: Submitted) -> bool:
        """Whether a submitted cell is a test as released, as it is, or somewhat changed."""
        text = squeeze(s.source)
        if not text or text in (squeeze(released(cell)), squeeze(cell["source"])):
            return True
        return likeness(released(cell), s.source) >= ALIKE

    def _choose(self, index: int, rivals: list[Submitted]) -> Submitted:
        """One of several submitted cells that claim to be the same."""
        cell = self.cells[index]
        if len(rivals) == 1:
            return rivals[0]
        if is_test(cell):
            self.remarks.append(f"there were {len(rivals)} copies of the test {self.name(index)}")
            return rivals[0]
        stub = squeeze(cell["source"])
        filled = [s for s in rivals if squeeze(s.source) not in (stub, "")]
        versions = {squeeze(s.source) for s in filled}
        first = next((s for s in filled if s.id and s.id == cell.get("id")), None)
        if len(versions) > 1:
            self.unsure.append(
                f"{self.name(index)} was handed in {len(versions)} times with different contents; "
                "the first one was graded"
            )
        elif len(filled) > 1 or len(rivals) > 1:
            self.remarks.append(f"there were {len(rivals)} copies of {self.name(index)}")
        return first or (filled or rivals)[0]

    def _same_text(self) -> None:
        """Cells without ids whose text is unchanged."""
        by_text: dict[tuple[str, str], list[int]] = {}
        for s in self.free:
            if s.source.strip():
                by_text.setdefault((s.kind, squeeze(s.source)), []).append(s.index)
        for index in list(self.open()):
            cell = self.cells[index]
            same = by_text.get((cell["cell_type"], squeeze(released(cell))))
            if same:
                self._take(index, same[0])
                extra = same[1:] if is_test(cell) or is_solution(cell) else []
                self.taken.update(extra)
                self.copies.setdefault(index, []).extend(extra)
                by_text[(cell["cell_type"], squeeze(released(cell)))] = [] if extra else same[1:]

    def _same_names(self) -> None:
        """Solution cells that define what the stub defines."""
        for index in list(self.open("code")):
            if not is_solution(self.cells[index]):
                continue
            names = defined(self.cells[index]["source"])
            rivals = [s for s in self.free if s.kind == "code" and names & defined(s.source)]
            full = [s for s in rivals if names <= defined(s.source)]
            rivals = full or rivals
            if not rivals:
                continue
            chosen = self._choose(index, rivals)
            if len(rivals) > 1:  # what was written last is what counted in the student's notebook
                filled = [
                    s for s in rivals if squeeze(s.source) != squeeze(self.cells[index]["source"])
                ]
                chosen = (filled or rivals)[-1]
            self._take(index, chosen.index)
            self.lost.append(self.name(index))

    def _alike(self) -> None:
        """The most alike pairs first, in the remaining cells."""
        cells = [i for i in self.open() if not is_test(self.cells[i])]
        free = [s for s in self.free if s.source.strip()]
        if len(cells) * len(free) > MOST:
            return
        pairs = []
        for index in cells:
            cell = self.cells[index]
            for s in free:
                if s.kind == cell["cell_type"]:
                    ratio = likeness(released(cell), s.source)
                    if ratio >= ALIKE:
                        pairs.append((-ratio, index, s.index))
        for _, index, submitted in sorted(pairs):
            if index in self.found or submitted in self.taken:
                continue
            self._take(index, submitted)
            if nbgrader_of(self.cells[index]).get("grade_id"):
                self.lost.append(self.name(index))

    def _by_position(self) -> None:
        """A written answer or solution where exactly one cell stands between its neighbours."""
        for index in list(self.open()):
            cell = self.cells[index]
            if not (is_solution(cell) or is_written(cell)):
                continue
            if is_solution(cell) and self._stands_elsewhere(defined(cell["source"])):
                continue
            before = max((s for i, s in self.found.items() if i < index), default=-1)
            after = min((s for i, s in self.found.items() if i > index), default=10**9)
            if before < 0 and after == 10**9:
                continue  # no neighbour to stand beside
            between = [
                s
                for s in self.free
                if before < s.index < after and s.kind == cell["cell_type"] and s.source.strip()
            ]
            if len(between) != 1:
                continue
            self._take(index, between[0].index)
            note = f"{self.name(index)} had lost its id and was found by where it stands"
            (self.remarks if is_written(cell) else self.unsure).append(note)

    def _stands_elsewhere(self, names: frozenset[str]) -> bool:
        """Whether one of the student's cells, found or free, defines all of `names`."""
        return any(
            names <= defined(s.source)
            for s in self.submitted
            if s.kind == "code" and s.source.strip()
        )


def released(cell: dict[str, Any]) -> str:
    """A cell's text as students got it: a test without its hidden part."""
    if not is_test(cell):
        return str(cell["source"])
    kept, hidden = [], False
    for line in cell["source"].splitlines():
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        if not hidden:
            kept.append(line)
        if "END HIDDEN TESTS" in line:
            hidden = False
    return "\n".join(kept)


def runs_as_is(cell: dict[str, Any]) -> bool:
    """The instructor's own setup and study cells, which a submission does not change."""
    return bool({"setup", "study"} & set(tags_of(cell)))
