"""Speak to one Jupyter kernel, cell by cell: bounded time, bounded output, a death noticed at once.

This is what nbclient does, in the few lines that grading needs: fractions of seconds, a limit on
what a cell may print, and the reason when a kernel goes away. It drives any kernel that
`jupyter_client` can manage, stock or sandboxed. What the kernel sends is checked in `incoming`.
"""

from __future__ import annotations

import time
from typing import Protocol

from autograder.engines.base import CellRun, End, EngineError, Output
from autograder.engines.kernel.channels import Channels
from autograder.engines.kernel.incoming import Content, Message
from autograder.engines.kernel.outputs import Collected
from autograder.engines.kernel.zmtp import Damaged, Lost

POLL = 0.25  # seconds between two looks at whether the kernel is still there
GRACE = 3.0  # seconds that an interrupted cell has to stop
LEAST = 2048  # bytes that each cell may still show when all together have reached the limit
SENT = "its code sent what no kernel sends"
SILENT = "the kernel is alive and free, and has not answered"

# The value of the cell that has just run, asked of the shell: a message that shows it can get lost.
VALUE = (
    "(lambda shell: shell.history_manager.output_hist.get(shell.execution_count - 1))"
    "(__import__('IPython').get_ipython())"
)


class Host(Protocol):
    """Where a kernel runs, and what can be done to it there."""

    def alive(self) -> bool: ...

    def interrupt(self) -> None: ...

    def free(self) -> bool:
        """Whether it waits for a cell, as far as anybody can tell: it is not running one."""

    def kill(self) -> None:
        """End it, and everything that it started."""

    def cause(self) -> str:
        """Why it ended, in words that follow "the kernel died"; empty if nobody knows."""


class Kernel:
    """A running kernel: where it runs, and the channels to it.

    budget    bytes of output that all cells together may give
    """

    def __init__(self, host: Host, channels: Channels, budget: int) -> None:
        self.host = host
        self.channels = channels
        self.budget = budget
        self.displays: dict[str, list[Output]] = {}

    def wait_until_ready(self, seconds: float) -> None:
        """Raises EngineError if the kernel does not answer in time."""
        try:
            asked = self.channels.ask("kernel_info_request")
            until = time.monotonic() + seconds
            while message := self.channels.receive(asked, until - time.monotonic()):
                if message.kind == "kernel_info_reply":
                    return
        except (Lost, Damaged) as error:
            raise EngineError(f"the kernel did not start: {error}") from error
        raise EngineError(f"the kernel did not start within {seconds:g} seconds")

    def run(self, source: str, seconds: float, value: bool = False) -> CellRun:
        """Run one cell for at most `seconds` of wall clock, then interrupt it, then kill it.

        value  the cell's value is its score: it must be among the outputs if there is one
        """
        collected = Collected(max(self.budget, LEAST), self.displays)
        try:
            asked = self.channels.ask(
                "execute_request",
                code=source,
                silent=False,
                store_history=True,
                allow_stdin=False,
                stop_on_error=False,
                user_expressions={"value": VALUE} if value else {},
            )
        except Lost as error:
            return CellRun(end=End.DIED, detail=self._lost(error))
        broken = ""
        end, detail, reply = self._follow(asked, collected, time.monotonic() + seconds)
        limits_met = ["cell_seconds"] if end is End.TIMEOUT else []
        if end is End.TIMEOUT:
            self.host.interrupt()
            stopped, _, reply = self._follow(asked, collected, time.monotonic() + GRACE)
            detail = f"it did not end within {seconds:g} seconds"
            if stopped is End.TIMEOUT and not self.channels.unfinished and self.host.free():
                broken = detail = SILENT
            if stopped is not End.DONE:
                self.host.kill()
                end = End.DIED
                detail = broken or f"{detail}, and did not react to being stopped"
                if self.channels.unfinished:  # all that it said after that was taken for the rest
                    detail = f"{detail}; {SENT}: half a message"
        elif end is End.DONE:
            unsaid = not reply and not self.channels.unfinished
            broken = SILENT if unsaid and self.host.free() else ""
            end, detail = self._after(reply, collected)
            detail = broken or detail
            if value and end is End.DONE:
                broken = self._value(reply, collected)
        self.budget -= collected.size
        limits_met += ["output"] if collected.cut else []
        return CellRun(
            tuple(collected.outputs), end, detail, broken=broken, limits_met=tuple(limits_met)
        )

    def _follow(
        self, asked: str, collected: Collected, deadline: float
    ) -> tuple[End, str, Content | None]:
        """Collect messages until the cell is done, the deadline passed or the kernel is gone.

        A cell is done when its reply and its idle status are there. Once one of them is, the other
        begins to arrive soon, or is lost.
        """
        reply: Content | None = None
        idle, soon = False, deadline
        while (now := time.monotonic()) < deadline and (now < soon or self.channels.unfinished):
            try:
                message = self.channels.receive(asked, min(POLL, deadline - now))
            except Damaged as error:
                self.host.kill()
                return End.DIED, f"{SENT}: {error}", reply
            except Lost as error:
                return End.DIED, self._lost(error), reply
            if message is None:
                if not self.host.alive():
                    return End.DIED, self.epitaph(), reply
                continue
            if message.kind == "execute_reply":
                reply = message.content
                collected.cut = collected.cut or not message.whole
            elif message.kind == "status":
                idle = idle or message.content["execution_state"] == "idle"
            else:
                collected.add(message)
                continue
            if idle and reply is not None:
                return End.DONE, "", reply
            if idle or reply is not None:
                soon = min(soon, now + GRACE)
        return (End.DONE if idle or reply is not None else End.TIMEOUT), "", reply

    def _lost(self, error: Lost) -> str:
        """Why a line to the kernel has ended: it died, or its code has cut the line and it is ended."""
        until = time.monotonic() + GRACE
        while time.monotonic() < until:  # what died has closed its sockets a moment before
            if not self.host.alive():
                return self.epitaph()
            time.sleep(0.01)
        self.host.kill()
        return f"its code has cut the line to the grader: {error}"

    def _after(self, reply: Content | None, collected: Collected) -> tuple[End, str]:
        """What the reply adds: an error that no output shows, or a request to exit. None: it is lost."""
        if reply is None:
            self.host.kill()
            return End.DIED, "the kernel did not answer how it ended"
        if reply["status"] in ("error", "aborted") and not collected.failed:
            collected.fail({**reply, "ename": reply["ename"] or "Error"})
        if any(item.get("source") == "ask_exit" for item in reply["payload"]):
            self.host.kill()
            return End.DIED, "it called exit()"
        return End.DONE, ""

    def _value(self, reply: Content | None, collected: Collected) -> str:
        """See that the cell's value is shown if it has one; what is wrong if nobody can tell."""
        if any(o["output_type"] in ("error", "execute_result") for o in collected.outputs):
            return ""
        told = reply["user_expressions"].get("value", {}) if reply else {}
        data = told.get("data")
        if told.get("status") != "ok" or not isinstance(data, dict):
            return "the kernel did not tell the value of this cell"
        if data.get("text/plain") != "None":
            metadata = told.get("metadata")
            content = {"data": data, "metadata": metadata if isinstance(metadata, dict) else {}}
            collected.add(Message("execute_result", content, size=0))
        return ""

    def epitaph(self) -> str:
        """That the kernel died, and of what if that is known."""
        cause = self.host.cause()
        return f"the kernel died ({cause})" if cause else "the kernel died"
