"""Speak to one Jupyter kernel, cell by cell: bounded time, bounded output, a death noticed at once.

This is what nbclient does, in the few lines that grading needs: fractions of seconds, a limit on
what a cell may print, and the reason when a kernel goes away. It drives any kernel that
`jupyter_client` can manage, stock or sandboxed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from queue import Empty
from typing import Any, Protocol

from jupyter_client.blocking.client import BlockingKernelClient

from autograder.grading.engine import CellRun, End, EngineError, Output

POLL = 0.25  # seconds between two looks at whether the kernel is still there
GRACE = 3.0  # seconds that an interrupted cell has to stop
SHOWN = ("stream", "display_data", "execute_result", "error")

# The value of the cell that has just run, asked of the shell: a message that shows it can get lost.
VALUE = (
    "(lambda shell: shell.history_manager.output_hist.get(shell.execution_count - 1))"
    "(__import__('IPython').get_ipython())"
)


@dataclass
class Collected:
    """The outputs of a running cell, as its messages arrive, up to `budget` bytes."""

    budget: int
    displays: dict[str, list[Output]]  # outputs that a later update_display_data may replace
    outputs: list[Output] = field(default_factory=list)
    size: int = 0
    cut: bool = False
    clear_next: bool = False

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Take one iopub message into the outputs."""
        if kind == "clear_output":
            self.clear_next = bool(content.get("wait"))
            if not self.clear_next:
                self.outputs.clear()
            return
        if kind == "update_display_data":
            self._update(content)
            return
        if kind not in SHOWN:
            return
        if self.clear_next:
            self.outputs.clear()
            self.clear_next = False
        output = as_output(kind, content)
        self.size += weight(output)
        if self.size > self.budget and kind != "error":
            self._cut()
            return
        last = self.outputs[-1] if self.outputs else None
        if kind == "stream" and last and last.get("name") == output["name"]:
            last["text"] += output["text"]
            return
        self.outputs.append(output)
        display = (content.get("transient") or {}).get("display_id")
        if isinstance(display, str):
            self.displays.setdefault(display, []).append(output)

    def _update(self, content: dict[str, Any]) -> None:
        new = as_output("display_data", content)
        self.size += weight(new)
        if self.size > self.budget:
            self._cut()
            return
        display = str((content.get("transient") or {}).get("display_id"))
        for old in self.displays.get(display, []):
            old["data"], old["metadata"] = new["data"], new["metadata"]

    def _cut(self) -> None:
        if not self.cut:
            self.cut = True
            note = f"\n… the output was cut here: more than {self.budget / 2**20:g} MiB.\n"
            self.outputs.append({"output_type": "stream", "name": "stderr", "text": note})


def as_output(kind: str, content: dict[str, Any]) -> Output:
    """A message's content in nbformat's form, each field of the type that it must have."""
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": str(content.get("text", ""))}
    if kind == "error":
        trace = content.get("traceback")
        return {
            "output_type": "error",
            "ename": str(content.get("ename", "")),
            "evalue": str(content.get("evalue", "")),
            "traceback": [str(line) for line in trace] if isinstance(trace, list) else [],
        }
    data, metadata = content.get("data"), content.get("metadata")
    output: Output = {
        "output_type": kind,
        "data": data if isinstance(data, dict) else {},
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
    if kind == "execute_result":
        output["execution_count"] = None
    return output


def weight(output: Output) -> int:
    """About how many bytes an output takes in a notebook file."""
    if "text" in output:
        return len(output["text"])
    if "data" in output:
        return sum(
            len(value if isinstance(value, str) else str(value))
            for value in output["data"].values()
        )
    return len(output["evalue"]) + sum(map(len, output["traceback"]))


class Host(Protocol):
    """Where a kernel runs, and what can be done to it there."""

    def alive(self) -> bool: ...

    def interrupt(self) -> None: ...

    def kill(self) -> None:
        """End it, and everything that it started."""

    def cause(self) -> str:
        """Why it ended, in words that follow "the kernel died"; empty if nobody knows."""


class Kernel:
    """A running kernel: where it runs, and the client that speaks to it.

    client    its channels are open
    budget    bytes of output that all cells together may give
    """

    def __init__(self, host: Host, client: BlockingKernelClient, budget: int) -> None:
        self.host = host
        self.client = client
        self.budget = budget
        self.displays: dict[str, list[Output]] = {}

    def wait_until_ready(self, seconds: float) -> None:
        """Raises EngineError if the kernel does not answer in time."""
        try:
            self.client.wait_for_ready(timeout=seconds)
        except RuntimeError as error:
            raise EngineError(f"the kernel did not start: {error}") from error

    def run(self, source: str, seconds: float, value: bool = False) -> CellRun:
        """Run one cell for at most `seconds` of wall clock, then interrupt it, then kill it.

        value  the cell's value is its score: it must be among the outputs if there is one
        """
        collected = Collected(max(self.budget, 2**16), self.displays)
        asked = self.client.execute(
            source,
            allow_stdin=False,
            stop_on_error=False,
            user_expressions={"value": VALUE} if value else {},
        )
        broken = ""
        end, detail, reply = self._follow(asked, collected, time.monotonic() + seconds)
        met = ["cell_seconds"] if end is End.TIMEOUT else []
        if end is End.TIMEOUT:
            self.host.interrupt()
            stopped, _, reply = self._follow(asked, collected, time.monotonic() + GRACE)
            detail = f"it did not end within {seconds:g} seconds"
            if stopped is not End.DONE:
                self.host.kill()
                end, detail = End.DIED, f"{detail}, and did not react to being stopped"
        elif end is End.DONE:
            end, detail = self._after(reply, collected)
            broken = self._value(reply, collected) if value and end is End.DONE else ""
        self.budget -= collected.size
        met += ["output"] if collected.cut else []
        return CellRun(tuple(collected.outputs), end, detail, broken=broken, met=tuple(met))

    def _follow(
        self, asked: str, collected: Collected, deadline: float
    ) -> tuple[End, str, dict[str, Any]]:
        """Collect messages until the cell is done, the deadline passed or the kernel is gone."""
        reply: dict[str, Any] = {}
        looked = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= deadline:
                return (End.DONE if reply else End.TIMEOUT), "", reply
            try:
                message = self.client.iopub_channel.get_msg(timeout=min(POLL, deadline - now))
            except Empty:
                message = None
            if message is not None and message["parent_header"].get("msg_id") == asked:
                kind, content = message["msg_type"], message["content"]
                if kind == "status" and content.get("execution_state") == "idle":
                    return End.DONE, "", reply or self.reply(asked, GRACE)
                collected.add(kind, content)
            if message is None or now - looked > 4 * POLL:
                looked = now
                if not reply:
                    reply = self.reply(asked, 0)
                    if reply:  # answered, but idle not yet seen: it follows, or the channel is lost
                        deadline = min(deadline, now + GRACE)
                if message is None and not self.host.alive():
                    return End.DIED, self.epitaph(), reply

    def reply(self, asked: str, seconds: float) -> dict[str, Any]:
        """The shell channel's answer to `asked`, or an empty dict."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self.client.shell_channel.get_msg(
                    timeout=max(0.0, deadline - time.monotonic())
                )
            except Empty:
                return {}
            if message["parent_header"].get("msg_id") == asked:
                content: dict[str, Any] = message["content"]
                return content or {"status": "ok"}

    def _after(self, reply: dict[str, Any], collected: Collected) -> tuple[End, str]:
        """What the reply adds: an error that no output shows, or a request to exit. None: it is lost."""
        if not reply:
            self.host.kill()
            return End.DIED, "the kernel did not answer how it ended"
        failed = reply.get("status") in ("error", "aborted")
        if failed and not any(o["output_type"] == "error" for o in collected.outputs):
            collected.add("error", {"ename": "Error", **reply})
        payload = reply.get("payload")
        for item in payload if isinstance(payload, list) else []:
            if isinstance(item, dict) and item.get("source") == "ask_exit":
                self.host.kill()
                return End.DIED, "it called exit()"
        return End.DONE, ""

    def _value(self, reply: dict[str, Any], collected: Collected) -> str:
        """See that the cell's value is shown if it has one; what is wrong if nobody can tell."""
        if any(o["output_type"] in ("error", "execute_result") for o in collected.outputs):
            return ""
        told = (reply.get("user_expressions") or {}).get("value") or {}
        if told.get("status") != "ok":
            return "the kernel did not tell the value of this cell"
        if told["data"].get("text/plain") != "None":
            collected.add("execute_result", told)
        return ""

    def epitaph(self) -> str:
        """That the kernel died, and of what if that is known."""
        cause = self.host.cause()
        return f"the kernel died ({cause})" if cause else "the kernel died"
