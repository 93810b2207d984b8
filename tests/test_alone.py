"""A notebook alone in an empty folder, with lessonkit installed from its wheel, as in Colab."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
UNITS = sorted(path.stem for path in (ROOT / "source").glob("[0-9]*.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """lessonkit's wheel, built from its own folder."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*command, str(ROOT / "lessonkit"), "--wheel-dir", str(out)], check=True)
    return next(out.glob("lessonkit-*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the wheel installed in it."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(out)]
    subprocess.run([*command, str(wheel)], check=True)
    return out


def test_the_wheel_holds_the_toolkit_and_the_digits_and_no_grading_code(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "lessonkit/check/score.py" in names
    assert "lessonkit/mnist/train-images-idx3-ubyte.gz" in names
    assert not [name for name in names if "autograder" in name or "oracle" in name]


@pytest.mark.parametrize("unit", UNITS)
def test_a_solution_runs_alone_in_an_empty_folder(unit: str, site: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(ROOT / "solutions" / unit / f"{unit}.ipynb", as_version=4)
    probe = nbformat.v4.new_code_cell("import lessonkit; print(lessonkit.__file__)")
    notebook.cells.insert(0, probe)
    environment = {**os.environ, "PYTHONPATH": str(site), "LESSONKIT_OFFLINE": "1"}
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute(env=environment, cwd=str(tmp_path))
    assert probe.outputs[0]["text"].startswith(str(site))
    tests = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    printed = "".join(o.get("text", "") for c in tests for o in c.get("outputs", []))
    assert "✓" in printed
    assert "✗" not in printed
