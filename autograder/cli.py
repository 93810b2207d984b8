"""The command line: `autograder build | prove | grade | feedback | report | export | demo`.

Commands only parse, call one function of a room, and print what came back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.course import Course
from autograder.errors import UserError

app = typer.Typer(
    help="Build a graded notebook course, prove its tests, grade a class.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console()

Units = Annotated[
    list[str] | None, typer.Argument(help="Units, by name or number; all if none is named.")
]


def count(number: int, thing: str) -> str:
    """'1 unit', '2 units'."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on stderr; call what it yields with the name of each thing that is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=shown, transient=True) as progress:
        task = progress.add_task(what, total=total)

        def done(name: str) -> None:
            progress.update(task, advance=1, description=f"{what} [dim]{escape(name)}[/]")

        yield done


@app.callback()
def autograder() -> None:
    """Build a graded notebook course, prove its tests, grade a class."""


@app.command()
def build(
    units: Units = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if a generated file is stale.")
    ] = False,
    execute: Annotated[
        bool, typer.Option(help="Run the solutions; without it, the stored ones stay.")
    ] = True,
    draft: Annotated[
        bool, typer.Option("--draft", help="Do not ask for answers that are not written yet.")
    ] = False,
) -> None:
    """Make notebooks/ and solutions/ from source/."""
    from autograder import build as room

    course = Course.find()
    chosen = course.select(units)
    if check:
        found = room.stale(course, chosen)
        for path, why in found:
            console.print(f"[red]stale[/] {path.relative_to(course.root)} {why}", soft_wrap=True)
        if found:
            raise UserError(
                f"{count(len(found), 'stale file')}.", "Run `autograder build`, and commit."
            )
        console.print(
            f"{count(len(chosen), 'unit')}: all generated files are what their sources give."
        )
        return
    with bar("Building", len(chosen)) as done:
        changed = room.build(course, chosen, execute, draft, done)
    for path in changed:
        console.print(f"wrote {path.relative_to(course.root)}", highlight=False, soft_wrap=True)
    console.print(f"{count(len(chosen), 'unit')} built, {count(len(changed), 'file')} changed.")


@app.command()
def prove(
    units: Units = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    engine: Annotated[str, typer.Option(help="The engine that grades.")] = "stock",
) -> None:
    """Grade the answers of source/answers/: do the tests catch what they must, and keep the rest?"""
    from autograder import prove as room

    course = Course.find()
    gathered = room.gather(course, course.select(units))
    with bar("Proving", sum(len(trials) for _, trials in gathered)) as done:
        proofs = room.prove(gathered, engine, done)
    if json_:
        print(json.dumps(room.as_json(proofs), indent=1, ensure_ascii=False))
    else:
        room.show(proofs, console)
    if not all(proof.holds for proof in proofs):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; turn what the user can mend into a message and exit code 1."""
    try:
        app()
    except UserError as error:
        shown = Console(stderr=True)
        shown.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        if error.mend:
            shown.print(f"[bold]try:[/]   {escape(error.mend)}", highlight=False, soft_wrap=True)
        sys.exit(1)
