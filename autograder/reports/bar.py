"""The bar that shows a grading run: done, failed, rate, time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.grading.run import Step
from autograder.model import Status


class RateColumn(ProgressColumn):
    """Submissions per minute, of those that were run."""

    def render(self, task: Task) -> Text:
        ran, elapsed = task.fields.get("ran", 0), task.elapsed or 0
        if not ran or elapsed < 0.5:
            return Text("")
        return Text(f"{60 * ran / elapsed:.0f}/min", style="dim")


@contextmanager
def grading_bar(unit: str) -> Iterator[Callable[[Step], None]]:
    """A bar on stderr; what it yields takes each settled submission."""
    progress = Progress(
        TextColumn("Grading {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]}"),
        RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    failed, ran = 0, 0
    with progress:
        task = progress.add_task(unit, total=None, failed="", ran=0)

        def settled(step: Step) -> None:
            nonlocal failed, ran
            failed += step.result.status is Status.FAILED
            ran += step.ran
            shown = f"{failed} failed" if failed else ""
            progress.update(task, total=step.total, advance=1, failed=shown, ran=ran)

        yield settled
