"""Every test file on disk is collected: of this project, and the comparison itself on small folders."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def collect(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    if folder != ROOT:  # as fast as can be
        kept |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT / "tests")}
        kept |= {"PYTEST_PLUGINS": "xdist.plugin,xdist.looponfail,plugins.files"}
    command = [sys.executable, "-m", "pytest", "--quiet", *words]
    return subprocess.run(
        command,
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
    )


def test_each_test_file_of_this_project_is_collected() -> None:
    """As `make test` collects: by the settings of pyproject.toml, and nothing else."""
    done = collect(ROOT, "--collect-only")
    assert done.returncode == 0, done.stdout + done.stderr
    collected = {line.split("::", 1)[0] for line in done.stdout.splitlines() if "::" in line}
    on_disk = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    assert collected == on_disk
    assert len([name for name in collected if name.startswith("tests/build/")]) > 5
    assert f"{len(on_disk)} test files on disk, {len(on_disk)} collected" in done.stdout


@pytest.mark.parametrize("words", [(), ("--numprocesses", "2")], ids=["alone", "side by side"])
@pytest.mark.parametrize("folder", ["build", "dist", "venv"])
def test_a_folder_that_drops_out_fails_the_run(
    tmp_path: Path, folder: str, words: tuple[str, ...]
) -> None:
    for name in (folder, "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"test_{name}.py").write_text("def test(): pass\n", encoding="utf-8")
    done = collect(tmp_path, *words)
    assert done.returncode not in (0, 1, 5), done.stdout
    assert "2 test files on disk, 1 collected" in done.stdout
    assert f"NOT COLLECTED: {tmp_path / folder / f'test_{folder}.py'}" in done.stdout


def test_a_file_without_a_test_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def tost(): pass\n", encoding="utf-8")
    done = collect(tmp_path)
    assert "NOT COLLECTED" in done.stdout
    assert done.returncode not in (0, 1, 5)


def test_what_was_chosen_by_name_is_not_lost(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"test_{name}.py").write_text(f"def test_{name}(): pass\n", encoding="utf-8")
    for words in (["-k", "test_a"], ["test_a.py"], ["test_a.py::test_a"]):
        done = collect(tmp_path, *words)
        assert done.returncode == 0, done.stdout
