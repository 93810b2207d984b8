"""However a notebook was saved or damaged, what can be read of it is read, and what cannot is named."""

from __future__ import annotations

import codecs
import json

import pytest

from autograder.intake.notebook.decoding import TOO_DEEP, read_json
from autograder.intake.notebook.reading import MAX_SOURCE, Submitted, read_submission
from autograder.intake.notebook.remarks import Kind, Remark, folded

TEXT = "größe = 1  # naïve, “quoted”, 5 €"
GREEK = TEXT + " ∂ ½ 二倍 🔮"


def cells(*found: object) -> bytes:
    return json.dumps({"cells": found}, ensure_ascii=False).encode()


def code(source: object, **more: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, **more}


def saved(text: str, encoding: str) -> bytes:
    return json.dumps({"cells": [code(text)]}, ensure_ascii=False).encode(encoding)


def source_of(data: bytes) -> str:
    (cell,) = read_submission(data).cells
    return cell.source


def said(data: bytes, person: bool = False) -> tuple[str, ...]:
    return folded(read_submission(data).remarks, person)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", *(f"utf-{n}{e}" for n in (16, 32) for e in ("", "-le", "-be"))],
)
def test_unicode_is_read_with_a_mark_and_without(encoding):
    assert source_of(saved(GREEK, encoding)) == GREEK
    assert said(saved(GREEK, encoding)) == ()
    assert read_submission(saved(GREEK, encoding)).encoding == ""


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_file_with_a_mark_of_utf_16_is_read_by_it(mark):
    name = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    assert source_of(mark + saved(GREEK, name)) == GREEK


def test_a_windows_encoding_keeps_its_letters_and_is_named():
    data = saved(TEXT, "cp1252")
    assert source_of(data) == TEXT
    assert said(data) == ("the file was not saved as UTF-8; it was read as Windows-1252",)
    assert read_submission(data).encoding == "cp1252"
    assert said(data, person=True) == ()


@pytest.mark.parametrize("encoding", ["cp1251", "cp1250", "mac-roman", "latin-1"])
def test_another_encoding_keeps_names_alike(encoding):
    data = saved("é = 1; é" if encoding != "cp1251" else "д = 1; д", encoding)
    one, two = source_of(data).split(" = 1; ")
    assert one == two != ""


def test_bytes_that_windows_does_not_have_stay_apart():
    text = source_of(saved("xy", "utf-8").replace(b"xy", b"\xe9\x81\x8d\x8f\x90\x9d"))
    assert text == "é\x81\x8d\x8f\x90\x9d"


def test_a_few_bad_bytes_in_utf_8_are_replaced_and_a_person_looks():
    data = saved(GREEK, "utf-8").replace(b"naive", b"n\xe9").replace(b"quoted", b"q\xffd")
    assert source_of(data) == GREEK.replace("quoted", "q\ufffdd")
    assert said(data, person=True) == ("1 characters of the file is no UTF-8 and was replaced",)


@pytest.mark.parametrize("text", [TEXT, GREEK, "größe", "½", "“", "è à"])
def test_utf_8_that_was_taken_for_windows_is_put_right(text):
    twice = saved(text, "utf-8").decode("cp1252", "surrogateescape")
    twice = "".join(chr(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in twice)
    assert source_of(twice.encode()) == text
    assert "had been taken for Windows-1252" in said(twice.encode())[0]


@pytest.mark.parametrize("text", ["Âge", "Ã", "â", "Él â–", "Ã¶ und 二", "naïve", ""])
def test_text_that_only_looks_like_that_is_left_alone(text):
    assert source_of(saved(text, "utf-8")) == text
    assert said(saved(text, "utf-8")) == ()


def test_numbers_of_any_length_and_no_numbers_are_read():
    odd = '{"a": NUMBER, "b": NaN, "c": -Infinity, "d": 1e999}'.replace("NUMBER", "9" * 5000)
    data = cells(code("x", outputs=["ODD"])).replace(b'"ODD"', odd.encode())
    assert source_of(data) == "x"
    assert said(data) == ()


@pytest.mark.parametrize("depth", [TOO_DEEP + 1, 5000, 200_000])
@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_what_is_nested_too_deeply_is_left_out(depth, pair):
    opened = "[" if pair == "[]" else '{"a]": '
    deep = opened * depth + "1" + pair[1] * depth
    cell = {"cell_type": "code", "outputs": ["DEEP", '"['], "source": "x = []"}
    text = json.dumps({"cells": [cell]}).replace('"DEEP"', deep)
    assert source_of(text.encode()) == "x = []"
    if depth > 2000:
        assert said(text.encode()) == (
            f"what is nested more than {TOO_DEEP} levels deep was left out",
        )


def test_what_is_not_too_deep_is_kept():
    deep = "[" * 5000 + "]" * 5000
    value = read_json(f'[[1, [2]], {deep}, {{"a": [3]}}]'.encode()).value
    assert (value[0], value[2]) == ([1, [2]], {"a": [3]})
    assert str(value[1]).count("[") < TOO_DEEP


def test_control_characters_in_a_text_are_read():
    assert source_of(b'{"cells": [{"cell_type": "code", "source": "a\n\tb"}]}') == "a\n\tb"


@pytest.mark.parametrize("rest", [b"\n\n", b"\0" * 500, b"\x1a", b" \r\n"])
def test_what_follows_the_notebook_and_says_nothing_is_left_out(rest):
    assert said(cells(code("x")) + rest, person=True) == ()


def test_a_file_that_goes_on_is_read_and_shown_to_a_person():
    assert source_of(cells(code("x")) + b"}]}") == "x"
    assert said(cells(code("x")) + b"}]}", person=True) == (
        "the file goes on after the notebook's end; 3 characters there were not read",
    )


def test_a_key_that_stands_twice_is_named_where_it_matters():
    data = b'{"a": 1, "a": 2, "cells": [{"source": "one", "source": "two", "id": "x", "id": "x"}]}'
    assert source_of(data) == "two"
    told = "a cell or the notebook has ‘source’ twice, and the last one was read"
    assert said(data, person=True) == (told,)
    assert said(data.replace(b"one", b"two"), person=True) == ()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        (["a\n", "b"], "a\nb"),
        (["a", "b"], "a\nb"),
        (["a\r\n", "b"], "a\nb"),
        ([], ""),
        ("\ufeffx = 1", "x = 1"),
        (None, ""),
        ("a\0b\ud800c", "a\ufffdb\ufffdc"),
    ],
)
def test_a_source_is_a_text_or_a_list_of_lines(source, text):
    data = json.dumps({"cells": [code(source)]}).encode()
    assert source_of(data) == text
    assert said(data, person=True) == ()


@pytest.mark.parametrize("source", [3, {"a": "b"}, ["a", 3], True])
def test_a_source_that_is_no_text_is_named(source):
    assert said(cells(code(source)), person=True)[0].startswith("cell 1")


def test_a_long_cell_is_read_and_one_beyond_all_measure_is_cut_and_named():
    long = "x = 1\n" * 300_000
    assert source_of(cells(code(long))) == long
    data = cells(code("x\n" * (MAX_SOURCE // 2) + "more"))
    assert len(source_of(data)) == MAX_SOURCE
    assert said(data, person=True) == (
        "cell 1 (“x”) is longer than can be graded: what lies beyond was cut off",
    )
    assert said(cells(code("x" * MAX_SOURCE)), person=True) == ()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ({"cell_type": "code"}, "code"),
        ({"cell_type": " Code"}, "code"),
        ({"cell_type": "raw"}, "raw"),
        ({"cell_type": "heading"}, "markdown"),
        ({"outputs": []}, "code"),
        ({"cell_type": "sql", "input": "x"}, "code"),
        ({}, "markdown"),
        ({"cell_type": 3}, "markdown"),
    ],
)
def test_each_cell_is_of_a_kind_that_there_is(cell, kind):
    assert read_submission(cells(cell)).cells[0].kind == kind


def test_all_of_a_cell_is_read_with_its_own_type():
    png = "iVBORw0KGgoAAAA="
    cell = {
        "cell_type": "markdown",
        "id": "a",
        "source": ["see\n"],
        "metadata": {"nbgrader": {"grade_id": "b"}},
        "attachments": {
            "p.jpg": {"text/plain": "no", "image/jpeg": [png[:5], png[5:]]},
            "q.svg": {"image/svg+xml": "<svg/>"},
            "r": 3,
        },
    }
    data = cells(3, cell)
    attached = {"p.jpg": {"image/png": png}}
    assert read_submission(data).cells == (Submitted(1, "markdown", "see\n", "a", "b", attached),)
    (line,) = said(data)
    assert line.startswith(
        "the attachment ‘q.svg’ of cell 2 (“see”) and the attachment ‘r’ of cell"
    )
    odd = {"id": 3, "metadata": [], "attachments": [], "source": 3}
    assert read_submission(cells(odd)).cells == (Submitted(0, "markdown", ""),)


def test_remarks_of_one_kind_fold_into_one_line():
    lost, more = Kind("{} [was|were] lost"), Kind("{}!", person=True)
    remarks = [Remark(lost, "a"), Remark(more, "x"), Remark(lost, "a"), Remark(lost, "b")]
    assert folded(remarks) == ("a and b were lost",)
    assert folded(remarks[:1]) == ("a was lost",)
    assert folded([Remark(lost, name) for name in "abc"]) == ("a, b and c were lost",)
    assert folded([Remark(lost, name) for name in "abcde"]) == ("a, b, c and 2 more were lost",)
    assert folded(remarks, person=True) == ("x!",)
    assert folded([Remark(Kind("all was lost"))]) == ("all was lost",)
