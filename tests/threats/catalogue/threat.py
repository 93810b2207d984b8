"""A threat by name: what is handed in, the score that it deserves, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.model import Status
from catalogue.desk import Desk

Make = Callable[[Desk], object]


@dataclass(frozen=True)
class Threat:
    """One line of the specification, or a part of one.

    deserved  points that the work is worth; the written answer is not in them
    status    what the table must show beside the points
    says      a regular expression that the reason, a remark or a message must match
    student   the folder it is handed in under
    stock     why plain nbgrader is not shown it; empty if it is
    """

    title: str
    make: Make
    deserved: float
    status: Status = Status.GRADED
    says: str = ""
    student: str = ""
    stock: str = ""


@dataclass
class Heading:
    """A heading of the specification, and its threats in order.

    deserved  what they deserve where they do not say otherwise
    """

    title: str
    prefix: str
    deserved: float
    threats: list[Threat] = field(default_factory=list)

    def threat(
        self,
        title: str,
        deserved: float | None = None,
        status: Status = Status.GRADED,
        says: str = "",
        student: str = "",
        stock: str = "",
    ) -> Callable[[Make], Make]:
        """Decorate a function that hands the threat in."""

        def add(make: Make) -> Make:
            points = self.deserved if deserved is None else deserved
            name = student or f"{self.prefix}-{len(self.threats):02}"
            self.threats.append(Threat(title, make, points, status, says, name, stock))
            return make

        return add

    def attacks(self, sources: dict[str, str], where: str = "first", stock: str = "") -> None:
        """Threats that are the usual wrong submission with one cell more, or another answer."""
        for title, source in sources.items():
            self.threat(title, stock=stock)(_attack(where, source))


def _attack(where: str, source: str) -> Make:
    return lambda desk: desk.attack(**{where: source})
