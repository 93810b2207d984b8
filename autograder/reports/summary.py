"""A class in figures: distribution, success per exercise, diagnoses counted, who needs a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import mean, median

from autograder.course import Exercise
from autograder.model import Status
from autograder.records.standing import Row, Standing
from lessonkit.check.codes import cause

BINS = 10
ATTENTION = (Status.FAILED, Status.NEEDS_PERSON, Status.UNGRADED)
UNANSWERED = ("not-written", "missing", "not-answered")  # no mistake, but no answer


@dataclass(frozen=True)
class ExerciseFigures:
    """How a class did in one exercise: students with all, some and none of its points."""

    exercise: Exercise
    full: int
    some: int
    none: int
    mean: float

    @property
    def count(self) -> int:
        return self.full + self.some + self.none


@dataclass(frozen=True)
class Diagnosed:
    """One mistake, in how many students' work, and in which exercises."""

    code: str
    cause: str
    students: tuple[str, ...]
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """The figures of a unit."""

    handed_in: int
    missing: int
    mean: float  # of the points by tests
    median: float
    tested: float  # the most points that tests give
    final: int  # students whose points are final
    final_mean: float | None  # of these, of all points
    best: float  # the most points that there are
    bins: tuple[int, ...]  # students per tenth of the points that tests give
    exercises: tuple[ExerciseFigures, ...]
    mistakes: tuple[Diagnosed, ...]
    unanswered: tuple[Diagnosed, ...]
    attention: tuple[Row, ...]  # failed, in need of a person, or not graded yet
    broken: tuple[str, ...]  # test cells that are themselves wrong
    to_mark: int  # answers waiting for a mark


def summarise(stand: Standing) -> Summary:
    """The figures of a class in a unit."""
    rows = stand.graded
    names = [test.grade_id for test in stand.unit.tests]
    totals = [sum(row.marks[name].points for name in names) for row in rows]
    finals = [row.final for row in rows if row.final is not None]
    missing = sum(row.status is Status.MISSING for row in stand.rows)
    auto = sum(test.points for test in stand.unit.tests)
    bins = [0] * BINS
    for tested in totals:
        bins[max(0, min(BINS - 1, int(BINS * tested / auto) if auto else 0))] += 1
    found = diagnosed(stand)
    return Summary(
        handed_in=len(stand.rows) - missing,
        missing=missing,
        mean=mean(totals) if totals else 0.0,
        median=median(totals) if totals else 0.0,
        tested=auto,
        final=len(finals),
        final_mean=mean(finals) if finals else None,
        best=stand.unit.points,
        bins=tuple(bins),
        exercises=tuple(figures(exercise, rows) for exercise in stand.unit.exercises),
        mistakes=tuple(d for d in found if d.code not in UNANSWERED),
        unanswered=tuple(d for d in found if d.code in UNANSWERED),
        attention=tuple(r for r in stand.rows if r.status in ATTENTION),
        broken=tuple(
            sorted(
                {m.grade_id for r in rows for m in r.marks.values() if m.status is Status.BROKEN}
            )
        ),
        to_mark=sum(m.waits for row in rows for m in row.marks.values()),
    )


def figures(exercise: Exercise, rows: tuple[Row, ...]) -> ExerciseFigures:
    """How the class did in one exercise."""
    points = [sum(row.marks[t.grade_id].points for t in exercise.tests) for row in rows]
    full = sum(p >= exercise.points for p in points)
    none = sum(p == 0 for p in points)
    return ExerciseFigures(
        exercise, full, len(points) - full - none, none, mean(points) if points else 0.0
    )


def diagnosed(stand: Standing) -> list[Diagnosed]:
    """Each diagnosis met, the most frequent first."""
    titles = {test.grade_id: e.title for e in stand.unit.exercises for test in e.tests}
    titles |= {cell.grade_id: cell.grade_id for cell in stand.unit.written}
    who: dict[str, set[str]] = defaultdict(set)
    where: dict[str, dict[str, None]] = defaultdict(dict)
    for row in stand.graded:
        for mark in row.marks.values():
            for code in mark.diagnosis:
                who[code].add(row.student)
                where[code][titles[mark.grade_id]] = None
    found = [Diagnosed(c, cause(c), tuple(sorted(who[c])), tuple(where[c])) for c in who]
    return sorted(found, key=lambda d: (-len(d.students), d.code))
