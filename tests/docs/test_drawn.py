"""What is made from the code stands in the pages as the code has it, and what pages name is there."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
