"""What is made from the code stands in the pages as the code has it, and what pages name is there."""

from __future__ import annotations

import ast
import importlib.util
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder import sandbox
from autograder.exam.client.exam_socket import ExamSocket
from autograder.exam.client.examiner_process import Examiner

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAMED = re.compile(r"`([\w./-]+/[\w.-]+\.py)`")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch):
    """A program in docs/, imported."""
    monkeypatch.syspath_prepend(str(DOCS))

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


def test_the_table_of_rooms_is_what_the_contracts_say(made) -> None:
    rooms = made("rooms")
    page = (DOCS / "architecture.md").read_text("utf-8")
    assert rooms.table() in page, "run: make readme"
    assert page.count("| `autograder/") == rooms.table().count("| `autograder/") >= 25


def test_the_processes_are_drawn_from_their_description(made) -> None:
    drawn = (DOCS / "processes.svg").read_text("utf-8")
    assert made("processes").drawing() == drawn, "run: python docs/processes.py"
    assert "<text" in drawn


def test_the_readme_has_the_sum_of_the_threats() -> None:
    page = (DOCS / "threats.md").read_text("utf-8")
    said = re.search(r"<!-- summary -->\n(.*?)\n<!-- /summary -->", page, re.DOTALL)
    assert said
    assert re.search(r"\d+ of \d+ threats", said[1])
    assert said[1] in (ROOT / "README.md").read_text("utf-8"), "run: make threats STOCK=1"


def test_each_package_says_its_job() -> None:
    packages = [
        path for room in ("autograder", "lessonkit") for path in (ROOT / room).rglob("__init__.py")
    ]
    assert len(packages) >= 24
    for path in packages:
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        assert len(said.split()) >= 8, path


IMPORTED = re.compile(r"from (autograder[\w.]*|lessonkit[\w.]*) import ([\w, ]+)")
DOTTED = re.compile(r"[\"'`](autograder(?:\.[a-z_]+)+)(?=[:\"'`])")


def lacking(text: str) -> list[str]:
    """The modules and names of ours that a text imports or names, and that are not there."""
    found = [
        f"{m[1]}.{name}"
        for m in IMPORTED.finditer(text)
        for name in re.findall(r"(\w+)(?: as \w+)?", m[2])
    ]
    return [name for name in (*found, *DOTTED.findall(text)) if not resolves(name)]


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_what_texts_and_scripts_import_of_ours_is_there() -> None:
    """A script within a test's string moves with no module: nothing but this finds it."""
    files = [
        f
        for d in ("autograder", "benchmarks", "docs", "source", "tests")
        for f in (ROOT / d).rglob("*.py")
    ]
    texts = {
        f: f.read_text("utf-8")
        for f in (*files, *DOCS.glob("*.md"), *ROOT.glob("*.md"), ROOT / "pyproject.toml")
    }
    texts.pop(Path(__file__))
    assert sum(len(IMPORTED.findall(text)) for text in texts.values()) > 700
    meant = {"autograder.nothing"}  # in a test of names that are not there
    lost = {
        f.name: names
        for f, text in texts.items()
        if (names := [n for n in lacking(text) if n not in meant])
    }
    assert lost == {}
    assert lacking("from autograder.sandbox import rundir") == ["autograder.sandbox.rundir"]
    assert lacking("`autograder.exam.bell`") == ["autograder.exam.bell"]


def test_the_calls_shown_for_the_engine_are_there() -> None:
    (code,) = re.findall(
        r"```python\n(asks = .*?)```", (DOCS / "exam.md").read_text("utf-8"), re.DOTALL
    )
    owners = {"asks": ExamSocket, "sandbox": sandbox, "Examiner": Examiner, "examiner": Examiner}
    shown = [
        (n.value.id, n.attr)
        for n in ast.walk(ast.parse(code))
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    ]
    assert len(shown) >= 7
    assert [(owner, name) for owner, name in shown if not hasattr(owners[owner], name)] == []


def test_files_that_pages_name_are_there() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
    named = [(page.name, name) for page in pages for name in NAMED.findall(page.read_text("utf-8"))]
    assert len(named) >= 10
    lost = [
        (page, n)
        for page, n in named
        if not any((ROOT / d / n).exists() for d in ("", "autograder"))
    ]
    assert lost == []
