"""Which engine runs on this machine, and how it is opened."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from autograder.engines.base import Engine
from autograder.errors import UserError
from autograder.model import Limits

ENGINES = ("auto", "exam", "stock")  # what may be asked for
SANDBOXES = ("auto", "namespaces", "process")
CHOSEN = ("exam", "exam-process", "stock")  # what runs; such a name travels to the workers
WARNINGS = {
    "exam-process": "NOT ISOLATED: student code runs as you. Hidden tests run in a process of their "
    "own, but students' code can read your files, the gradebook and other submissions, use the "
    "network, and find the tests if it looks for them. Only its memory, time, processes and file "
    "sizes are limited. `autograder doctor` says how to isolate it.",
    "stock": "NOT ISOLATED: student code runs as you, in one process with the hidden tests, with a "
    "limit on time and output alone. It can read the tests, your files and the gradebook.",
}


def choose_engine(wanted: str = "auto", sandbox: str = "auto") -> str:
    """The name of the engine that will run, one of `CHOSEN`.

    wanted   "exam", "stock", or "auto": the exam wherever it can be held
    sandbox  what keeps students' code apart in an exam: "namespaces"; "process", which sets limits
             and nothing else; or "auto": namespaces, and process only where `wanted` is "auto" too

    An engine in `WARNINGS` is to be used with that warning shown. Raises UserError for a name that
    is none, and for an exam that cannot be held here.
    """
    if wanted not in (*ENGINES, *CHOSEN):
        raise UserError(f"There is no engine {wanted!r}.", f"Use one of: {', '.join(ENGINES)}.")
    if sandbox not in SANDBOXES:
        raise UserError(f"There is no sandbox {sandbox!r}.", f"Use one of: {', '.join(SANDBOXES)}.")
    if wanted in ("stock", "exam-process"):
        return wanted
    from autograder.sandbox import capabilities

    lacking = [c for c in capabilities() if not c.ok and "seccomp" not in c.name]
    others = [c for c in lacking if "namespaces" not in c.name]
    chosen = "exam"
    if sandbox == "process" or (wanted == sandbox == "auto" and lacking != others):
        chosen, lacking = "exam-process", others
    if not lacking:
        return chosen
    if wanted == sandbox == "auto":
        return "stock"
    instead = "" if chosen == "exam" else " Or, for students whom you trust: --engine stock."
    raise UserError(
        f"This machine cannot hold an exam this way: {lacking[0].name}.",
        f"{lacking[0].hint}{instead}",
    )


def open_engine(name: str, limits: Limits) -> AbstractContextManager[Engine]:
    """An engine by name, for one notebook: `with open_engine("stock", limits) as engine: …`."""
    chosen = choose_quietly(name)
    if chosen == "stock":
        from autograder.engines.stock import StockEngine

        return StockEngine(limits)
    from autograder.engines.exam import ExamEngine

    return ExamEngine(limits, isolate=chosen == "exam")


@cache
def choose_quietly(name: str) -> str:
    """`choose_engine`, once for each process; a name that is already a choice needs no look."""
    return name if name in CHOSEN else choose_engine(name)
