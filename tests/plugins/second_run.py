"""`--flaky-limit N`: tests that failed run once more, alone; who passes only then is named as flaky.

Tests with real processes have deadlines, and a busy machine makes one miss its own now and then. A second
run tells that from a fault, and must not hide it: each such test is printed by name, they are counted, and
more than N of them fail the run. A test that fails twice fails; so does a run that left tests out (an error in
collecting, a worker that crashed), whatever a second one would say.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MOST = 20  # failed tests: more of them are no accident, and are not run again
REAL_NAMES = "names_before_xdist"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("flaky tests")
    group.addoption(
        "--flaky-limit",
        type=int,
        metavar="N",
        help="run failed tests again, alone; at most N may pass only then",
    )
    group.addoption("--outcomes", metavar="FILE", help="write each test's outcome, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Worker(config), "second-run-worker")
    elif config.getoption("flaky_limit") is not None:
        config.pluginmanager.register(SecondRun(config), "second-run")
    if config.getoption("outcomes") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(), "second-run-outcomes")


class Worker:
    """Tells xdist's controller what a test is called outside of `--dist loadgroup`."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.before: list[tuple[pytest.Item, str]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.before = [(item, item.nodeid) for item in items]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        changed = {item.nodeid: name for item, name in self.before if item.nodeid != name}
        self.config.workeroutput[REAL_NAMES] = changed


class Outcomes:
    """What came of each test: passed, failed or skipped, in all of its phases together."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        worst = self.found.get(report.nodeid, "passed")
        self.found[report.nodeid] = worst if report.passed or worst == "failed" else report.outcome

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        Path(session.config.getoption("outcomes")).write_text(json.dumps(self.found), "utf-8")


class SecondRun:
    """Runs again what failed, once all else is over and told."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.limit: int = config.getoption("flaky_limit")
        self.failed: dict[str, None] = {}  # in their order
        self.real_names: dict[str, str] = {}
        self.collected: set[str] = set()
        self.reported: set[str] = set()
        self.uncollected = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.uncollected |= report.failed  # side by side, pytest runs the others all the same

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected |= {item.nodeid for item in session.items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.collected |= set(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reported.add(report.nodeid)
        if report.failed:
            self.failed[report.nodeid] = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.real_names |= getattr(node, "workeroutput", {}).get(REAL_NAMES, {})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> object:
        result = yield  # the first run's summary is printed within
        left_out = len(self.collected - self.reported)  # by `-x`, or by a worker that crashed
        if left_out and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self.say(f"{left_out} tests did not run.")
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        if self.uncollected and session.exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and self.failed:
            names = [self.real_names.get(name, name) for name in self.failed]
            if self.forgiven(names):
                session.exitstatus = pytest.ExitCode.OK
        return result

    def forgiven(self, names: list[str]) -> bool:
        """Whether all of the failed tests pass when they run alone, and they are few enough."""
        if len(names) > MOST:
            self.say(f"{len(names)} tests failed: too many to be chance, they are not run again.")
            return False
        self.say(f"\nSecond run of {len(names)} failed, alone:")
        outcomes = run_alone(self.config, names)
        flaky = [name for name in names if outcomes.get(name) == "passed"]
        for name in flaky:
            self.say(f"flaky: {name} (failed in the first run, passed alone)")
        for name in names:
            if name not in flaky:
                self.say(f"failed twice: {name} ({outcomes.get(name, 'did not run')} alone)")
        few = len(flaky) <= self.limit
        self.say(
            f"{len(flaky)} flaky, at most {self.limit} are let through"
            + ("." if few else ": too many. Look for what they wait for, and remove the cause.")
        )
        return few and len(flaky) == len(names)

    def say(self, text: str) -> None:
        self.config.get_terminal_writer().line(text)
        self.config.get_terminal_writer().flush()


def run_alone(config: pytest.Config, names: list[str]) -> dict[str, str]:
    """The outcome of each of these tests in a process of its own, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "outcomes.json"
        command = [sys.executable, "-m", "pytest", "--quiet", f"--rootdir={config.rootpath}"]
        command += ["-c", str(config.inipath)] if config.inipath else []
        subprocess.run([*command, f"--outcomes={file}", *names], cwd=config.rootpath)
        return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}
