"""Each command line that the project's texts name exists, with its options: none is taken on trust."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import PROGRAMS, fault, is_python, option_alone
from rich.console import Console
from texts import Piece, in_markdown, in_python, pieces

from autograder.course import Course
from autograder.demo import show_ways

# Spans of several words that are neither a command nor Python.
NEITHER = {
    "solution: true, grade: false",
    "grade: true, solution: false, locked: true",
    "grade: true, solution: true",
    "measure(seed) -> {name: value}",
    "f ≥ 0.5",
    "%reset aggressive",
    "return torch.tensor(X..., dtype=...), torch.tensor(y, dtype=...)",
}


def wrong(piece: Piece) -> str:
    """What is wrong with a piece: a command that does not exist, or one that nobody can place."""
    text = piece.text.strip()
    first = re.split(r"\s", text, maxsplit=1)[0] if text else ""
    if text.startswith("--"):
        return option_alone(text.replace("NUMBER", "2").split())
    if piece.command or (first.removeprefix("%") in PROGRAMS and text != first):
        return fault(text)
    if len(text.split()) < 2 or not re.match(r"[a-z%.]", text):
        return ""
    if text in NEITHER or is_python(text):
        return ""
    return "neither a command that tests/docs/commands.py knows, nor Python, nor in NEITHER"


def test_each_command_in_a_text_exists() -> None:
    found = pieces()
    commands = [
        p for p in found if p.command or (p.text.split()[:1] and p.text.split()[0] in PROGRAMS)
    ]
    assert len(found) > 1000
    assert len(commands) > 60
    faults = [f"{p.place}: `{p.text}`: {why}" for p in found if (why := wrong(p))]
    assert faults == []


def test_what_the_demo_says_last_exists(tmp_path: Path) -> None:
    course, stage = Course(tmp_path), Course(tmp_path / "demo")
    console = Console(record=True, width=200)
    files = [tmp_path / "demo" / name for name in ("page.html", "report.html", "grades.csv")]
    show_ways(console, course, stage, "02_numpy_backprop", files[:1], files[1], files[2])
    last = console.export_text().split("What to do next", 1)[1].splitlines()[1:]
    lines = [re.split(r"\s{3,}", line.strip())[0] for line in last if line.strip()]
    assert [line.split()[0] for line in lines] == ["autograder", "autograder", "jupyter"]
    assert [why for line in lines if (why := fault(line))] == []


# A command that does not exist, in each way and of each program; the rest of its fault's text.
NONE = {
    "autograder mark 02": "no command 'mark'",
    "autograder grade --quickly": "No such option",
    "autograder grade 99": "no unit '99'",
    "autograder grade --limit speed=3": "speed",
    "autograder grade --workers many": "valid integer",
    "autograder export --format blackboard": "cannot be",
    "autograder build | prove | mark": "no command 'mark'",
    "nbgrader formgrader": "no command",
    "nbgrader formgrade": "a page of JupyterLab",
    "nbgrader assign 02": "DEPRECATED",
    "nbgrader autograde 02 --kind": "no option --kind",
    "jupyter lob": "no ['lob']",
    "make everything": "no target 'everything'",
    "make threats SPEED=1": "reads no SPEED",
    "pytest --nbvall solutions/": "no option --nbvall",
    "pytest solution/": "there is no solution/",
    "python -m autograder.nothing": "no module",
    "python docs/nothing.py": "there is no",
    "pip install lessonkit": "nothing that pip finds",
    "pip install -r reqs.txt": "there is no",
    "dask schedule": "no command",
    "dask worker ADDRESS --nthread 1": "no option",
    "git checkout -- data/fashion": "there is no data/fashion",
    "sysctl kernel": "sysctl",
    "make setup && . venv/bin/activate": "nothing to read",
    "conda activate course": "no program",
}


@pytest.mark.parametrize("line", NONE)
def test_a_command_that_does_not_exist_is_found_wherever_it_stands(line: str) -> None:
    assert NONE[line] in fault(line)
    for piece in (
        *in_markdown("a.md", f"# A\n\n```sh\nmake test\n{line}   # really\n```\n"),
        *in_markdown("a.md", f"Run `{line}`\nfirst."),
        *in_python("a.py", f'"""Run `{line}` first."""\n'),
        *in_python("a.py", f"def f(x):\n    # Run `{line}` first.\n    return x\n"),
        *in_python("a.py", f'print(f"in {{x}}: run `{line}` first")\n'),
    ):
        assert wrong(piece) or "make test" in piece.text, piece


@pytest.mark.parametrize("text", ["--speed 3", "--sandbox box", "--again now"])
def test_an_option_that_nothing_takes_is_found(text: str) -> None:
    assert wrong(Piece("a.md", text, False))


def test_what_nobody_can_place_is_a_fault() -> None:
    assert "nor in NEITHER" in wrong(Piece("a.md", "brew install python", False))
