"""What this machine can do for grading: the answers of `autograder doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `needed` if grading is not safe or not possible without it."""

    name: str
    ok: bool
    hint: str
    needed: bool = True


def examine() -> list[Finding]:
    """Everything that grading leans on."""
    from autograder.sandbox import capabilities, comforts

    version = sys.version_info
    found = [
        Finding(
            f"Python {version[0]}.{version[1]} (3.11 or newer)",
            version >= (3, 11),
            "Make the environment anew with a newer one: make PYTHON=python3.12",
        )
    ]
    found += [Finding(c.name, c.ok, c.hint, "seccomp" not in c.name) for c in capabilities()]
    found += [Finding(c.name, c.ok, c.hint, needed=False) for c in comforts()]
    tools = str(Path(sys.executable).parent)
    path = os.pathsep.join([tools, os.environ.get("PATH", "")])
    for tool, what in (("alembic", "nbgrader's gradebook"), ("jupyter", "notebooks")):
        hint = "Install the requirements again: `pip install -r requirements.txt`"
        found.append(
            Finding(f"{tool}, for {what}", shutil.which(tool, path=path) is not None, hint)
        )
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    hint = "Only the browser test needs it: install Debian's package chromium."
    found.append(Finding("Chromium, for the browser test", browser is not None, hint, needed=False))
    return found


def show(found: list[Finding], engine: str, console: Console) -> None:
    """Print the findings, each with its hint where one is needed."""
    for item in found:
        mark = "[green]✓[/]" if item.ok else "[red]✗[/]" if item.needed else "[yellow]–[/]"
        console.print(f"{mark} {escape(item.name)}", highlight=False)
        if not item.ok:
            console.print(f"    {escape(item.hint)}", highlight=False)
    how = {
        "exam": "exam: isolated kernels, hidden tests outside the student's process",
        "exam-process": "exam-process: hidden tests apart, but student code runs as you",
        "stock": "stock: student code runs as you, beside the hidden tests",
    }[engine]
    console.print(f"Grading here uses the engine [bold]{escape(how)}[/].", highlight=False)
