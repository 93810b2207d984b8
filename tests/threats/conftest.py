"""The course of the threats, built once; and the table that `make threats` prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugins.isolation import lacking

sys.path.insert(0, str(Path(__file__).parent))

from catalogue import machine
from ledger import show
from school import Graded, build_course, hold

from autograder.course import Course
from autograder.sandbox import capabilities

LACKING = [c for c in capabilities() if not c.ok and "seccomp" not in c.name]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course as built; not to be changed."""
    if LACKING:
        lacking(f"this machine cannot isolate student code: {LACKING[0].name}")
    return build_course(tmp_path_factory.mktemp("threats") / "course")


@pytest.fixture(scope="session")
def attacked(built: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class with those who attack the machine, and those who open its pages."""
    return hold(machine.heading, built, tmp_path_factory.mktemp("machine"))


@pytest.fixture
def enter(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Enter a line into the table: heading, title, deserved, got, status, seen, affected."""

    def line(heading: str, **columns: Any) -> None:
        record_property("threat", {"heading": heading, **columns})

    return line


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table; write its lines to the file that $THREATS_TABLE names, for docs/threats.py."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    lines = [
        {**value, "held": report.passed}
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == "threat"
    ]
    if lines:
        show(lines)
        if os.environ.get("THREATS_TABLE"):
            text = json.dumps(lines, indent=1, ensure_ascii=False)
            Path(os.environ["THREATS_TABLE"]).write_text(text, encoding="utf-8")
