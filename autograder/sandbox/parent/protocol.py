"""How the grader and the warm parent speak: length-prefixed JSON over a unix socket, with files."""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

_HEAD = struct.Struct("!I")
MAX_MESSAGE = 64 * 1024 * 1024
MAX_FDS = 16


class Closed(EOFError):
    """The other side has closed the socket."""


def send(sock: socket.socket, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
    """Send one message, and open files along with it.

    Raises ValueError for a message that the other side would refuse.
    """
    body = json.dumps(message).encode()
    if len(body) > MAX_MESSAGE or len(fds) > MAX_FDS:
        raise ValueError(f"A message of {len(body)} bytes with {len(fds)} files is too large.")
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sock.sendmsg([_HEAD.pack(len(body))], rights)  # four bytes are never split
    sock.sendall(body)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and the open files that came with it (close-on-exec).

    Raises Closed at the end of the stream, ValueError for what is no message.
    """
    head, fds = _receive_head(sock)
    try:
        (size,) = _HEAD.unpack(head)
        if size > MAX_MESSAGE:
            raise ValueError(f"A message of {size} bytes is too large.")
        message = json.loads(_exactly(sock, size))
        if not isinstance(message, dict):
            raise ValueError("A message is a JSON object.")
    except BaseException:
        for fd in fds:
            os.close(fd)
        raise
    return message, fds


def _receive_head(sock: socket.socket) -> tuple[bytes, list[int]]:
    room = socket.CMSG_SPACE(MAX_FDS * array.array("i").itemsize)
    head, ancillary, _, _ = sock.recvmsg(_HEAD.size, room)
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    for fd in fds:
        os.set_inheritable(fd, False)
    if not head:
        raise Closed("The other side has closed the socket.")
    if len(head) < _HEAD.size:
        head += _exactly(sock, _HEAD.size - len(head))
    return head, list(fds)


def _exactly(sock: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = sock.recv(min(size, 1 << 20))
        if not part:
            raise Closed("The other side has closed the socket in the middle of a message.")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
