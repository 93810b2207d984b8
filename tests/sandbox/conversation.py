"""What a kernel says to a client, step by step, in words that two kernels can be compared by."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from queue import Empty
from typing import Any, Protocol

from jupyter_client.blocking import BlockingKernelClient

SILENT = 60.0  # seconds after which a kernel counts as silent: no step takes longer than a few


@dataclass(frozen=True)
class Ask:
    """A message on the shell channel (or `control`), and what is done while it is answered."""

    kind: str
    content: dict[str, Any]
    channel: str = "shell"
    interrupt: bool = False  # as Ctrl-C, once the cell has printed something
    typed: tuple[str, ...] = ()  # what the person at the keyboard answers
    at_once: bool = False  # the next step is sent without waiting for this one's answer


def cell(code: str, **how: Any) -> Ask:
    """Run `code` as the grader and nbclient do: nobody is at the keyboard, unless `typed` is given."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
    content |= {"allow_stdin": bool(how.get("typed")), "stop_on_error": False}
    content |= how.pop("content", {})
    return Ask("execute_request", content, **how)


class Partner(Protocol):
    """A running kernel."""

    client: BlockingKernelClient

    def interrupt(self) -> None: ...


@dataclass
class Said:
    """What came of one step: the reply, what was shown, and what was asked of the person typing.

    Each in its order; between what is shown and what is asked, two sockets, there is none.
    """

    reply: Any = None
    shown: list[tuple[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, Any]] = field(default_factory=list)


class Silence(Exception):
    """A kernel did not answer."""


def converse(kernel: Partner, steps: tuple[Ask, ...]) -> list[Said]:
    """Take the steps one after the other. Raises Silence.

    What a thread shows later counts for the step that its message names, as notebooks show it.
    """
    asked: dict[str, int] = {}
    said = [Said() for _ in steps]
    idle: set[int] = set()
    waiting: set[int] = set()
    for number, step in enumerate(steps):
        message = kernel.client.session.msg(step.kind, step.content)
        channel = kernel.client.control_channel if step.channel == "control" else None
        (channel or kernel.client.shell_channel).send(message)
        asked[message["header"]["msg_id"]] = number
        waiting.add(number)
        if not step.at_once:
            _wait(kernel, steps, asked, said, waiting, idle)
    return said


def _wait(
    kernel: Partner,
    steps: tuple[Ask, ...],
    asked: dict[str, int],
    said: list[Said],
    waiting: set[int],
    idle: set[int],
) -> None:
    """Until each step that is waiting is answered, and the kernel idle again."""
    until = time.monotonic() + SILENT
    answers = [list(step.typed) for step in steps]
    interrupted: set[int] = set()
    while waiting:
        if time.monotonic() > until:
            raise Silence(f"no answer to step {min(waiting)}: {steps[min(waiting)].content}")
        for channel in (
            kernel.client.shell_channel,
            kernel.client.control_channel,
            kernel.client.iopub_channel,
            kernel.client.stdin_channel,
        ):
            while (message := _next(channel, 0.005)) is not None:
                number = asked.get(message["parent_header"].get("msg_id"), -1)
                kind, content = message["msg_type"], message["content"]
                if number < 0:
                    continue
                if kind == "input_request":
                    said[number].requests.append((kind, content))
                    kernel.client.input(answers[number].pop(0))
                elif channel in (kernel.client.shell_channel, kernel.client.control_channel):
                    said[number].reply = (kind, content)
                else:
                    if content.get("execution_state") == "idle":
                        idle.add(number)
                    said[number].shown.append((kind, content))
                    if kind == "stream" and steps[number].interrupt and number not in interrupted:
                        interrupted.add(number)
                        time.sleep(0.2)
                        kernel.interrupt()
        waiting -= {number for number in waiting if said[number].reply and number in idle}


def _next(channel: Any, seconds: float) -> dict[str, Any] | None:
    try:
        message: dict[str, Any] = channel.get_msg(timeout=seconds)
    except Empty:
        return None
    return message


# What differs between any two runs of the same kernel, or between two places on one machine.
VARIES: tuple[tuple[str, str], ...] = (
    (r"0x[0-9a-fA-F]{5,}", "0xADDRESS"),
    (r"(?:/[^\s'\"]*)?/ipykernel_\d+/\d+\.py", "CELL.py"),
    (r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", "UUID"),
    (r"[\d.]+(?:e\+\d+)? ?(?:ns|µs|us|μs|ms|s)\b", "TIME"),
    (r"\b[\d,]+ loops?\b", "LOOPS"),
    (r"[\d.]+it/s|[\d.?]+s/it", "RATE"),
    (r"\d\d:\d\d(?::\d\d)?(?:\.\d+)?", "CLOCK"),
    (r"\d{4}-\d\d-\d\dT?", "DAY"),
    (r"\bIPY_MODEL_[0-9a-f]{32}", "MODEL"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{24}_\d+_\d+", "MESSAGE"),
    (r"output cache \(\d+ entr", "output cache (SOME entr"),
    (r"(?m)^Tip: .*$", "TIP"),
    (r"thread count: \d+", "COUNT"),
    (r"(?i)\b(pid|ident|thread id)(\W{1,3})\d+", r"\1\2NUMBER"),
    (r"Python-\d+|Process-\d+|ForkPoolWorker-\d+", "WORKER"),
)


def plain(value: Any, places: dict[str, str]) -> Any:
    """`value` with what varies replaced by words. `places`: this kernel's folders, by name."""
    if isinstance(value, dict):
        return {plain(key, places): plain(part, places) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, places) for part in value]
    if not isinstance(value, str):
        return value
    for place, name in places.items():
        value = value.replace(place, name)
    for pattern, name in VARIES:
        value = re.sub(pattern, name, value)
    return value


UNSTEADY = frozenset(("started", "engine_info", "date", "session"))  # fields


def compared(said: list[Said], places: dict[str, str], terse: bool) -> list[Any]:
    """What was said, as plain data: neighbouring pieces of one stream joined, fields that vary dropped.

    terse  without what a terse kernel does not tell: that a cell begins, and what is in it
    """
    return [_step(plain_step, terse) for plain_step in (_plain(one, places) for one in said)]


def _plain(said: Said, places: dict[str, str]) -> Said:
    joined: list[tuple[str, Any]] = []
    for kind, content in said.shown:
        if (
            kind == "stream"
            and joined
            and joined[-1][0] == "stream"
            and joined[-1][1]["name"] == content["name"]
        ):
            joined[-1][1]["text"] += content["text"]
        else:
            joined.append((kind, dict(content)))
    return Said(
        plain(said.reply, places),
        [(kind, plain(content, places)) for kind, content in joined],
        [(kind, plain(content, places)) for kind, content in said.requests],
    )


def _step(said: Said, terse: bool) -> Any:
    told = [
        [kind, content]
        for kind, content in said.shown
        if not (
            terse
            and (kind == "execute_input" or content.get("execution_state") in ("busy", "starting"))
        )
    ]
    asked = [[kind, content] for kind, content in said.requests]
    return {"reply": _without(said.reply), "shown": _without(told), "asked": _without(asked)}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(part) for key, part in value.items() if key not in UNSTEADY}
    if isinstance(value, list):
        return [_without(part) for part in value]
    return value
