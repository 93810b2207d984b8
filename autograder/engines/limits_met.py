"""Which limits a sandboxed cell has met, told from its errors and from how its kernel died.

The system refuses what goes beyond some limits, and Python raises an error that says so in its own
way; for others the sandbox ends the kernel and names the limit. A student's code can forge such a
text: it then reads that a limit was met, and nothing else comes of it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.engines.base import CellRun, Output
from autograder.limits import KNOWN

SIGNS = {
    "memory": r"\bMemoryError\b|DefaultCPUAllocator|Cannot allocate memory",
    "processes": r"can't start new thread|Resource temporarily unavailable",
    "file_size": r"File too large",
    "scratch": r"No space left on device|Disk quota exceeded",
}
OF_A_TEST = {**SIGNS, "cell_seconds": r"\[too-slow\]"}
ENDED = {"memory limit": "memory", "CPU limit": "cpu_seconds", "process limit": "processes"}


def after_a_cell(run: CellRun) -> CellRun:
    """The run of a student's cell, with the limits that its error and its end tell of."""
    errors = [output for output in run.outputs if output["output_type"] == "error"]
    return known_from(run, SIGNS, errors)


def after_a_test(run: CellRun) -> CellRun:
    """The run of a test cell, with the limits of what it printed as well: a part's error is there."""
    return known_from(run, OF_A_TEST, list(run.outputs))


def known_from(run: CellRun, signs: dict[str, str], outputs: list[Output]) -> CellRun:
    said = "\n".join(
        o.get("text", "") or f"{o.get('ename', '')}: {o.get('evalue', '')}" for o in outputs
    )
    found = {name for name, sign in signs.items() if re.search(sign, said)}
    detail = run.detail
    for cause, name in ENDED.items():
        if cause in detail:
            found.add(name)
            detail = detail.replace(f" ({cause})", "")  # said with its size instead
    limits_met = tuple(name for name in KNOWN if name in found or name in run.limits_met)
    return replace(run, limits_met=limits_met, detail=detail)
