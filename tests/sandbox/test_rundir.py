"""Run folders are made, and left-over ones removed, by many processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

MAKE = """
from autograder.sandbox.parent import rundir
for _ in range(200):
    with rundir.make() as folder:
        open(f"{folder}/k/file", "w").close()
"""


def test_nobody_removes_the_folder_that_another_is_just_making() -> None:
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        started = [
            subprocess.Popen(
                [sys.executable, "-c", MAKE],
                env={**os.environ, "TMPDIR": folder},
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        assert [process.communicate()[1] for process in started] == [""] * 4
        assert os.listdir(folder) == []
