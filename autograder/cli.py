"""The command line: `autograder build | prove | grade | feedback | report | export | demo`.

Commands only parse, call one function of a room, and print what came back.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from autograder.errors import UserError

app = typer.Typer(
    help="Build a graded notebook course, prove its tests, grade a class.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console()


def main() -> None:
    """Run the command line; turn what the user can mend into a message and exit code 1."""
    try:
        app()
    except UserError as error:
        shown = Console(stderr=True)
        shown.print(f"[bold red]error:[/] {error}", highlight=False)
        if error.mend:
            shown.print(f"[bold]try:[/]   {error.mend}", highlight=False)
        sys.exit(1)
