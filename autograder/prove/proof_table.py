"""The proof as a person reads it: a table per unit, and what failed, in detail."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.prove.judge import Outcome
from autograder.prove.proof import Proof
from autograder.prove.seeds import Measured
from autograder.prove.trials import SOLUTION, UNTOUCHED


def share(part: int, whole: int) -> str:
    """'3/3' in green, '2/3' in red."""
    return f"[{'green' if part == whole else 'bold red'}]{part}/{whole}[/]"


def mark(holds: bool) -> str:
    return "[green]✓[/]" if holds else "[bold red]✗[/]"


def table_of(proof: Proof) -> Table:
    """One unit: a row for each exercise, then the whole unit."""
    table = Table(title=escape(proof.unit.name), title_justify="left", expand=False)
    table.add_column("exercise")
    for name in ("wrong caught", "diagnosis named", "right kept"):
        table.add_column(name, justify="right")
    for row in proof.rows:
        table.add_row(
            escape(row.exercise),
            share(row.caught, row.wrong),
            share(row.named, row.wrong),
            share(row.kept, row.right),
        )
    table.add_section()
    table.add_row(
        "all",
        share(sum(r.caught for r in proof.rows), sum(r.wrong for r in proof.rows)),
        share(sum(r.named for r in proof.rows), sum(r.wrong for r in proof.rows)),
        share(sum(r.kept for r in proof.rows), sum(r.right for r in proof.rows)),
    )
    return table


def ends(proof: Proof) -> str:
    """The two ends of the scale: the untouched notebook and the solution."""
    by_kind = {outcome.trial.kind: outcome for outcome in proof.outcomes}
    return "\n".join(
        f"{mark(by_kind[kind].holds)} {what}: {by_kind[kind].points:g} of {proof.test_points:g} points"
        for kind, what in ((UNTOUCHED, "untouched notebook"), (SOLUTION, "solution"))
    )


def failure(outcome: Outcome) -> RenderableType:
    """What went otherwise than it should with one trial."""
    trial = outcome.trial
    name = (
        trial.name if trial.kind in (UNTOUCHED, SOLUTION) else f"{trial.kind} answer {trial.name}"
    )
    parts: list[RenderableType] = [
        Text.from_markup(
            f"[bold red]✗[/] {escape(name)}"
            + (f" to {escape(trial.exercise)} ({escape(trial.place)})" if trial.exercise else "")
        )
    ]
    for difference in outcome.differences:
        where = f"{difference.test}: " if difference.test else ""
        line = Text(f"{where}expected {difference.expected}, got {difference.got}")
        parts.append(Padding(line, (0, 0, 0, 4)))
        if difference.message:
            parts.append(Padding(Text(difference.message, style="dim"), (0, 0, 0, 6)))
    return Group(*parts)


def show(proofs: list[Proof], console: Console) -> None:
    """Print the proofs."""
    for proof in proofs:
        console.print(table_of(proof))
        console.print(ends(proof), highlight=False)
        for outcome in proof.failures:
            console.print(failure(outcome))
        console.print()
    trials = sum(len(proof.outcomes) for proof in proofs)
    failed = sum(len(proof.failures) for proof in proofs)
    verdict = "[green]all hold[/]" if not failed else f"[bold red]{failed} do not hold[/]"
    console.print(f"{trials} submissions graded: {verdict}.", highlight=False)


def show_seeds(found: list[Measured], count: int, console: Console) -> None:
    """Print thresholds measured over seeds."""
    table = Table(title=f"{count} seeds of the solution", title_justify="left")
    table.add_column("unit")
    table.add_column("what")
    for name in ("minimum", "median", "threshold", "margin"):
        table.add_column(name, justify="right")
    for item in found:
        numbers = (item.minimum, item.median, item.threshold)
        margin = f"[{'green' if item.holds else 'bold red'}]{item.margin:+.4g}[/]"
        table.add_row(
            escape(item.unit), escape(item.name), *(f"{number:.4g}" for number in numbers), margin
        )
    console.print(table)
    low = [item for item in found if not item.holds]
    verdict = f"[bold red]{len(low)} lie above the minimum[/]" if low else "[green]all hold[/]"
    console.print(f"Thresholds measured: {len(found)}, {verdict}.", highlight=False)
