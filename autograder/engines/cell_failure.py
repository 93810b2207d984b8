"""Why a student's cell did not come to its end, and what that means for a test of what it defines.

A test that finds no `forward` would say "run the cell that defines it": no help to somebody whose cell was
run, and stopped at a bracket that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.engines.base import CellRun, End
from autograder.model import Part
from autograder.text import clean, line
from lessonkit.check.crashes import DEBUGGERS, crash_code

UNREADABLE = {
    "SyntaxError": "syntax-error",
    "IndentationError": "indentation",
    "TabError": "indentation",
}
DEFINES = re.compile(
    r"^[ \t]*(?:async +def|def|class) +(\w+)|^(\w+)(?: *:[^=\n]+)? *=(?!=)", re.MULTILINE
)
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
AT_LINE = re.compile(r"\(.*, line (\d+)\)$")  # how a SyntaxError ends
IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")  # where in a cell, in IPython's traceback


@dataclass(frozen=True)
class CellFailure:
    """One cell of the student's that stopped.

    name     its grade_id; for a cell without one, how to speak of it
    code     the diagnosis code
    what     follows "its cell …": with which error it stopped, and where, line by line
    defines  the names that it would have defined
    """

    name: str
    code: str
    what: tuple[str, ...]
    defines: frozenset[str]


def failure_of(name: str, source: str, run: CellRun) -> CellFailure | None:
    """What stopped a cell; None if nothing did."""
    defines = frozenset(a or b for a, b in DEFINES.findall(source))
    if run.end is End.TIMEOUT:
        return CellFailure(name, "too-slow", ("did not come to its end in time",), defines)
    if run.end is End.DIED:
        return CellFailure(
            name, "kernel-ended", (f"ended its kernel: {line(run.detail)}",), defines
        )
    error = next((o for o in run.outputs if o["output_type"] == "error"), None)
    if error is None:
        return None
    ename, evalue = line(error["ename"], 80), clean(error["evalue"], 500)
    if ename in UNREADABLE:
        code, at = UNREADABLE[ename], AT_LINE.findall(evalue)
        evalue = re.sub(r" ?\(.*, line \d+\)$", "", evalue)
    else:
        trace = "\n".join(clean(text) for text in error["traceback"][-20:])
        code, at = code_of(ename, evalue, source), IN_CELL.findall(trace)
    number, text = line_at(source, at[-1] if at else "")
    told = f"stopped{f' in line {number}' if number else ''} with {ename}: {line(evalue, 300)}"
    where = (f"line {number}:  {line(text, 200)}",) if number else ()
    return CellFailure(name, code, (told, *where), defines)


def code_of(ename: str, evalue: str, source: str) -> str:
    """The diagnosis code of an error that stopped a cell."""
    asks = "does not support input requests" in evalue or ename == "BdbQuit"
    if asks and any(word in source for word in DEBUGGERS):
        return "debugger"
    if ename == "NotImplementedError":
        return "not-written"
    code = crash_code(evalue, ())
    return "cell-failed" if code in ("crashed", "no-return") else code


def line_at(source: str, number: str) -> tuple[int, str]:
    """A line of a cell by its number, as text; 0 where there is none."""
    lines = source.split("\n")
    wanted = int(number[:6]) if number else 0
    return (wanted, lines[wanted - 1]) if 0 < wanted <= len(lines) else (0, "")


def explained(part: Part, exercise: str, failures: Sequence[CellFailure]) -> Part:
    """A part that lacks a name, with the failure of the cell that would have defined it.

    exercise  whose test it is: its own cell is to blame where no other is
    """
    if part.code != "missing" or not failures:
        return part
    found = UNDEFINED.search(part.details[0] if part.details else "")
    name = found[1] if found else ""
    by_name = [failure for failure in failures if name in failure.defines]
    blamed = [*(failure for failure in failures if failure.name == exercise), *by_name]
    if not blamed:
        return part
    failure = blamed[-1]
    whose = "its cell" if failure.name == exercise else f"the cell ‘{failure.name}’"
    told = f"`{name}` is not defined, because {whose} {failure.what[0]}"
    return replace(part, code=failure.code, details=(told, *failure.what[1:]))
