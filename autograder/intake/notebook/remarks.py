"""What grading has to say of a submission: one line for each kind of thing, however often it is met."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NAMED = 3  # as many are named; of more, the number
NUMBER = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")  # "[is|are]"


@dataclass(frozen=True)
class Kind:
    """A kind of remark. In `text`, {} stands for what it is about, and [is|are] follows the number.

    person  whether a person must look at it before the points are final
    """

    text: str
    person: bool = False


@dataclass(frozen=True)
class Remark:
    kind: Kind
    about: str = ""


def folded(remarks: Iterable[Remark], person: bool = False) -> tuple[str, ...]:
    """The remarks that are for a person to decide, or the others: a line for each kind, in order."""
    by_kind: dict[Kind, dict[str, None]] = {}
    for remark in remarks:
        if remark.kind.person is person:
            by_kind.setdefault(remark.kind, {})[remark.about] = None
    return tuple(told(kind, list(names)) for kind, names in by_kind.items())


def told(kind: Kind, names: list[str]) -> str:
    """One line about all of `names`."""
    shown, more = names[:NAMED], len(names) - NAMED
    if more > 0:
        shown = [*shown, f"{more} more"]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    text = NUMBER.sub(lambda found: found[1 if len(names) == 1 else 2], kind.text)
    return text.replace("{}", listed)
