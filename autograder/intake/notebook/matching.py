"""Find the student's cells again: by grade_id, by cell id, then by position and likeness.

Editors and Colab drop metadata, rebuild ids, and convert formats; students copy, move, merge, split
and delete cells. What a cell says is the last thing to get lost, so it decides where the ids do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rapidfuzz.distance import Indel

from autograder.course import is_solution, is_test, is_written, nbgrader_of
from autograder.intake.notebook.cells import name_of, released, released_test, squeeze, telling_line
from autograder.intake.notebook.code import asked, defined, python_in
from autograder.intake.notebook.reading import Submitted
from autograder.intake.notebook.remarks import Kind, Remark, folded

ALIKE = 0.6  # the share of common characters from which on two cells are versions of one
LONGEST = 20_000  # characters compared
MOST = 2 * 10**11  # pairs of characters compared, some seconds of work
RIVALS = 100  # cells that claim to be the same test, and are compared with it
SHORTEST = 20  # characters of a line that tells a question from others

COPIES = Kind("{} [was|were] handed in more than once: the copies are the same, or as released")
VERSIONS = Kind(
    "{} [was|were each] handed in {number} times with different contents; "
    "the last version above its test was graded, or else the first below",
    person=True,
)
SPLIT = Kind("{} [was|were] split into several cells, which were joined")
LOST = Kind("{} came without an id: found by what [it says|they say]")
APART = Kind(
    "the answer to {} stood in a cell of its own, [its|their] own cell was left as released"
)
AFTERWARDS = Kind("the answer to {} stood below its test, and was moved above it", person=True)
BY_PLACE = Kind(
    "{} had lost [its id|their ids] and [was|were] found by where it stands", person=True
)


def likeness(a: str, b: str) -> float:
    """How alike two sources are, from 0 to 1, in bounded time; below ALIKE it counts as 0."""
    a, b = a[:LONGEST], b[:LONGEST]
    return float(Indel.normalized_similarity(a, b, score_cutoff=ALIKE))


@dataclass
class Matching:
    """Which submitted cells belong to which cell of the unit (all by index).

    found   the one that stands for the unit's cell
    parts   all that make it up, in order, where an editor has split it
    copies  further ones, the same or other versions
    """

    cells: list[dict[str, Any]]  # the unit's, with stubs in place of solutions
    submitted: Sequence[Submitted]
    found: dict[int, int] = field(default_factory=dict)
    parts: dict[int, list[int]] = field(default_factory=dict)
    copies: dict[int, list[int]] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.taken: set[int] = set()
        self.by_index = {s.index: s for s in self.submitted}
        self.text = {s.index: squeeze(s.source) for s in self.submitted}
        self.code = {s.index: python_in(s.kind, s.source) for s in self.submitted}
        self.defines = {index: defined(code) for index, code in self.code.items()}
        self._by(lambda cell: str(nbgrader_of(cell).get("grade_id") or ""), lambda s: s.grade_id)
        self._by(lambda cell: str(cell.get("id") or ""), lambda s: s.id)
        self._same_text()
        self._same_names()
        self._alike()
        self._quoted()
        self._by_position()
        self._continued()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was put right, in words."""
        return folded(self.notes)

    @property
    def unsure(self) -> tuple[str, ...]:
        """What a person should look at, in words."""
        return folded(self.notes, person=True)

    @property
    def free(self) -> list[Submitted]:
        """Submitted cells that belong to no cell of the unit."""
        return [s for s in self.submitted if s.index not in self.taken]

    def open(self) -> list[int]:
        """Cells of the unit that have no submitted one yet."""
        return [index for index in range(len(self.cells)) if index not in self.found]

    def name(self, index: int) -> str:
        return name_of(self.cells[index], index)

    def handed_in(self, index: int) -> list[Submitted]:
        """The submitted cells that make up a cell of the unit."""
        return [self.by_index[s] for s in self.parts.get(index, [])]

    def unanswered(self, index: int) -> bool:
        """Whether an answer's cell is missing, blank, or as it was released."""
        return not any(self._filled(index, s) for s in self.handed_in(index))

    @cached_property
    def names(self) -> dict[int, frozenset[str]]:
        """What each solution cell is to define: the names of its stub, or those its tests ask for."""
        given = {"get_ipython", "display"}
        for cell in self.cells:
            if cell["cell_type"] == "code" and not is_test(cell):
                given |= defined(cell["source"])
        names = {}
        for index, cell in enumerate(self.cells):
            if is_solution(cell):
                tests = [self.cells[test]["source"] for test in self._tests(index)]
                wanted = frozenset(n for test in tests for n in asked(released_test(test)))
                names[index] = defined(cell["source"]) or wanted - given
        return names

    def _tests(self, index: int) -> list[int]:
        """The tests that follow an answer, up to the next answer."""
        tests = []
        for later in range(index + 1, len(self.cells)):
            if is_solution(self.cells[later]):
                break
            if is_test(self.cells[later]):
                tests.append(later)
        return tests

    def tested_at(self, index: int) -> float:
        """Where the submission first tests an answer; infinity where it does not."""
        places = [math.inf]
        for test in self._tests(index):
            cell = self.cells[test]
            keys = {str(nbgrader_of(cell).get("grade_id")), str(cell.get("id"))}
            text = squeeze(released(cell))
            places += [
                s.index
                for s in self.submitted
                if {s.grade_id, s.id} & keys or self.text[s.index] == text
            ]
        return min(places)

    def _filled(self, index: int, s: Submitted) -> bool:
        stub = squeeze(self.cells[index]["source"])
        return self.text[s.index] not in (stub, "") or bool(s.attachments)

    def _take(self, index: int, chosen: list[Submitted], copies: Iterable[Submitted] = ()) -> None:
        self.found[index] = chosen[0].index
        self.parts[index] = [s.index for s in chosen]
        others = [s.index for s in copies]
        if others:
            self.copies.setdefault(index, []).extend(others)
        self.taken.update(self.parts[index], others)

    def _by(
        self,
        key_of_cell: Callable[[dict[str, Any]], str],
        key_of_submitted: Callable[[Submitted], str],
    ) -> None:
        """Match by an identifier. Of several with the same, the one that is filled in."""
        claims: dict[str, list[Submitted]] = {}
        for s in self.free:
            claims.setdefault(key_of_submitted(s), []).append(s)
        for index in self.open():
            key = key_of_cell(self.cells[index])
            rivals = [s for s in claims.get(key, []) if key and s.index not in self.taken]
            if self._stands_elsewhere(index, rivals):
                rivals = [s for s in rivals if self._says_some(index, s)]
            if is_test(self.cells[index]):  # an id on a cell that is no test does not make it one
                rivals = [s for s in rivals[:RIVALS] if self._is_version(self.cells[index], s)]
            if rivals:
                self._settle(index, rivals)

    def _says_some(self, index: int, s: Submitted) -> bool:
        """Whether a cell defines some of what an answer's cell is to define."""
        return bool(self.names[index] & self.defines[s.index]) or not self._filled(index, s)

    def _is_version(self, cell: dict[str, Any], s: Submitted) -> bool:
        """Whether a submitted cell is a test as released, as it is, or somewhat changed."""
        text, known = self.text[s.index], squeeze(released(cell))
        return not text or known in text or likeness(known, text) > 0

    def _settle(self, index: int, rivals: list[Submitted]) -> None:
        """Take one of several submitted cells that claim to be the same, or all as its parts."""
        cell = self.cells[index]
        said = [s for s in rivals if s.source.strip() or s.attachments]
        versions = list({self.text[s.index]: s for s in reversed(said)}.values())[::-1]
        filled = [s for s in versions if self._filled(index, s)]
        chosen = [rivals[0]]
        if is_test(cell):
            text = squeeze(released(cell))
            chosen = [next((s for s in rivals if self.text[s.index] == text), rivals[0])]
        elif self._are_parts(index, versions):
            chosen = versions if is_written(cell) else filled
            self.notes += [Remark(SPLIT, self.name(index))] if len(chosen) > 1 else []
        elif filled:
            chosen = [self._counts(index, filled)]
            if len(filled) > 1 and (is_solution(cell) or is_written(cell)):
                kind = replace(VERSIONS, text=VERSIONS.text.replace("{number}", str(len(filled))))
                self.notes.append(Remark(kind, self.name(index)))
        if len(rivals) > len(chosen) and len(filled) <= len(chosen):
            self.notes.append(Remark(COPIES, self.name(index)))
        used = {s.index for s in chosen}
        self._take(index, chosen, [s for s in rivals if s.index not in used])

    def _are_parts(self, index: int, versions: list[Submitted]) -> bool:
        """Whether cells are parts of one answer: no two of them say the same piece of it."""
        cell = self.cells[index]
        filled = [s for s in versions if self._filled(index, s)]
        if is_written(cell):
            question = telling_line(cell["source"])
            return bool(filled) and sum(question in s.source for s in versions) < 2
        if not is_solution(cell) or not filled:
            return False
        names = self.names[index]
        said = [name for s in filled for name in names & self.defines[s.index]]
        return bool(said) and len(said) == len(set(said))

    def _counts(self, index: int, versions: list[Submitted]) -> Submitted:
        """The version that counts: the last above its first test, which is what that test saw."""
        tested = self.tested_at(index)
        above = [s for s in versions if s.index < tested]
        return above[-1] if above else versions[0]

    def _same_text(self) -> None:
        """Cells without ids whose text is unchanged."""
        by_text: dict[str, list[Submitted]] = {}
        for s in self.free:
            if s.source.strip():
                by_text.setdefault(self.text[s.index], []).append(s)
        for index in self.open():
            cell = self.cells[index]
            text = squeeze(released(cell))
            same = by_text.get(text, [])
            if not same:
                continue
            first = next((s for s in same if s.kind == cell["cell_type"]), same[0])
            extra = [s for s in same if s is not first] if nbgrader_of(cell) else []
            self._take(index, [first], extra)
            by_text[text] = [s for s in same if s.index not in self.taken]

    def _same_names(self) -> None:
        """Solution cells that define what the stub defines, where the cell itself does not."""
        for index, names in self.names.items():
            if not self.unanswered(index):
                continue
            rivals = [
                s
                for s in self.free
                if names & self.defines[s.index]
                and (index not in self.found or self._filled(index, s))
            ]
            rivals = [s for s in rivals if names <= self.defines[s.index]] or rivals
            if not rivals:
                continue
            stub = self.handed_in(index)
            self._settle(index, rivals)
            if stub:
                self.copies.setdefault(index, []).extend(s.index for s in stub)
            self.notes.append(Remark(APART if stub else LOST, self.name(index)))
            if stub and self.found[index] > self.tested_at(index):
                self.notes.append(Remark(AFTERWARDS, self.name(index)))

    def _alike(self) -> None:
        """The most alike pairs first, in the remaining cells."""
        cells = [i for i in self.open() if not is_test(self.cells[i])]
        free = self.free
        ours = sum(min(len(self.cells[i]["source"]), LONGEST) for i in cells)
        if ours * sum(min(len(s.source), LONGEST) for s in free) > MOST:
            return
        pairs = []
        for index in cells:
            cell = self.cells[index]
            graded = is_solution(cell) or is_written(cell)
            for s in free:
                if graded or s.kind == cell["cell_type"]:
                    ratio = likeness(released(cell), s.source)
                    if ratio:
                        pairs.append((-ratio, index, s.index))
        for _, index, submitted in sorted(pairs):
            if index in self.found or submitted in self.taken:
                continue
            self._take(index, [self.by_index[submitted]])
            if nbgrader_of(self.cells[index]):
                self.notes.append(Remark(LOST, self.name(index)))

    def _quoted(self) -> None:
        """Written answers that still hold their question."""
        for index in self.open():
            cell = self.cells[index]
            if not is_written(cell):
                continue
            question = telling_line(cell["source"])
            rivals = [s for s in self.free if question in s.source]
            if len(question) >= SHORTEST and rivals:
                self._settle(index, rivals)
                self.notes.append(Remark(LOST, self.name(index)))

    def _by_position(self) -> None:
        """A solution where exactly one cell of code stands between its neighbours."""
        for index in self.open():
            if not is_solution(self.cells[index]) or self._stands_elsewhere(index):
                continue
            before = max((s for i, s in self.found.items() if i < index), default=-1)
            after = min((s for i, s in self.found.items() if i > index), default=math.inf)
            if before < 0 and after == math.inf:
                continue  # no neighbour to stand beside
            between = [
                s
                for s in self.free
                if before < s.index < after and s.kind == "code" and s.source.strip()
            ]
            if len(between) == 1:
                self._take(index, between)
                self.notes.append(Remark(BY_PLACE, self.name(index)))

    def _continued(self) -> None:
        """A solution's second part without ids, where an editor split it within a function."""
        for index in self.names:
            for s in self.handed_in(index)[-1:]:
                after = self.by_index.get(s.index + 1)
                if after is None or after.index in self.taken or after.kind != "code":
                    continue
                if after.source.strip() and after.source.lstrip("\n")[0] in " \t":
                    self.parts[index].append(after.index)
                    self.taken.add(after.index)
                    self.notes.append(Remark(SPLIT, self.name(index)))

    def _stands_elsewhere(self, index: int, rivals: Sequence[Submitted] = ()) -> bool:
        """Whether another cell than `rivals` defines all that an answer's cell is to define."""
        names = self.names.get(index, frozenset())
        besides = {s.index for s in rivals}
        return bool(names) and any(
            names <= self.defines[s.index] and self._filled(index, s)
            for s in self.submitted
            if s.index not in besides
        )
