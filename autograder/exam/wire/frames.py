"""Frames on a stream socket: a msgpack structure and a block of raw bytes, both of bounded length.

    4 bytes  length of the structure     }  big-endian
    4 bytes  length of the block         }
    structure                               msgpack without maps and extensions
    block                                   the contents of arrays, one after the other

Array contents stand apart so that the structure, which costs many times its length once unpacked, can
be kept small.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

import msgpack

HEADER = struct.Struct("!II")
MAX_STRUCTURE = 4 << 20
MAX_BLOCK = 64 << 20
MAX_TOTAL = 1 << 30  # of all frames that one cell may receive

# Beside the frames, one byte to the grader when the kernel has let go of an examiner's connection.
FREE = b"."
BUSY = b":"  # the kernel was in a cell, which waits


class WireFault(Exception):
    """The peer sent what no honest peer sends."""


class PeerGone(Exception):
    """The peer has closed the connection."""


class Overdue(Exception):
    """The deadline passed before the whole message was there."""


class TooLarge(ValueError):
    """A value that is too large, too long or nested too deeply to be handed over."""


class Channel:
    """Sends and receives frames. Deadlines are readings of `time.monotonic()`; None waits for ever."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = 0

    def close(self) -> None:
        self.connection.close()

    def send(
        self, structure: Any, block: Sequence[bytes] = (), deadline: float | None = None
    ) -> None:
        """Raises TooLarge before anything is sent; PeerGone; Overdue."""
        body = msgpack.packb(structure, use_bin_type=True)
        length = sum(len(part) for part in block)
        if len(body) > MAX_STRUCTURE or length > MAX_BLOCK:
            raise TooLarge(f"the values take more than {MAX_BLOCK >> 20} MiB")
        frame = b"".join((HEADER.pack(len(body), length), body, *block))
        try:
            self._wait_until(deadline)
            self.connection.sendall(frame)
        except TimeoutError:
            raise Overdue from None
        except OSError:
            raise PeerGone from None

    def receive(self, deadline: float | None = None) -> tuple[Any, memoryview]:
        """The structure and the block of the next frame. Raises WireFault, PeerGone, Overdue."""
        body_length, block_length = HEADER.unpack(self._read(HEADER.size, deadline))
        if body_length > MAX_STRUCTURE or block_length > MAX_BLOCK:
            raise WireFault("a frame is longer than allowed")
        self.received += body_length + block_length
        if self.received > MAX_TOTAL:
            raise WireFault("more data than one test cell may receive")
        body = self._read(body_length, deadline)
        block = self._read(block_length, deadline)
        return unpack(body), memoryview(block)

    def _read(self, length: int, deadline: float | None) -> bytearray:
        data = bytearray(length)
        view = memoryview(data)
        have = 0
        try:
            while have < length:
                self._wait_until(deadline)
                count = self.connection.recv_into(view[have:])
                if not count:
                    raise PeerGone
                have += count
        except TimeoutError:
            raise Overdue from None
        except OSError:
            raise PeerGone from None
        return data

    def _wait_until(self, deadline: float | None) -> None:
        if deadline is None:
            if self.connection.gettimeout() is not None:  # to set it takes a system call
                self.connection.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)


def unpack(body: bytes | bytearray) -> Any:
    """What `body` holds: None, numbers, strings, bytes and lists of them. Raises WireFault."""
    try:
        return msgpack.unpackb(body, raw=False, max_map_len=0, max_ext_len=0, use_list=True)
    except Exception as error:  # msgpack raises a dozen kinds, some of them bare ValueErrors  # noqa: BLE001
        raise WireFault(f"a frame is not valid msgpack: {type(error).__name__}") from None
