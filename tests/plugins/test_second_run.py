"""The second run names what passes only in it, and never lets a failure through: real runs of small suites."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PARALLEL = ("--numprocesses", "2", "--dist", "loadgroup")
# `once(name)` is true the first time that it is asked in this folder, whichever process asks.
HEAD = """
import os, pathlib, pytest, time
def once(name):
    mark = pathlib.Path(__file__).with_name(name)
    seen = mark.exists()
    mark.touch()
    return not seen
"""
PASSES = "def test_passes():\n    pass\n"
FLAKY = "def test_now_and_then():\n    assert not once('a')\n"
FLAKY_2 = "def test_at_times():\n    assert not once('b')\n"
GROUPED = "@pytest.mark.xdist_group('machine')\n"
PARAMETERS = (
    "@pytest.mark.parametrize('x', ['a@b', 'c d'])\ndef test_of(x):\n    assert not once(x)\n"
)
SETUP = "@pytest.fixture\ndef thing():\n    assert not once('s')\ndef test_uses(thing):\n    pass\n"
TEARDOWN = (
    "@pytest.fixture\ndef thing():\n    yield\n    assert not once('t')\n"
    "def test_leaves(thing):\n    pass\n"
)
CRASHES_ONCE = "def test_crashes():\n    if once('c'):\n        os._exit(3)\n"
ALWAYS = "def test_fails():\n    assert 1 == 2\n"
CRASHES = "def test_crashes():\n    os._exit(3)\n"
SKIPS = "def test_shy():\n    if not once('k'):\n        pytest.skip('no')\n    assert 0\n"
BROKEN = "import a_module_that_is_not_there\n"
SLOW = "@pytest.mark.parametrize('x', range(60))\ndef test_slow(x):\n    time.sleep(0.02)\n"
MANY = "@pytest.mark.parametrize('x', range(21))\ndef test_many(x):\n    assert not once(f'm{x}')\n"


@dataclass(frozen=True)
class Run:
    code: int
    text: str

    def named(self, what: str) -> list[str]:
        """The tests whose lines begin with `flaky: ` or `failed twice: `, without their file."""
        lines = [line for line in self.text.splitlines() if line.startswith(f"{what}: ")]
        return sorted(line.split("::", 1)[1].split(" (", 1)[0] for line in lines)


def run(folder: Path, source: str, *words: str, limit: int = 1) -> Run:
    (folder / "test_small.py").write_text(HEAD + source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--quiet", f"--flaky-limit={limit}", *words]
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    plugins = "xdist.plugin,xdist.looponfail,plugins.second_run"
    only = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": plugins}  # as fast as can be
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, **only, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
    )
    return Run(done.returncode, done.stdout + done.stderr)


both = pytest.mark.parametrize("words", [(), PARALLEL], ids=["alone", "side by side"])


@both
@pytest.mark.parametrize(
    ("source", "names"),
    [
        (FLAKY, ["test_now_and_then"]),
        (GROUPED + FLAKY, ["test_now_and_then"]),
        (GROUPED + PARAMETERS, ["test_of[a@b]", "test_of[c d]"]),
        (SETUP, ["test_uses"]),
        (TEARDOWN, ["test_leaves"]),
    ],
    ids=["a test", "one of a group", "parameters", "set-up", "teardown"],
)
def test_what_passes_only_alone_is_named_and_counted(
    tmp_path: Path, source: str, names: list[str], words: tuple[str, ...]
) -> None:
    found = run(tmp_path, PASSES + source, *words, limit=2)
    assert found.named("flaky") == names, found.text
    assert f"{len(names)} flaky, at most 2 are let through." in found.text
    assert found.code == 0


@both
def test_more_than_the_limit_fail_the_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = run(tmp_path, PASSES + FLAKY + FLAKY_2, *words)
    assert found.named("flaky") == ["test_at_times", "test_now_and_then"], found.text
    assert "2 flaky, at most 1 are let through: too many." in found.text
    assert found.code == 1


@both
@pytest.mark.parametrize(
    ("source", "name"),
    [(ALWAYS, "test_fails"), (GROUPED + ALWAYS, "test_fails"), (SKIPS, "test_shy")],
    ids=["a test", "one of a group", "skipped alone"],
)
def test_a_failure_stays_one_beside_a_flaky_test(
    tmp_path: Path, source: str, name: str, words: tuple[str, ...]
) -> None:
    found = run(tmp_path, PASSES + FLAKY + source, *words, limit=9)
    assert found.named("flaky") == ["test_now_and_then"], found.text
    assert found.named("failed twice") == [name]
    assert found.code == 1


CRASHED = (*PARALLEL, "--max-worker-restart", "0")  # as `make test` runs: xdist may hang otherwise


@pytest.mark.parametrize("source", [CRASHES, CRASHES_ONCE], ids=["always", "once"])
def test_a_crash_that_leaves_tests_out_is_not_forgiven(tmp_path: Path, source: str) -> None:
    found = run(tmp_path, GROUPED + source + SLOW, *CRASHED, limit=9)
    assert "tests did not run" in found.text
    assert found.code not in (0, 1), found.text
    assert "Second run" not in found.text


@both
def test_an_error_in_collecting_gets_no_second_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "test_broken.py").write_text(BROKEN, encoding="utf-8")
    found = run(tmp_path, PASSES + FLAKY, *words, limit=9)
    assert found.code not in (0, 1), found.text
    assert "Second run" not in found.text


@both
def test_a_run_that_was_cut_short_is_not_forgiven(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = run(tmp_path, FLAKY + PASSES + ALWAYS, "-x", *words, limit=9)
    assert found.code != 0, found.text
    assert "Second run" not in found.text


def test_many_failures_are_no_accident(tmp_path: Path) -> None:
    found = run(tmp_path, MANY, limit=99)
    assert found.code == 1, found.text
    assert "too many to be chance" in found.text


@both
def test_a_run_without_failures_says_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = run(tmp_path, PASSES, *words)
    assert found.code == 0, found.text
    assert "flaky" not in found.text
    assert "Second run" not in found.text
