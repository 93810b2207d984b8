"""What a test does that needs isolation where the machine has none: it skips, or fails in CI.

A run in which every test of isolation was skipped is green and shows nothing. With REQUIRE_ISOLATION=1 in
the environment (`.ci/run` sets it) such a test fails.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

from autograder.engines.choose import choose_engine

REQUIRED = "REQUIRE_ISOLATION"


def need_isolation() -> None:
    """Go on where this machine can isolate students' code; skip or fail the test where it cannot."""
    if choose_engine("auto") != "exam":
        lacking("this machine cannot isolate (`autograder doctor` says why)")


def lacking(why: str) -> NoReturn:
    """Skip the test for want of isolation; fail it where isolation is required."""
    if os.environ.get(REQUIRED, "0") not in ("", "0"):
        pytest.fail(f"{why}, and {REQUIRED} is set", pytrace=False)
    pytest.skip(why)
