"""The line to a kernel's socket, against libzmq's own sockets, and against bytes that are none of theirs."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.engines.kernel.zmtp import (
    CHUNK,
    GREETING,
    MAX_FRAMES,
    Arrived,
    Damaged,
    Lost,
    Socket,
)

LARGEST = 1 << 20


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


def wait(line: Socket, seconds: float = 5.0) -> Arrived:
    """The next message."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        arrived = line.take()
        if arrived is not None:
            return arrived
        assert not line.closed
        select.select([line], [], [], 0.1)
        line.fill()
    raise AssertionError("nothing has arrived")


FRAMES = st.lists(
    st.sampled_from([0, 1, 254, 255, 256, 257, 5000, CHUNK - 9, CHUNK, LARGEST, LARGEST + 1]),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sizes=FRAMES)
def test_what_libzmq_sends_arrives_and_of_too_much_nothing_is_kept(
    context: zmq.Context[zmq.Socket[bytes]], tmp_path: Path, sizes: list[int]
) -> None:
    path = f"{tmp_path}/{time.monotonic_ns()}"
    with context.socket(zmq.ROUTER) as router:
        router.bind(f"ipc://{path}")
        line = Socket(path, "DEALER", LARGEST, 5)
        line.send([b"hello", b"x" * 300])
        identity, *heard = router.recv_multipart()
        assert heard == [b"hello", b"x" * 300]
        router.send_multipart([identity, *(bytes([n]) * size for n, size in enumerate(sizes))])
        router.send_multipart([identity, b"the next"])
        arrived = wait(line)
        kept = 0
        for number, size in enumerate(sizes):
            fits = kept + size <= LARGEST
            kept += size if fits else 0
            assert arrived.frames[number] == (bytes([number]) * size if fits else b"")
        assert arrived.whole == (sum(sizes) <= LARGEST)
        assert sum(sizes) <= arrived.size <= sum(sizes) + 9 * len(sizes)
        assert wait(line).frames == (b"the next",)
        line.close()


def test_more_frames_than_any_message_has_are_counted_and_not_kept(
    context: zmq.Context[zmq.Socket[bytes]], tmp_path: Path
) -> None:
    with context.socket(zmq.XPUB) as pub:
        pub.bind(f"ipc://{tmp_path}/s")
        line = Socket(f"{tmp_path}/s", "SUB", LARGEST, 5)
        assert pub.recv() == b"\x01"
        pub.send_multipart([b"x"] * 5000)
        pub.send_multipart([b"after"])
        arrived = wait(line)
        assert len(arrived.frames) == MAX_FRAMES
        assert not arrived.whole
        assert wait(line).frames == (b"after",)
        pub.close(linger=0)
        time.sleep(0.2)
        line.fill()
        assert line.take() is None
        assert line.closed
        line.close()


READY = b"\x04\x06\x05READY"


def peer(path: str, says: bytes) -> threading.Thread:
    """Somebody who listens at `path`, says this and hangs up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def speak() -> None:
        with listener, listener.accept()[0] as other:
            other.sendall(says)
            other.settimeout(1)
            try:
                while other.recv(4096):
                    pass
            except OSError:
                pass

    thread = threading.Thread(target=speak)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (b"", Lost),
        (GREETING[:40], Lost),
        (b"HTTP/1.1 400 Bad Request\r\n" + bytes(80), Damaged),
        (GREETING.replace(b"\x03", b"\x01"), Damaged),
        (GREETING.replace(b"NULL", b"PLAI"), Damaged),
        (GREETING + b"\x00\x05hello", Damaged),
        (GREETING + READY[:4], Lost),
    ],
)
def test_who_does_not_greet_is_no_kernel(
    tmp_path: Path, says: bytes, error: type[Exception]
) -> None:
    thread = peer(f"{tmp_path}/s", says)
    with pytest.raises(error):
        Socket(f"{tmp_path}/s", "DEALER", LARGEST, 0.5)
    thread.join()


@pytest.mark.parametrize(
    "says", [b"\xff\xff", b"\x08\x01x", b"\x05\x01x", b"\x06" + struct.pack("!Q", 1 << 40)]
)
def test_bytes_that_are_no_frame_are_damage(tmp_path: Path, says: bytes) -> None:
    thread = peer(f"{tmp_path}/s", GREETING + READY + b"\x00\x02ok" + says)
    line = Socket(f"{tmp_path}/s", "DEALER", LARGEST, 2)
    assert wait(line).frames == (b"ok",)
    with pytest.raises(Damaged):
        wait(line)
    line.close()
    thread.join()


def test_nobody_there_is_said_in_time(tmp_path: Path) -> None:
    with pytest.raises(Lost, match="nobody listens"):
        Socket(f"{tmp_path}/s", "SUB", LARGEST, 0.2)
