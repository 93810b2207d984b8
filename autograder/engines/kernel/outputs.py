"""The outputs of a running cell, weighed in bytes before any of them is kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from autograder.engines.base import Output
from autograder.engines.kernel.incoming import Content, Message

JSON = re.compile(r"^application/(.*\+)?json$")
LAST_WORDS = 600  # characters of an error's message that is shown although the limit is reached
CUT = "\n… the output was cut here: all cells together have reached the output limit.\n"
TOO_LARGE = "This error's message was left out: it is larger than the output limit."


@dataclass
class Collected:
    """What its messages come to, up to `budget` bytes in the notebook.

    What is cleared or replaced again counts as well: it was sent, and had to be read. Beyond the
    budget there is one line that says so, and the beginning of one error: two kilobytes.
    """

    budget: int
    displays: dict[str, list[Output]]  # outputs that a later update_display_data may replace
    outputs: list[Output] = field(default_factory=list)
    size: int = 0
    cut: bool = False
    failed: bool = False  # an error is among the outputs, or was
    clear_next: bool = False

    def add(self, message: Message) -> None:
        """Take one of the messages in `incoming.SHOWN` into the outputs."""
        kind, content = message.kind, message.content
        if kind == "clear_output":
            self.size += message.size
            self.clear_next = content["wait"] and not self.cut  # what was cut stays, and says so
            if not self.clear_next and not self.cut:
                self.outputs.clear()
        elif kind == "update_display_data":
            self._update(message)
        elif kind != "status":
            self._show(message)

    def fail(self, content: Content) -> None:
        """Add an error that no message has shown."""
        self._show(Message("error", content, size=0))

    def _show(self, message: Message) -> None:
        if self.clear_next:
            self.outputs.clear()
            self.clear_next = False
        output = as_output(message)
        left = self.budget - self.size
        if not self._room(message, output):
            if message.kind == "error" and not self.failed:
                self.outputs.append(shortened(output))
            elif message.kind == "stream" and message.whole and left > 0 and not self.cut:
                output["text"] = output["text"][: left // 8]  # a character takes six bytes at most
                self.outputs.append(output)
            self._cut()
        elif message.kind == "stream" and self._goes_on(output):
            self.outputs[-1]["text"] += output["text"]
        else:
            self.outputs.append(output)
            self._remember(message, output)
        self.failed = self.failed or message.kind == "error"

    def _room(self, message: Message, output: Output, times: int = 1) -> bool:
        """Count a message; whether the output that it makes, so many times, still fits."""
        self.size += message.size
        if self.cut or not message.whole or self.size > self.budget:
            return False
        self.size += max(0, times * weight(output) - message.size)
        return self.size <= self.budget

    def _goes_on(self, output: Output) -> bool:
        last = self.outputs[-1] if self.outputs else {}
        return last.get("output_type") == "stream" and last["name"] == output["name"]

    def _remember(self, message: Message, output: Output) -> None:
        display = message.content.get("transient", {}).get("display_id")
        if isinstance(display, str):
            self.displays.setdefault(display, []).append(output)

    def _update(self, message: Message) -> None:
        display = message.content["transient"].get("display_id")
        shown = self.displays.get(display, []) if isinstance(display, str) else []
        new = as_output(message)
        if not self._room(message, new, times=len(shown)):
            self._cut()
            return
        for old in shown:
            old["data"], old["metadata"] = new["data"], new["metadata"]

    def _cut(self) -> None:
        if not self.cut:
            self.cut = True
            self.outputs.append({"output_type": "stream", "name": "stderr", "text": CUT})


def as_output(message: Message) -> Output:
    """A message's content in nbformat's form."""
    content = message.content
    if message.kind == "stream":
        name = "stderr" if content["name"] == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": content["text"]}
    if message.kind == "error":
        return {
            "output_type": "error",
            "ename": content["ename"] if message.whole else "Error",
            "evalue": content["evalue"] if message.whole else TOO_LARGE,
            "traceback": content["traceback"],
        }
    if message.kind == "execute_result":
        return {"output_type": "execute_result", **bundle(content), "execution_count": None}
    return {"output_type": "display_data", **bundle(content)}


def bundle(content: Content) -> dict[str, Any]:
    """Data by MIME type, text where the type is none of JSON's, as nbformat wants it; and metadata."""
    data = {
        mime: value if isinstance(value, str) or JSON.search(mime) else as_text(value)
        for mime, value in content["data"].items()
    }
    return {"data": data, "metadata": content["metadata"]}


def as_text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return json.dumps(value, ensure_ascii=False)


def shortened(error: Output) -> Output:
    """An error's name and the beginning of its message."""
    return {
        "output_type": "error",
        "ename": error["ename"][:80],
        "evalue": error["evalue"][:LAST_WORDS],
        "traceback": [],
    }


def weight(output: Output) -> int:
    """How many bytes an output takes in a notebook file."""
    return len(json.dumps(output, ensure_ascii=False).encode())
