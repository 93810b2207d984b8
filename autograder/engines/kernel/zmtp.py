"""A connection to one of a kernel's ZeroMQ sockets, spoken here (ZMTP 3.0) and not by libzmq.

libzmq reads ahead, as many parts of a message as the other side sends, before anybody can look at
their size: one message of a thousand parts of 8 MiB, which costs a student's process one part of
memory, would cost the grader all of them, and the grader holds the whole class. Here no more of a
message is kept than `largest`, and nothing is read before somebody wants to know it.

The protocol: https://rfc.zeromq.org/spec/23/
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from dataclasses import dataclass

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
MORE, LONG, COMMAND = 1, 2, 4
MAX_FRAMES = 64
MAX_COMMAND = 4096
CHUNK = 1 << 18
ALL_TOPICS = b"\x01"  # what a SUB socket subscribes with


class Damaged(Exception):
    """What arrived is nothing that a kernel sends; the message says what is wrong with it."""


class Lost(Exception):
    """The other side has closed the connection, or takes nothing more."""


@dataclass(frozen=True)
class Arrived:
    """One message: its frames, and how many bytes came. Of a frame that went beyond `largest`
    nothing is kept, and the message is not `whole`."""

    frames: tuple[bytes, ...]
    size: int
    whole: bool


class Socket:
    """One connection, to a kernel's ROUTER as a DEALER, or to its PUB as a SUB.

    `largest` is how many bytes of a message are kept. Raises Lost where nobody listens at `path`
    within `seconds`, and Damaged where somebody does who speaks no ZMTP.
    """

    def __init__(self, path: str, kind: str, largest: int, seconds: float) -> None:
        self.largest = largest
        self.closed = False
        self._buffer = bytearray()
        self._skip = 0  # bytes of a frame that are still to come, and not to be kept
        self._start()
        until = time.monotonic() + seconds
        self._sock = _connected(path, until)
        try:
            self._greet(kind, until)
        except BaseException:
            self._sock.close()
            raise

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun to arrive and not ended."""
        return bool(self._buffer or self._skip or self._frames)

    def send(self, frames: list[bytes], seconds: float = 10.0) -> None:
        """Raises Lost if the other side does not take it within some seconds."""
        parts = []
        for number, frame in enumerate(frames, 1):
            more = MORE if number < len(frames) else 0
            parts += [_head(more, len(frame)), frame]
        try:
            self._sock.settimeout(seconds)
            self._sock.sendall(b"".join(parts))
        except OSError as error:
            raise Lost(f"the kernel takes no messages: {error}") from error

    def fill(self) -> None:
        """Read what is there, at most `CHUNK` bytes; sets `closed` at the end of the stream."""
        self._sock.settimeout(0)
        try:
            data = self._sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.closed = True
        self._buffer += data

    def take(self) -> Arrived | None:
        """The next message among what was read, if all of it is there. Raises Damaged."""
        while True:
            if self._skip:
                dropped = min(self._skip, len(self._buffer))
                del self._buffer[:dropped]
                self._skip -= dropped
                if self._skip:
                    return None
            elif not self._frame():
                return None
            if self._complete and not self._skip:
                arrived = Arrived(tuple(self._frames), self._size, self._whole)
                self._start()
                return arrived

    def _start(self) -> None:
        """Before a message's first frame."""
        self._frames: list[bytes] = []
        self._size = self._kept = 0
        self._whole, self._complete = True, False

    def _frame(self) -> bool:
        """Take one frame out of the buffer, or begin to skip it; False if it is not all there."""
        found = self._next()
        if found is None:
            return False
        flags, start, length = found
        if flags & COMMAND:  # PING and the like: nothing that we answer
            if length > MAX_COMMAND or flags & MORE:
                raise Damaged(f"a command of {length} bytes")
            if len(self._buffer) < start + length:
                return False
            del self._buffer[: start + length]
            return True
        if self._kept + length > self.largest or len(self._frames) >= MAX_FRAMES:
            del self._buffer[:start]
            self._skip = length
            self._whole = False
            if len(self._frames) < MAX_FRAMES:
                self._frames.append(b"")
        elif len(self._buffer) < start + length:
            return False
        else:
            self._frames.append(bytes(self._buffer[start : start + length]))
            del self._buffer[: start + length]
            self._kept += length
        self._size += start + length
        self._complete = not flags & MORE
        return True

    def _next(self) -> tuple[int, int, int] | None:
        """The next frame's flags, where its body starts, and its length."""
        if len(self._buffer) < 2:
            return None
        flags = self._buffer[0]
        if flags & ~(MORE | LONG | COMMAND):
            raise Damaged("bytes that are no frame of ZeroMQ")
        if not flags & LONG:
            return flags, 2, self._buffer[1]
        if len(self._buffer) < 9:
            return None
        return flags, 9, int(struct.unpack_from("!Q", self._buffer, 1)[0])

    def _greet(self, kind: str, until: float) -> None:
        """Exchange greetings and READY; ask for all topics where we are a SUB."""
        name = kind.encode()
        body = b"\x05READY" + b"\x0bSocket-Type" + struct.pack("!I", len(name)) + name
        with contextlib.suppress(OSError):  # if it has closed, reading says so
            self._sock.sendall(GREETING + _head(COMMAND, len(body)) + body)
        self._wait_for(len(GREETING), until)
        theirs = bytes(self._buffer[: len(GREETING)])
        if (theirs[0], theirs[9]) != (0xFF, 0x7F) or theirs[10] < 3 or theirs[12:16] != b"NULL":
            raise Damaged("a greeting that is none of ZeroMQ's")
        del self._buffer[: len(GREETING)]
        self._wait_for(2, until)
        if self._buffer[0] != COMMAND:
            raise Damaged("no READY after the greeting")
        self._wait_for(2 + self._buffer[1], until)
        del self._buffer[: 2 + self._buffer[1]]
        if kind == "SUB":  # sooner, libzmq would take it for an answer to its READY
            self.send([ALL_TOPICS])

    def _wait_for(self, length: int, until: float) -> None:
        while len(self._buffer) < length:
            left = until - time.monotonic()
            if self.closed or left <= 0:
                raise Lost("the kernel did not greet")
            poll = select.poll()
            poll.register(self, select.POLLIN)
            poll.poll(left * 1000)
            self.fill()


def _head(flags: int, length: int) -> bytes:
    """What comes before a frame's body."""
    if length < 256:
        return bytes((flags, length))
    return struct.pack("!BQ", flags | LONG, length)


def _connected(path: str, until: float) -> socket.socket:
    """A socket connected to `path`, tried again until then: a kernel may only just be starting."""
    while True:
        sock = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            sock.settimeout(max(0.1, until - time.monotonic()))
            sock.connect(path)
            return sock
        sock.close()
        if time.monotonic() >= until:
            raise Lost(f"nobody listens at {path}")
        time.sleep(0.02)
