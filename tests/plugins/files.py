"""Compares the test files on disk with those that pytest collects, in each run of a whole folder.

A folder whose name is on pytest's list of those to skip (`build`, `dist`, `venv`) drops out without a
word, and a run without it is as green as one with it.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest

COLLECTED = "files_collected"
LOST = 6  # pytest's own exit codes end with 5


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Files(config), "test-files")


class Files:
    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.collected: set[str] = set()

    @pytest.hookimpl(tryfirst=True)  # before `-k` and others take some of them out
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.collected |= {str(item.path) for item in items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.collected |= set(getattr(node, "workeroutput", {}).get(COLLECTED, ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workerinput"):
            self.config.workeroutput[COLLECTED] = sorted(self.collected)
        elif self.lost() and session.exitstatus in (0, 1, 5):
            session.exitstatus = LOST

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        on_disk, lost = self.on_disk(), self.lost()
        if on_disk:
            words = f"{len(on_disk)} test files on disk, {len(on_disk) - len(lost)} collected"
            terminalreporter.write_line(words, red=bool(lost))
        for path in sorted(lost):
            terminalreporter.write_line(f"NOT COLLECTED: {path}", red=True)

    def on_disk(self) -> set[str]:
        """The test files below the folders that this run was asked for."""
        if self.config.getoption("ignore") or self.config.getoption("ignore_glob"):
            return set()
        patterns = self.config.getini("python_files")
        folders = [self.config.invocation_params.dir / word for word in self.config.args]
        return {
            str(path)
            for folder in folders
            if folder.is_dir()
            for path in folder.rglob("*.py")
            if any(fnmatch(path.name, pattern) for pattern in patterns)
            and not installed(path.relative_to(folder))
        }

    def lost(self) -> set[str]:
        return self.on_disk() - self.collected


def installed(path: Path) -> bool:
    """Whether a file lies in a virtual environment or a hidden folder: somebody else's tests."""
    return any(part.startswith(".") or part == "site-packages" for part in path.parts)
