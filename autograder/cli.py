"""The command line: `autograder build | prove | grade | accept | feedback | report | …`.

Commands only parse, call one function of a room, and print what came back.
"""

from __future__ import annotations

import errno
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder import startup
from autograder.course import Course
from autograder.errors import UserError
from autograder.limits import configured, limits_from, listed

if TYPE_CHECKING:
    from autograder.barrier import Barrier
    from autograder.grading.options import Options

app = typer.Typer(
    help="Build a graded notebook course, prove its tests, grade a class.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console()

Units = Annotated[
    list[str] | None, typer.Argument(help="Units, by name or number; all if none is named.")
]

Engine = Annotated[
    str,
    typer.Option(
        help="What runs the cells: exam (tests apart from students' code), stock (one ordinary "
        "kernel), or auto: exam where this machine can."
    ),
]

Sandbox = Annotated[
    str,
    typer.Option(
        envvar="AUTOGRADER_SANDBOX",
        help="What holds students' code in an exam: namespaces, process (limits only, nothing is "
        "hidden from it), or auto: namespaces where this machine can.",
    ),
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


@contextmanager
def barrier(course: Course, command: str) -> Iterator[Barrier]:
    """Keeps what was not foreseen of one submission from the others; at the end it is told, with
    the log's name, and the command exits with 1."""
    from autograder.barrier import Barrier

    guard = Barrier.of(course, command)
    try:
        yield guard
    finally:
        shown = Console(stderr=True)
        for incident in guard.incidents:
            words = escape(f"{incident.student}: {incident.reason}")
            shown.print(f"[bold red]not foreseen:[/] {words}", highlight=False, soft_wrap=True)
        if guard.log:
            shown.print(f"The log is {escape(str(guard.log))}", highlight=False, soft_wrap=True)
    if guard.incidents:
        raise typer.Exit(1)


def print_json(data: Any) -> None:
    """Print it so that it is JSON also where the terminal's encoding lacks its characters."""
    anything = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    print(json.dumps(data, indent=1, ensure_ascii=not anything))


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
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a table for a README, a row per unit.")
    ] = False,
    alone: Annotated[
        bool, typer.Option("--alone", help="Each answer in a notebook of its own: slower.")
    ] = False,
    engine: Engine = "auto",
    sandbox: Sandbox = "auto",
) -> None:
    """Grade the answers of source/answers/: do the tests catch what they must, and keep the rest?"""
    from autograder import prove as room

    course = Course.find()
    runs = engine_here(engine, sandbox)
    gathered = room.gather(course, course.select(units))
    with bar("Proving", sum(len(trials) for _, trials in gathered)) as done:
        proofs = room.prove(gathered, runs, done, alone=alone)
    if json_:
        print_json(room.as_json(proofs))
    elif markdown:
        print(room.as_markdown(proofs))
    else:
        room.show(proofs, console)
    if not all(proof.holds for proof in proofs):
        raise typer.Exit(1)


@app.command()
def seeds(
    units: Units = None,
    count: Annotated[int, typer.Option(min=2, help="Seeds 0 to count - 1 are tried.")] = 20,
) -> None:
    """Measure each threshold over seeds: minimum, median, margin."""
    from autograder.prove import measure, seeded
    from autograder.prove.proof_table import show_seeds

    course = Course.find()
    chosen = seeded(course, course.select(units))
    with bar("Measuring", len(chosen) * count) as done:
        found = [item for unit in chosen for item in measure(course, unit, count, done)]
    show_seeds(found, count, console)
    if not all(item.holds for item in found):
        raise typer.Exit(1)


@app.command()
def grade(  # noqa: PLR0913, PLR0917
    units: Units = None,
    students: Annotated[
        list[str] | None, typer.Option("--student", help="Only this student; can be repeated.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run also what is recorded and has not changed.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Submissions run side by side; 0 is one per core.")
    ] = 0,
    cluster: Annotated[
        str, typer.Option(help="Grade on this Dask cluster, such as tls://10.0.0.1:8786.")
    ] = "",
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure-cluster", help="Also a cluster that is reached in clear, with hidden tests."
        ),
    ] = False,
    engine: Engine = "auto",
    sandbox: Sandbox = "auto",
    cell_seconds: Annotated[
        float | None, typer.Option(help="Short for --limit cell_seconds=NUMBER.")
    ] = None,
    notebook_seconds: Annotated[
        float | None, typer.Option(help="Short for --limit notebook_seconds=NUMBER.")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER", help=f"A limit on each submission; can be repeated: {listed()}."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Grade submitted/ into the gradebook and autograded/; what is recorded is not run again.

    Exits with 1 if something was not foreseen: the submission that it happened to needs a person,
    all others are graded, and a log that is named at the end tells what it was.
    """
    from autograder.grading.options import Options

    course = Course.find()
    words = [f"cell_seconds={cell_seconds}"] if cell_seconds is not None else []
    words += [f"notebook_seconds={notebook_seconds}"] if notebook_seconds is not None else []
    limits = limits_from([*configured(course.root), *(limit or ()), *words])
    chosen = units_handed_in(course, units)
    runs = engine_here(engine, sandbox)
    options = Options(tuple(students or ()), again, workers, runs, limits, cluster, insecure)
    with barrier(course, "grade") as guard:
        grade_units(course, chosen, options, guard, json_)


def grade_units(
    course: Course, chosen: list[str], options: Options, guard: Barrier, json_: bool
) -> None:
    """Grade units one after the other, and print what came of it."""
    from autograder.grading.start import workers_for

    graded = []
    try:
        with workers_for(course, chosen, options) as shared:
            from autograder.grading.run import grade as run  # takes as long as workers to start
            from autograder.records.standing import standing
            from autograder.reports.bar import grading_bar
            from autograder.reports.class_table import class_table
            from autograder.reports.plain import as_json

            for unit in chosen:
                with grading_bar(unit) as settled:
                    found = run(course, unit, options, settled, shared, guard)
                stand = standing(course, unit, guard)
                graded.append(as_json(stand, {result.student for result in found}))
                if not json_:
                    console.print(class_table(stand))
    except KeyboardInterrupt:
        console.print("Stopped. What is recorded stays; the same command does the rest.")
        raise typer.Exit(130) from None
    name_left_out(course)
    if json_:
        print_json(graded)


def name_left_out(course: Course) -> None:
    """Say what lies in submitted/ and was not graded, since it is nobody's."""
    from autograder.intake.folder.collect import left_out

    for words in left_out(course):
        Console(stderr=True).print(
            f"[yellow]not graded:[/] {escape(words)}", highlight=False, soft_wrap=True
        )


def engine_here(wanted: str, sandbox: str) -> str:
    """The engine that will run, with a loud word where it cannot keep students' code apart."""
    from autograder.engines.choose import WARNINGS, choose_engine

    chosen = choose_engine(wanted, sandbox)
    if chosen in WARNINGS:
        Console(stderr=True).print(f"[bold yellow]{WARNINGS[chosen]}[/]", soft_wrap=True)
    return chosen


def units_handed_in(course: Course, wanted: list[str] | None) -> list[str]:
    """The units named, or else all that anyone has handed in."""
    from autograder.intake.folder.collect import units_with_submissions

    chosen = course.select(wanted)
    if wanted:
        return chosen
    return units_with_submissions(course, chosen)


def units_graded(course: Course, wanted: list[str] | None) -> list[str]:
    """The units named, or else all that have been graded."""
    from autograder.records.standing import graded_units

    chosen = course.select(wanted)
    if wanted:
        return chosen
    return graded_units(course, chosen)


@app.command()
def feedback(
    units: Units = None,
    students: Annotated[
        list[str] | None, typer.Option("--student", help="Only this student; can be repeated.")
    ] = None,
) -> None:
    """Write a feedback page for each student of a graded unit."""
    from autograder.reports.feedback import write_feedback

    course = Course.find()
    with barrier(course, "feedback") as guard:
        for unit in units_graded(course, units):
            files = write_feedback(course, unit, students, guard)
            console.print(
                f"{unit}: {count(len(files), 'page')} in "
                f"{escape(str(course.feedback.relative_to(course.root)))}/<student>/{unit}/",
                highlight=False,
                soft_wrap=True,
            )


@app.command()
def report(units: Units = None) -> None:
    """Show how the class did in a graded unit, and write the report page."""
    from autograder.reports.class_table import class_table, figures
    from autograder.reports.report import write_report

    course = Course.find()
    with barrier(course, "report") as guard:
        for unit in units_graded(course, units):
            file, stand, summary = write_report(course, unit, guard)
            console.print(class_table(stand), "", figures(summary))
            console.print(f"wrote {file.relative_to(course.root)}", highlight=False, soft_wrap=True)


@app.command()
def export(
    units: Units = None,
    form: Annotated[
        str, typer.Option("--format", help="csv, canvas, moodle or gradescope.")
    ] = "csv",
) -> None:
    """Write grades as CSV for a spreadsheet or a learning platform."""
    from autograder.reports.export import write_export

    course = Course.find()
    with barrier(course, "export") as guard:
        for file in write_export(course, units_graded(course, units), form, guard):
            console.print(f"wrote {file.relative_to(course.root)}", highlight=False, soft_wrap=True)


@app.command()
def accept(
    unit: Annotated[str, typer.Argument(help="The unit, by name or number.")],
    students: Annotated[list[str], typer.Argument(help="Whose submissions to accept.")],
    why: Annotated[str, typer.Option(help="Why, in words, for the record.")] = "",
) -> None:
    """Close submissions that failed or need a person: what they have is to count."""
    import getpass

    from autograder.grading.accept import accept as close
    from autograder.records.standing import standing
    from autograder.reports.page import points

    course = Course.find()
    (name,) = course.select([unit])
    before = {row.student: row for row in standing(course, name).rows}
    close(course, name, students, getpass.getuser(), why)
    for row in standing(course, name).rows:
        if row.student in students:
            was, now = before[row.student].what, row.what if row.final is None else "final"
            shown = f"{row.student}: {points(row.points)} points, {now} (it was {was})"
            console.print(escape(shown), highlight=False, soft_wrap=True)


@app.command()
def demo(
    unit: Annotated[str, typer.Option(help="The unit to hand in.")] = "02",
    workers: Annotated[int, typer.Option(min=0, help="Submissions run side by side.")] = 0,
    engine: Engine = "auto",
    sandbox: Sandbox = "auto",
) -> None:
    """A class that hands in, graded, with feedback and a report, in demo/."""
    from autograder.demo import play

    play(Course.find(), unit, workers, engine_here(engine, sandbox), console)


@app.command()
def doctor() -> None:
    """Say what this machine can do for grading, and what to do about what it cannot."""
    from autograder.engines.choose import choose_engine
    from autograder.reports.doctor import examine, show

    found = examine()
    show(found, choose_engine("auto"), console)
    if any(not item.ok for item in found if item.needed):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; turn what the user can mend into a message and exit code 1."""
    startup.collect_less()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what the terminal cannot show is a question mark
    try:
        with startup.without(
            "rfc3987_syntax"
        ):  # a format of jsonschema that notebooks lack: 1 s to import
            app()
    except UserError as error:
        shown = Console(stderr=True)
        shown.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        if error.hint:
            shown.print(f"[bold]try:[/]   {escape(error.hint)}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        shown = Console(stderr=True)
        shown.print(f"[bold red]error:[/] the disk is full: {escape(str(error))}", soft_wrap=True)
        shown.print("[bold]try:[/]   Make room, and run the same command again.")
        sys.exit(1)
