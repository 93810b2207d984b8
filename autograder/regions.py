"""BEGIN and END of solutions and of hidden tests in a cell's source, as nbgrader's own delimiters have it.

A line that holds a delimiter is a mark; a region goes from its BEGIN to its END, or to the cell's end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A kind of region, by the words that follow BEGIN and END."""

    words: str

    @property
    def begin(self) -> str:
        return f"BEGIN {self.words}"

    @property
    def end(self) -> str:
        return f"END {self.words}"


@dataclass(frozen=True)
class Line:
    """A line of a cell: its number from 1, the region that it lies in, and whether it is a mark of one."""

    number: int
    text: str
    region: Region | None = None
    mark: bool = False


SOLUTION, HIDDEN_TESTS = Region("SOLUTION"), Region("HIDDEN TESTS")


def lines(source: str, *regions: Region) -> Iterator[Line]:
    """The lines of a cell, and in which region of these kinds each of them lies."""
    inside: Region | None = None
    for number, text in enumerate(source.split("\n"), 1):
        opened = next((region for region in regions if region.begin in text), None)
        closed = next((region for region in regions if region.end in text), None)
        inside = opened or inside
        yield Line(number, text, closed or inside, bool(opened or closed))
        inside = None if closed else inside


def without(source: str, region: Region) -> str:
    """A source without the regions of a kind, and their marks."""
    return "\n".join(line.text for line in lines(source, region) if line.region is None)


def without_marks(source: str, region: Region) -> str:
    """A source with the regions of a kind, but without their marks."""
    return "\n".join(line.text for line in lines(source, region) if not line.mark)


def numbers(source: str, region: Region) -> frozenset[int]:
    """The numbers of the lines in the regions of a kind, marks included."""
    return frozenset(line.number for line in lines(source, region) if line.region)
