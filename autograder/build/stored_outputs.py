"""Stored outputs without anything that differs from run to run, or from machine to machine.

    merge_streams      text that arrived in several pieces is one output, as it is read
    last_line_only     of a traceback, the line that names the error
    without_addresses  0x7f3a… in texts
    without_paths      /home/… and the like in texts, down to the file's name
    without_times      seconds and clock times, in cells whose output nbval does not compare

A cell that nbval compares must not print an address or a path: `unstable` finds it, and the build
says so, since a comparison would fail on the next machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from autograder.course import tags_of

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
PATH = re.compile(r"(?<![\w:/.])/(?:[\w.+@~-]+/)+([\w.+@~-]*)")
CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\b")
DURATION = re.compile(
    r"\b\d+(?:\.\d+)?(?= ?(?:ns|µs|us|ms|s|sec|secs|seconds?|min|minutes?|it/s)\b)"
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def ignored(cell: NotebookNode) -> bool:
    """Whether nbval leaves this cell's output alone."""
    return "nbval-ignore-output" in tags_of(cell) or "nbval-skip" in tags_of(cell)


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Each stream's text in one piece, where its first piece stood."""
    merged: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            merged.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = output
            merged.append(output)
    return merged


def texts(output: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """Where an output holds text: pairs of a node and a key."""
    if output.output_type == "stream":
        yield output, "text"
    elif output.output_type == "error":
        yield output, "evalue"
    else:
        for kind in output.get("data", {}):
            if kind.startswith("text/"):
                yield output.data, kind


def without_addresses(text: str) -> str:
    return ADDRESS.sub("0x…", text)


def without_paths(text: str) -> str:
    return PATH.sub(lambda match: f"…/{match[1]}", text)


def without_times(text: str) -> str:
    return DURATION.sub("…", CLOCK.sub("…", text))


def last_line_only(output: NotebookNode) -> NotebookNode:
    """An error output whose traceback is one plain line."""
    if output.output_type == "error":
        output.evalue = COLOURS.sub("", output.evalue)
        output.traceback = [f"{output.ename}: {output.evalue}" if output.evalue else output.ename]
    return output


def clean(cell: NotebookNode) -> NotebookNode:
    """The executed cell, with outputs that are the same after each run. Changes it in place."""
    steps: list[Callable[[str], str]] = [without_addresses, without_paths]
    if ignored(cell):
        steps.append(without_times)
    cell.metadata.pop("execution", None)
    cell.outputs = merge_streams(cell.outputs)
    for output in cell.outputs:
        for node, key in texts(output):
            text = "".join(node[key])
            for step in steps:
                text = step(text)
            node[key] = text
        last_line_only(output)
        if "metadata" in output:
            output.metadata = NotebookNode(
                {k: v for k, v in output.metadata.items() if k != "execution"}
            )
    return cell


def unstable(cell: NotebookNode) -> str:
    """What in a compared cell's outputs cannot be the same elsewhere: an address or a path, or ''."""
    if ignored(cell):
        return ""
    for output in cell.outputs:
        for node, key in texts(output):
            text = "".join(node[key])
            found = ADDRESS.search(text) or (key != "text/html" and PATH.search(text))
            if found:
                return str(found[0])
    return ""
