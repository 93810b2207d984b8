"""What the terminal shows: the class table, and the report's figures in a few lines."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.course import Exercise
from autograder.model import Status
from autograder.records.standing import Row, Standing
from autograder.reports.page import points
from autograder.reports.summary import Diagnosed, Summary
from autograder.text import line

COLOURS = {
    Status.GRADED: "green",
    Status.FAILED: "red",
    Status.NEEDS_PERSON: "yellow",
    Status.MISSING: "dim",
    Status.UNGRADED: "yellow",
}


def class_table(stand: Standing) -> RenderableType:
    """Student, score per exercise, total, time, status; then remarks, and what the columns' numbers stand for."""
    unit = stand.unit
    table = Table(title=line(unit.title), title_justify="left", box=None, pad_edge=False)
    table.add_column("student", overflow="fold", min_width=8)
    for number, exercise in enumerate(unit.exercises, 1):
        table.add_column(f"{number}\n/{points(exercise.points)}", justify="right")
    for number, cell in enumerate(unit.written, 1):
        table.add_column(
            f"W{number if len(unit.written) > 1 else ''}\n/{points(cell.points)}", justify="right"
        )
    if late(stand):
        table.add_column("late", justify="right")
    table.add_column(f"total\n/{points(unit.points)}", justify="right")
    table.add_column("time", justify="right")
    table.add_column("status")
    for row in stand.rows:
        table.add_row(*cells(stand, row))
    shown: list[RenderableType] = [table, Text(legend(stand), style="dim")]
    remarks = [row for row in stand.rows if row.status is not Status.MISSING and said(row)]
    if remarks:
        shown.append(Text("\nRemarks", style="bold"))
        shown += [Text(f"  {line(row.student)}: ") + said(row) for row in remarks]
    return Group(*shown)


def cells(stand: Standing, row: Row) -> list[Text]:
    """One student's line. Names and reasons are text, never markup."""
    unit = stand.unit
    if not row.here:
        columns = len(unit.exercises) + len(unit.written) + late(stand) + 2
        dashes = [Text("–", style="dim")] * columns
        return [Text(line(row.student)), *dashes, status(row)]
    found = [Text(line(row.student))]
    found += [score(exercise, row) for exercise in unit.exercises]
    for cell in unit.written:
        mark = row.marks[cell.grade_id]
        found.append(Text("?" if mark.waits else points(mark.points), style="blue"))
    if late(stand):
        found.append(Text(f"−{points(row.penalty)}" if row.penalty else "", style="yellow"))
    found.append(Text(points(row.points) + ("+" if row.waits else ""), style="bold"))
    found.append(Text(f"{row.seconds:.1f} s", style="dim"))
    return [*found, status(row)]


def late(stand: Standing) -> bool:
    """Whether anybody has lost points for handing in late."""
    return any(row.penalty for row in stand.rows)


def score(exercise: Exercise, row: Row) -> Text:
    """The points of one exercise, coloured by how many of them there are."""
    got = sum(row.marks[test.grade_id].points for test in exercise.tests)
    style = "green" if got >= exercise.points else "yellow" if got else "red"
    return Text(points(got), style=style)


def status(row: Row) -> Text:
    return Text(row.status.value, style=COLOURS.get(row.status, ""))


def said(row: Row) -> Text:
    """Why a submission is not simply graded, then what was put right."""
    parts = []
    if row.reason:
        parts.append(Text(line(row.reason, 200), style=COLOURS.get(row.status, "")))
    parts += [Text(line(text, 160), style="dim") for text in row.remarks]
    return Text("; ").join(parts)


def legend(stand: Standing) -> str:
    """What the numbers at the head of the table stand for."""
    named = [f"{n} {e.title}" for n, e in enumerate(stand.unit.exercises, 1)]
    if stand.unit.written:
        named.append("W written, marked by a person (? to mark, + points to come)")
    return " · ".join(line(name) for name in named)


def figures(summary: Summary) -> RenderableType:
    """The report in a few lines."""
    shown: list[RenderableType] = [
        Text(
            f"{summary.handed_in} handed in, {summary.missing} missing · "
            f"by tests: mean {points(summary.mean)}, median {points(summary.median)} "
            f"of {points(summary.tested)} points · {final(summary)} · "
            f"{summary.to_mark} answers to mark"
        )
    ]
    if summary.broken:
        shown.append(Text(f"broken tests: {', '.join(summary.broken)}", style="bold red"))
    shown.append(exercises(summary))
    if summary.mistakes:
        shown.append(Text("What went wrong", style="bold"))
        shown += [diagnosis(item) for item in summary.mistakes[:10]]
    if summary.attention:
        shown.append(Text("Who needs a person", style="bold"))
        shown += [
            Text(f"  {line(row.student)}: {line(row.what, 160)}", style=COLOURS[row.status])
            for row in summary.attention
        ]
    return Group(*shown)


def final(summary: Summary) -> str:
    """How many have their final points, and what these are on average."""
    if summary.final_mean is None:
        return "nobody's points are final"
    return (
        f"final for {summary.final}: mean {points(summary.final_mean)} "
        f"of {points(summary.best)} points"
    )


def exercises(summary: Summary) -> Table:
    """How many have all, some and none of the points of each exercise."""
    table = Table(box=None, pad_edge=False)
    table.add_column("exercise", overflow="fold")
    for name in ("mean", "all", "some", "none"):
        table.add_column(name, justify="right")
    for item in summary.exercises:
        table.add_row(
            Text(line(item.exercise.title)),
            f"{points(item.mean)}/{points(item.exercise.points)}",
            Text(str(item.full), style="green"),
            Text(str(item.some), style="yellow"),
            Text(str(item.none), style="red"),
        )
    return table


def diagnosis(item: Diagnosed) -> Text:
    """`3 students · batch-mean: The mean over the batch is missing …`"""
    count = len(item.students)
    head = f"  {count} student{'' if count == 1 else 's'} · {item.code}: "
    return Text(head, style="yellow") + Text(item.cause, style="default")
