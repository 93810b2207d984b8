"""Reading text notebooks: lines are told rightly, and unreadable files are the author's to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.build.source import Place, read_source
from autograder.errors import UserError

HEADER = "# ---\n# jupyter:\n#   jupytext:\n#     main_language: python\n# ---\n\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "01_unit.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_each_cell_knows_its_line(tmp_path: Path) -> None:
    text = HEADER + '# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n\n# %% tags=["study"]\ny = 2\n'
    source = read_source(written(tmp_path, text))
    lines = text.splitlines()
    assert [lines[n - 1][:4] for n in source.lines] == ["# %%"] * 3
    assert source.lines == (7, 10, 14)


def test_a_marker_inside_a_string_is_not_a_cell(tmp_path: Path) -> None:
    text = '# %%\ns = """\n# %% not a cell\n"""\n\n# %%\nx = 1\n'
    assert read_source(written(tmp_path, text)).lines == (1, 6)


def test_a_place_finds_a_line_of_code_in_its_own_cell_only() -> None:
    place = Place("a.py", ("# %%", "x = 1", "# %%", "y = 2", "x = 1"), {"one": 1, "two": 3})
    assert place.at("two", "x = 1") == "a.py:5"
    assert place.at("one", "y = 2") == "a.py:1"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (b"# %%\nx = 1\ny = '\xff'\n", ":3:", "UTF-8"),
        ('# %%\nx = 1\n\n# %% tags=["setup"\ny = 2\n', ":4:", "metadata"),
        ("hello = 1\n# %%\nx = 1\n", ":1:", "before the first"),
        ("# ---\n# jupyter:\n#  a: [\n# ---\n\n# %%\nx = 1\n", ":", "cannot be read"),
        ("", ":1:", "no cell"),
    ],
)
def test_an_unreadable_source_is_told_with_file_and_line(
    tmp_path: Path, text: str | bytes, where: str, what: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_source(path)
    assert f"{path}{where}" in str(caught.value)
    assert what in str(caught.value)
    assert caught.value.hint


def test_a_missing_source_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_source(tmp_path / "nowhere.py")
