"""Building a course on disk: same input, same bytes; stale files by name; failures with a place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.build import build, stale
from autograder.build.notebooks import solution_is_stale
from autograder.cli import main
from autograder.course import Course
from autograder.errors import UserError
from autograder.files import write_if_changed

Command = Callable[..., tuple[int, str]]

UNIT = "01_tiny"
STUDY = 'print("a study cell: left out when grading")'


def change(course: Course, old: str, new: str) -> None:
    path = course.source / f"{UNIT}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def files(course: Course) -> dict[str, bytes]:
    paths = [*course.root.rglob("*.ipynb")]
    return {str(path.relative_to(course.root)): path.read_bytes() for path in paths}


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs the command line in a course's folder: its exit code, and all that it printed."""

    def run(course: Course, *words: str) -> tuple[int, str]:
        monkeypatch.chdir(course.root)
        monkeypatch.setattr(sys, "argv", ["autograder", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((printed.out + printed.err).split())

    return run


def test_the_same_source_gives_the_same_bytes(built: Course) -> None:
    before = files(built)
    assert sorted(before) == [
        f".build/source/{UNIT}/{UNIT}.ipynb",
        f"notebooks/{UNIT}/{UNIT}.ipynb",
        f"solutions/{UNIT}/{UNIT}.ipynb",
    ]
    for path in built.root.rglob("*.ipynb"):
        path.unlink()
    build(built, [UNIT])
    assert files(built) == before


def test_stored_outputs_hold_no_path_and_no_timing(built_course: Course) -> None:
    text = (built_course.solutions / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8")
    assert str(Path.home()) not in text
    assert "/tmp" not in text
    assert "iopub" not in text
    outputs = [c["outputs"] for c in json.loads(text)["cells"] if c["id"] == "double-values"]
    assert "Double … 1 of 3 points" in "".join(outputs[0][0]["text"])


def test_what_is_built_is_not_stale(built: Course, command: Command) -> None:
    assert stale(built, [UNIT]) == []
    assert command(built, "build", "--check")[0] == 0


def test_check_names_each_stale_file(built: Course, command: Command) -> None:
    change(built, STUDY, 'print("another study")')
    (built.notebooks / "00_gone").mkdir()
    (built.notebooks / "00_gone" / "00_gone.ipynb").write_text("{}", encoding="utf-8")
    before = files(built)
    code, printed = command(built, "build", "--check")
    assert code == 1
    for name in (f"notebooks/{UNIT}", f"solutions/{UNIT}", "notebooks/00_gone/00_gone"):
        assert f"stale {name}" in printed
    assert files(built) == before


def test_a_solution_without_outputs_is_stale(built: Course) -> None:
    path = built.solutions / UNIT / f"{UNIT}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ((found, why),) = stale(built, [UNIT])
    assert found == path
    assert "no outputs" in why


def test_a_missing_or_broken_solution_is_stale(built: Course) -> None:
    path = built.solutions / UNIT / f"{UNIT}.ipynb"
    path.write_text("no notebook", encoding="utf-8")
    assert "not a notebook" in stale(built, [UNIT])[0][1]
    path.unlink()
    assert "missing" in solution_is_stale(path, None)  # type: ignore[arg-type]


def test_other_outputs_alone_are_not_stale(built: Course) -> None:
    path = built.solutions / UNIT / f"{UNIT}.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('a study cell: left out when grading\\n"', 'x\\n"'), encoding="utf-8"
    )
    assert stale(built, [UNIT]) == []


def test_nbval_passes_and_notices_an_altered_output(built: Course) -> None:
    path = built.solutions / UNIT / f"{UNIT}.ipynb"
    text = path.read_text(encoding="utf-8")
    altered = path.with_name("altered.ipynb")
    altered.write_text(text.replace("Double … 1 of 3", "Double … 2 of 3"), encoding="utf-8")
    words = ("--nbval", "-rA", "-q", "-p", "no:cacheprovider", "solutions")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=built.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
    passed = [line for line in run.stdout.splitlines() if line.startswith("PASSED")]
    assert [line.split("::")[0].rpartition("/")[2] for line in failed] == ["altered.ipynb"]
    assert len([line for line in passed if f"/{UNIT}.ipynb" in line]) == 6


def test_a_solution_that_fails_is_told_with_its_line(course: Course) -> None:
    change(course, STUDY, "import math\n\nvalue = math.sqrt(-1)")
    line = (course.source / f"{UNIT}.py").read_text(encoding="utf-8").splitlines()
    with pytest.raises(UserError) as caught:
        build(course, [UNIT])
    number = line.index("value = math.sqrt(-1)") + 1
    assert f"source/{UNIT}.py:{number}: cell '01-study-1' fails: ValueError" in str(caught.value)
    assert not (course.solutions / UNIT).exists()


def test_an_output_that_is_another_elsewhere_is_refused(course: Course) -> None:
    change(course, STUDY, "print(object())")
    with pytest.raises(UserError, match="0x"):
        build(course, [UNIT])


def test_without_execution_the_stored_solution_stays(built: Course) -> None:
    change(built, STUDY, 'print("another study")')
    changed = build(built, [UNIT], execute=False)
    assert {path.relative_to(built.root).parts[0] for path in changed} == {".build", "notebooks"}


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "file.ipynb"
    assert write_if_changed(path, "old")
    assert not write_if_changed(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match="No space left"):
        write_if_changed(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in path.parent.iterdir()] == ["file.ipynb"]


@pytest.mark.parametrize("words", [("build", "09_none"), ("prove", "09_none"), ("seeds", "x")])
def test_an_unknown_unit_is_told(course: Course, command: Command, words: tuple[str, str]) -> None:
    code, printed = command(course, *words)
    assert code == 1
    assert f"error: There is no unit '{words[1]}'" in printed
    assert "The units are: 01_tiny." in printed


def test_all_mistakes_are_printed_with_their_mend(course: Course, command: Command) -> None:
    change(course, '"difficulty": 1, ', "")
    change(course, 'tags=["predict"]', "")
    code, printed = command(course, "build")
    assert code == 1
    assert "2 authoring mistakes" in printed
    assert 'Add a cell `# %% [markdown] tags=["predict"]` before the exercise.' in printed
    assert files(course) == {}
