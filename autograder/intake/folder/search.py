"""Find a unit's notebook in a student's folder, wherever it lies and whatever it is called.

`<unit>/<unit>.ipynb` comes first. Without it: another notebook in that folder, one that a browser
has given another ending, one in a zip or in a folder below; then the same in folders and files that
only another spelling tells from the unit. Whatever is not used is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.folder.items import Item, Unfit, listed, members
from autograder.intake.folder.naming import Kind, kind_of, stem, unit_named

DEEPER = 6  # the level of notebooks in folders within the unit's folder
BARE = ("", ".json", ".txt")  # endings of what may be a notebook if its name is the unit's


@dataclass(frozen=True)
class Found:
    """What there is for one unit.

    notebook      the one to grade, or None
    beside        the files that lie beside it, or in a folder there
    problem       why there is none, in words
    remarks       how it was found; what is not used
    needs_person  why a person should look at it, or choose
    """

    notebook: Item | None = None
    beside: tuple[Item, ...] = ()
    problem: str = ""
    remarks: tuple[str, ...] = ()
    needs_person: str = ""


def find(folder: Path, unit: str, units: list[str]) -> Found | None:
    """A unit's notebook in a student's folder; None if nothing in it is of this unit.

    Raises OSError for a folder that cannot be read.
    """
    if (folder / unit).is_symlink():
        return Found(problem="the folder is a symbolic link")
    everything = list(gather(folder, unit, units))
    items = [item for item in everything if of_unit(item, unit, units)]
    chosen = best(items, unit, units)
    problem = nothing(items, unit)
    if chosen and chosen[0].kind is Kind.PACKED:
        try:
            inside = [members(packed) for packed in chosen]
        except Unfit as unfit:
            inside, problem = [], str(unfit)
        everything += [item for each in inside for item in each]
        unpacked = [item for each in inside for item in best(each, unit, units)]
        rest = [item for item in items if item.kind is not Kind.PACKED]
        chosen = unpacked or best(rest, unit, units)
    if chosen:
        return pick(chosen, everything, unit, units)
    return Found(problem=problem) if items or (folder / unit).is_dir() else None


def gather(folder: Path, unit: str, units: list[str]) -> Iterator[Item]:
    """The files in a student's folder, and in the unit's folders, two levels deep.

    Links are files here: they are refused when they are read.
    """
    for path in listing(folder):
        if not is_folder(path):
            yield Item(path, (path.name,))
        elif path.name == unit or unit_named(path.name, units) == unit:
            for inner in listing(path):
                if not is_folder(inner):
                    yield Item(inner, (path.name, inner.name))
                elif kind_of(inner.name) is not Kind.JUNK:
                    deep = [p for p in listing(inner) if not is_folder(p)]
                    yield from (Item(p, (path.name, inner.name, p.name)) for p in deep)
                    if not deep and kind_of(inner.name) is Kind.NOTEBOOK:
                        yield Item(inner, (path.name, inner.name))  # to be refused as well


def listing(folder: Path) -> list[Path]:
    return sorted(folder / name for name in os.listdir(folder))


def is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def of_unit(item: Item, unit: str, units: list[str]) -> bool:
    """Whether a file lies in one of the unit's folders, or beside them and has its name."""
    return len(item.parts) > 1 or (
        item.kind is not Kind.JUNK and unit_named(stem(item.name), units) == unit
    )


def best(items: Iterable[Item], unit: str, units: list[str]) -> list[Item]:
    """The notebook with the best place and name; several where nothing decides between them."""
    ranked = [(rank(item, unit, units), item) for item in items]
    first = min((place for place, _ in ranked if place), default=None)
    return [item for place, item in ranked if place == first and place]


def rank(item: Item, unit: str, units: list[str]) -> tuple[bool, bool, int] | None:
    """How good a file's kind, place and name are, for a notebook of the unit, the least being the
    best; None if it cannot be one."""
    kind, likely = item.kind, unit_named(stem(item.name), units) == unit
    if kind is Kind.NOTEBOOK:
        level = 0 if item.name == f"{unit}.ipynb" else 1 if likely else 2
    elif kind is Kind.DISGUISED or (kind is Kind.OTHER and likely and item.suffix in BARE):
        level = 3 if kind is Kind.DISGUISED else 4
    elif kind is Kind.PACKED and not item.member:
        level = 5
    else:
        return None
    if len(item.parts) > 2 and not item.member:
        level += DEEPER
    return level > 2, item.parts[0] != unit and not item.member, level


def pick(chosen: list[Item], everything: list[Item], unit: str, units: list[str]) -> Found:
    """The chosen one, if it is one, with what lies beside it; what is left over is named."""
    first, *others = chosen
    twins = [item for item in others if not differ(first, item)]
    if len(twins) < len(others):
        problem = f"there are {len(chosen)} notebooks, and none is named {unit}.ipynb"
        names = listed([item.shown for item in chosen])
        return Found(problem=f"{problem}: {names}", needs_person="which of them is to be graded")
    left = [i for i in everything if i not in chosen and i.kind is not Kind.JUNK]
    left = [i for i in left if i.member or i.path != first.path]  # not the zip that held it
    beside = [i for i in left if lies_by(i, first) and i.kind is not Kind.NOTEBOOK]
    if not first.place:
        beside = [i for i in beside if not unit_named(stem(i.name), units)]
    rest = [i for i in left if i not in beside and (i.member or of_unit(i, unit, units))]
    notebooks = [item for item in rest if item.kind is Kind.NOTEBOOK]
    remarks = []
    if first.parts != (unit, f"{unit}.ipynb"):
        own = first.parts[0] == unit and len(first.parts) == 2 and not first.member
        remarks.append(
            f"the file was named {listed([first.name])}"
            if own
            else f"it was handed in as {listed([first.shown])}, not as {unit}/{unit}.ipynb"
        )
    if twins:
        remarks.append(f"the same notebook was also there as {listed([i.shown for i in twins])}")
    if notebooks:
        names = listed([item.shown for item in notebooks])
        remarks.append(f"there were other notebooks beside it: {names}")
    unused = [item.shown for item in rest if item.kind is not Kind.NOTEBOOK]
    if unused:
        remarks.append(f"not used, since no notebook lay beside it: {listed(unused)}")
    likely = [i for i in notebooks if unit_named(stem(i.name), units) == unit]
    rivals = [item.shown for item in likely if differ(first, item)]
    doubt = f"{listed([first.shown])} was graded; is {listed(rivals)} the one that was meant?"
    return Found(first, tuple(beside), "", tuple(remarks), doubt if rivals else "")


def lies_by(item: Item, notebook: Item) -> bool:
    """Whether a file lies in the notebook's folder, or in one within it."""
    there, where = notebook.place, item.place
    if not there:  # beside the folders of all units
        return where == there
    return bool(item.member) == bool(notebook.member) and where[: len(there)] == there


def differ(one: Item, other: Item) -> bool:
    """Whether two files have other bytes; one that cannot be read is another."""
    try:
        return one.read() != other.read()
    except Unfit:
        return True


def nothing(items: list[Item], unit: str) -> str:
    """That there is no notebook, and what lies there."""
    names = [item.shown for item in items if item.name != "timestamp.txt"]
    there = f"; there is: {listed(names)}" if names else ""
    return f"there is no notebook in the folder, where {unit}.ipynb belongs{there}"
