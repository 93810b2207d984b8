"""Outputs are stored without what differs from run to run."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from autograder.build.stored_outputs import clean, merge_streams, unstable


def cell_with(*outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    return new_code_cell("x", outputs=list(outputs), metadata={"tags": list(tags)})


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def result(text: str) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def test_text_that_came_in_pieces_is_one_output() -> None:
    pieces = [stream("a\n"), stream("w\n", "stderr"), stream("b\n"), result("1"), stream("c\n")]
    merged = merge_streams(pieces)
    assert [(o.output_type, o.get("text", "")) for o in merged] == [
        ("stream", "a\nb\nc\n"),
        ("stream", "w\n"),
        ("execute_result", ""),
    ]


@pytest.mark.parametrize(
    "text", ["<function f at 0x7f3a5c0d1e10>", "saved to /home/somebody/course/model.pt"]
)
def test_addresses_and_paths_are_found_and_taken_out(text: str) -> None:
    assert unstable(cell_with(result(text)))
    assert unstable(cell_with(stream(text)))
    assert not unstable(cell_with(stream(text), tags=("nbval-ignore-output",)))
    cleaned = clean(cell_with(stream(text)))
    assert not unstable(cleaned)
    assert "…" in cleaned.outputs[0].text


@pytest.mark.parametrize(
    "text", ["3/4 of 1/2", "loss 0.25, https://pytorch.org/docs/x", "a/b", "0x1F"]
)
def test_what_only_looks_like_a_path_stays(text: str) -> None:
    assert not unstable(cell_with(stream(text)))
    assert clean(cell_with(stream(text))).outputs[0].text == text


def test_times_are_taken_out_where_nothing_is_compared() -> None:
    text = "took 1.25 s, finished at 12:30:01"
    assert clean(cell_with(stream(text))).outputs[0].text == text
    ignored = clean(cell_with(stream(text), tags=("nbval-ignore-output",)))
    assert ignored.outputs[0].text == "took … s, finished at …"


def test_a_traceback_is_one_line() -> None:
    trace = ["\x1b[31mTraceback\x1b[0m", "File /home/somebody/x.py:3"]
    cell = clean(cell_with(new_output("error", ename="ValueError", evalue="no", traceback=trace)))
    assert cell.outputs[0].traceback == ["ValueError: no"]
