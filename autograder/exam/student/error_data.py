"""An error of the student's code, as the plain data that the examiner is told about it."""

from __future__ import annotations

import builtins
import linecache
from types import TracebackType
from typing import Any

from autograder.exam.wire.values import clean_text, mro

MAX_MESSAGE = 2000
MAX_LINE = 300


def where(trace: TracebackType | None) -> list[str]:
    """The deepest line of the student's own cells in a traceback."""
    own = []
    debugged = False
    while trace is not None:
        code = trace.tb_frame.f_code
        debugged = debugged or code.co_filename.endswith(("/bdb.py", "/pdb.py"))
        if "ipykernel_" in code.co_filename or "<ipython-input" in code.co_filename:
            own.append((code.co_name, code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    if not own:
        return []
    name, filename, number = own[-1]
    line = linecache.getline(filename, number).strip()
    told = "in the debugger, " if debugged else ""
    return [clean_text(f"{told}in `{name}`, line {number}:  {line}")[:MAX_LINE]]


def describe_error(error: BaseException, callback: int) -> list[Any]:
    """[type's name, names of the built-in exceptions it is one of, message, lines, callback].

    callback  which failed function of the test it came from, or -1
    """
    kind = type(error)
    known = [base.__name__ for base in mro(kind) if getattr(builtins, base.__name__, None) is base]
    try:
        message = str.__str__(str(error))
    except BaseException:  # a message that cannot even be asked for  # noqa: BLE001
        message = ""
    try:
        lines = where(error.__traceback__)
    except Exception:  # a traceback that has been tampered with  # noqa: BLE001
        lines = []
    return [
        clean_text(kind.__name__)[:100],
        known[:8],
        clean_text(message)[:MAX_MESSAGE],
        lines,
        callback,
    ]
