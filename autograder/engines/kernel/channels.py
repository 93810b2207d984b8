"""The grader's two lines to a kernel: it asks on one, and hears answers and outputs on both."""

from __future__ import annotations

import select
import time
from typing import Any

from jupyter_client.session import Session

from autograder.engines.kernel.incoming import ANSWERED, SHOWN, Message, read
from autograder.engines.kernel.zmtp import Lost, Socket
from autograder.model import Limits

LAST = 0.05  # seconds that one line is still listened to after the other was closed


def largest(limits: Limits) -> int:
    """Bytes of one message that are worth keeping: more than all cells together may show is cut."""
    return (limits.output + 1) * 2**20


class Channels:
    """Connected to the kernel of a connection file. Raises Lost and Damaged, as `zmtp.Socket` does.

    connection  as Jupyter writes it, over unix sockets
    largest     bytes of one message that are kept
    """

    def __init__(self, connection: dict[str, Any], largest: int, seconds: float) -> None:
        key = connection["key"]
        self.session = Session(
            key=key if isinstance(key, bytes) else key.encode(), username="grader"
        )
        at = connection["ip"]
        self.shell = Socket(f"{at}-{connection['shell_port']}", "DEALER", largest, seconds)
        try:
            self.iopub = Socket(f"{at}-{connection['iopub_port']}", "SUB", largest, seconds)
        except BaseException:
            self.shell.close()
            raise
        self.lines = [(self.iopub, SHOWN), (self.shell, ANSWERED)]

    def close(self) -> None:
        self.shell.close()
        self.iopub.close()

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun to arrive and not ended."""
        return any(line.unfinished for line, _ in self.lines)

    def ask(self, kind: str, **content: Any) -> str:
        """Send a request; its id. Raises Lost."""
        message = self.session.msg(kind, content)
        self.shell.send(self.session.serialize(message))
        asked: str = message["header"]["msg_id"]
        return asked

    def receive(self, asked: str, seconds: float) -> Message | None:
        """The next message about the request `asked`, or None if none came in time.

        Raises Lost once all that came before the end has been given, and Damaged.
        """
        until = time.monotonic() + seconds
        while True:
            for _ in self.lines:
                self.lines.reverse()  # so that a flood on one does not drown the other
                line, known = self.lines[0]
                arrived = line.take()
                if arrived is not None:
                    message = read(arrived, asked, known, self.session.sign)
                    if message is not None:
                        return message
                    break
            else:
                if not self._fill(until - time.monotonic()):
                    return None
            if time.monotonic() >= until:
                return None

    def _fill(self, seconds: float) -> bool:
        """Wait until there is more to read, and read it; False if there was nothing in time."""
        still = [line for line, _ in self.lines if not line.closed]
        ended = len(still) < len(self.lines)
        wait = min(LAST, seconds) if ended else seconds
        poll = select.poll()
        for line in still:
            poll.register(line, select.POLLIN)
        ready = [fd for fd, _ in poll.poll(max(0.0, wait) * 1000)]
        for line in still:
            if line.fileno() in ready:
                line.fill()
        if ended and not ready:
            raise Lost("the kernel's sockets are closed")
        return bool(ready)
