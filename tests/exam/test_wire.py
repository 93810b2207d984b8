"""The wire carries every value there and back, and survives whatever arrives."""

import contextlib
import math
import os
import socket
import threading
import time
from collections.abc import Callable

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.exam.examiner.cell import run_cell
from autograder.exam.examiner.outcome import Outcome
from autograder.exam.wire.codec import SharedReader, SharedWriter
from autograder.exam.wire.frames import HEADER, MAX_BLOCK, MAX_STRUCTURE, Channel, WireFault, unpack
from autograder.exam.wire.object_table import Table

atoms = (
    st.none()
    | st.booleans()
    | st.integers(-(2**300), 2**300)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.complex_numbers()
)
keys = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.tuples(st.integers())
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(keys, max_size=4)
    ),
    max_leaves=20,
)
dtypes = st.sampled_from(["bool", "int8", "uint64", "float16", "float32", "float64", "complex128"])
arrays = dtypes.flatmap(lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, min_side=0)))


def there_and_back(value: object) -> object:
    writer = SharedWriter(Table(first=1, weak=False))
    node = unpack(msgpack.packb(writer.node(value)))
    reader = SharedReader(Table(first=0, weak=False), memoryview(b"".join(writer.block)))
    back = reader.value(node)
    reader.done()
    return back


def same(a: object, b: object) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (
            a == b and math.copysign(1, a) == math.copysign(1, b)
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b or repr(a) == repr(b)


@given(values)
@settings(max_examples=150, deadline=None)
def test_plain_values_there_and_back(value):
    assert same(there_and_back(value), value)


@given(arrays)
@settings(max_examples=100, deadline=None)
def test_arrays_there_and_back(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    if array.dtype.name in ("float32", "float64", "bool", "int8"):
        tensor = torch.from_numpy(array.copy())
        again = there_and_back(tensor)
        assert again.dtype == tensor.dtype
        assert again.numpy().tobytes() == array.tobytes()


@given(st.binary(max_size=300), st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_a_value_or_a_fault(body, block):
    with contextlib.suppress(WireFault):
        SharedReader(Table(first=1, weak=True), memoryview(block)).value(unpack(body))


TAGS = st.sampled_from(
    (
        *("list", "dict", "set", "shared", "known", "array", "tensor", "scalar", "named", "range"),
        *(
            "handle",
            "slot",
            "slice",
            "size",
            "dtype",
            "text-array",
            "float64",
            "int",
            "rng",
            "modes",
        ),
    )
)
nodes = st.recursive(
    TAGS | st.integers(-3, 2**40) | st.none() | st.booleans() | st.floats() | st.binary(max_size=9),
    lambda inner: st.builds(lambda tag, rest: [tag, *rest], TAGS, st.lists(inner, max_size=5)),
    max_leaves=25,
)


@given(nodes, st.binary(max_size=64))
@settings(max_examples=200, deadline=None)
def test_well_formed_nonsense_is_a_value_or_a_fault(node, block):
    with contextlib.suppress(WireFault):
        SharedReader(Table(first=1, weak=True), memoryview(block)).value(node)


# hostile peers: what stands here speaks to an examiner in place of an agent


def examine(
    peer: Callable[[socket.socket], None], test: str, seconds: float = 3.0
) -> tuple[Outcome, float]:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=quietly, args=(opened(peer), theirs), daemon=True)
    thread.start()
    started = time.monotonic()
    outcome = run_cell(test, ours, seconds)
    spent = time.monotonic() - started
    theirs.close()
    thread.join(5)
    return outcome, spent


def quietly(peer: Callable[[socket.socket], None], sock: socket.socket) -> None:
    try:
        peer(sock)
    except Exception:  # noqa: BLE001
        sock.close()


def opened(peer: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """A peer that answers the first question of each cell, which is for the default dtype."""

    def opens(sock: socket.socket) -> None:
        channel = Channel(sock)
        channel.receive(time.monotonic() + 5)
        channel.send(value("float32"))
        peer(sock)

    return opens


def answering(*replies: object, block: bytes = b"") -> Callable[[socket.socket], None]:
    """A peer that gives these replies, one to each question."""

    def peer(sock: socket.socket) -> None:
        channel = Channel(sock)
        for reply in replies:
            channel.receive(time.monotonic() + 5)
            body = reply if isinstance(reply, bytes) else msgpack.packb(reply)
            sock.sendall(HEADER.pack(len(body), len(block)) + body + block)
        sock.recv(1)  # until the examiner hangs up

    return peer


def value(node: object) -> list[object]:
    return ["value", [], node, []]


def deep(levels: int) -> object:
    node: object = 1
    for _ in range(levels):
        node = ["list", node]
    return node


HANDLE = ["list", "Foo", ["list"], ["list"], ["list"]]
MALFORMED = {
    "no message": [7],
    "unknown verb": ["explode", [], None, []],
    "empty": [],
    "a map": {"value": 1},
    "an extension": msgpack.ExtType(5, b"abc"),
    "not msgpack": b"\xc1\xc1\xc1",
    "too few parts": ["value", []],
    "unknown tag": value(["pickle", b"cos\nsystem\n(S'true'\ntR."]),
    "negative shape": value(["tuple", ["shared", 0, ["array", "float64", [-1], True]]]),
    "huge shape": value(["tuple", ["shared", 0, ["array", "float64", [2**62, 2**62], True]]]),
    "huge empty shape": value(
        ["tuple", ["shared", 0, ["array", "float64", [2**26, 2**26, 0], True]]]
    ),
    "shape beyond the contents": value(["tuple", ["shared", 0, ["array", "float64", [9], True]]]),
    "object dtype": value(["tuple", ["shared", 0, ["array", "object", [1], True]]]),
    "void dtype": value(["tuple", ["shared", 0, ["array", "V8", [1], True]]]),
    "float shape": value(["tuple", ["shared", 0, ["array", "float64", [1.0], True]]]),
    "examiner's own number": value(["tuple", ["shared", 1, ["array", "float64", [1], True]]]),
    "integer that requires grad": value(
        ["tuple", ["shared", 0, ["tensor", "int64", [1], 1, False]]]
    ),
    "unknown role": value(["tuple", ["shared", 0, ["tensor", "float64", [1], 99, False]]]),
    "bool of 255": value(["tuple", ["shared", 0, ["array", "bool", [8], True]]]),
    "unknown object": value(["tuple", ["known", 4]]),
    "slot of nobody": value(["tuple", ["slot", 0]]),
    "news of nothing": ["value", [[0, ["array", "float64", [1], True]]], ["tuple"], []],
    "news of a slot": ["value", [], ["tuple"], [[0, ["list"]]]],
    "number twice": value(["tuple", ["handle", 0, HANDLE], ["handle", 0, HANDLE]]),
    "two values for a name": value(["tuple", 1, 2]),
    "no tuple for a name": value(3),
    "deep": value(deep(100)),
    "very deep": value(deep(400)),
    "endless range": value(["tuple", ["range", 0, 2**62, 1]]),
    "unhashable key": value(["tuple", ["dict", ["list"], 1]]),
    "half a dict": value(["tuple", ["dict", 1]]),
    "huge integer": value(["tuple", ["int", "0x" + "f" * 3000]]),
    "code as a field": value(["tuple", ["named", "P", ["x=__import__('os')"], 1]]),
    "callback of nobody": ["callback", [], 1, ["tuple"], ["dict"]],
    "callback with odd names": ["callback", [], 1, ["tuple"], ["dict", 1, 1]],
    "names that are none": ["rebound", [], [7]],
    "names in no list": ["rebound", [], "answer"],
    "malformed error": ["error", [], ["list", 1], []],
    "lying traits": value(["tuple", ["handle", 0, ["list", "x", 5, 5, 5]]]),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_a_verdict(name):
    block = b"\xff" * 8 if name in ("bool of 255", "object dtype", "void dtype") else b""
    outcome, spent = examine(answering(MALFORMED[name], block=block), "answer(3)")
    assert outcome.error is not None
    assert outcome.result is None
    assert not outcome.broken
    assert outcome.kernel == "gone"
    assert outcome.remarks
    assert spent < 2


def test_frames_of_impossible_length_are_not_read():
    for lengths in ((MAX_STRUCTURE + 1, 0), (1, MAX_BLOCK + 1), (2**32 - 1, 2**32 - 1)):

        def peer(sock, lengths=lengths):
            Channel(sock).receive()
            sock.sendall(HEADER.pack(*lengths))
            sock.recv(1)

        outcome, spent = examine(peer, "answer")
        assert outcome.kernel == "gone"
        assert spent < 1


def test_a_slow_drip_hits_the_deadline():
    def peer(sock):
        Channel(sock).receive()
        sock.sendall(HEADER.pack(1000, 0))
        while True:
            sock.sendall(b"\x90")
            time.sleep(0.05)

    outcome, spent = examine(peer, "answer", seconds=1.0)
    assert outcome.kernel == "stuck"
    assert "[too-slow]" in outcome.error.evalue
    assert 0.9 < spent < 2


def test_silence_and_hanging_up():
    outcome, spent = examine(
        lambda sock: sock.recv(1 << 20) and sock.recv(1), "answer", seconds=0.5
    )
    assert outcome.student_stuck
    assert spent < 1.5
    outcome, _ = examine(lambda sock: sock.close(), "answer")
    assert outcome.kernel == "gone"
    assert not outcome.broken


def test_answers_that_nobody_asked_for():
    def peer(sock):
        body = msgpack.packb(value(["tuple", 3.0]))
        for _ in range(100):
            sock.sendall(HEADER.pack(len(body), 0) + body)
        while sock.recv(1 << 16):
            pass

    outcome, _ = examine(peer, "assert a == 3.0 and b == 3.0\n1")
    assert outcome.result == 1  # it may well know the answer beforehand


def test_a_storm_of_callbacks_hits_the_deadline():
    def peer(sock):
        channel = Channel(sock)
        channel.receive()
        channel.send(
            value(["tuple", ["handle", 0, ["list", "f", ["list", "__call__"], ["list"], ["list"]]]])
        )
        channel.receive()
        while True:
            channel.send(["callback", [], 1, ["tuple"], ["dict"]])
            channel.receive()

    outcome, spent = examine(peer, "f(lambda: 1)", seconds=1.0)
    assert outcome.kernel == "stuck"
    assert spent < 2.5


def test_memory_stays_bounded(monkeypatch):
    """A million empty lists; and large arrays again and again."""
    empties = b"\xdd" + (1_000_000).to_bytes(4, "big") + b"\x90" * 1_000_000
    outcome, _ = examine(answering(empties), "answer", seconds=10)
    assert outcome.kernel == "gone"
    monkeypatch.setattr("autograder.exam.wire.object_table.MAX_HELD", 40 << 20)
    size = 8 << 20
    replies = [
        value(["tuple", ["shared", 2 * i, ["array", "uint8", [size], True]]]) for i in range(9)
    ]
    outcome, _ = examine(
        answering(*replies, block=bytes(size)), "kept = [answer for _ in range(9)]", seconds=20
    )
    assert outcome.kernel == "gone"
    outcome, _ = examine(
        answering(*replies[:4], block=bytes(size)), "kept = [answer for _ in range(4)]", seconds=20
    )
    assert outcome.error is None


def test_colliding_keys_take_bounded_time():
    prime = (1 << 61) - 1
    node = ["tuple", ["set", *(["int", hex((1 << 64) * prime + i * prime)] for i in range(50_000))]]
    outcome, spent = examine(answering(value(node)), "answer", seconds=5)
    assert outcome.kernel == "gone"
    assert spent < 3


@pytest.mark.parametrize("seed", range(6))
def test_mutated_conversations_end_in_a_verdict(seed):
    """An honest agent's bytes, some of them changed: no crash, no hang, no points."""
    from autograder.exam.student.agent import Agent

    rng = np.random.default_rng(seed)
    test = "from lessonkit import check\nfor _ in range(50):\n    x = f([1.0], key=g)\n-1"

    def peer(sock):
        inner, outer = socket.socketpair()
        names = {
            "f": lambda a, key: (np.zeros(3), torch.ones(2), key, a, {"k": (1, {2})}),
            "g": print,
        }
        agent = Agent(Channel(inner), names)
        threading.Thread(target=quietly, args=(lambda _: agent.serve(), inner), daemon=True).start()
        try:
            while True:
                question = Channel(sock)._read(HEADER.size, None)
                length = sum(HEADER.unpack(question))
                outer.sendall(question + Channel(sock)._read(length, None))
                head = Channel(outer)._read(HEADER.size, None)
                body = Channel(outer)._read(sum(HEADER.unpack(head)), None)
                if rng.random() < 0.1 and body:
                    for _ in range(rng.integers(1, 4)):
                        body[rng.integers(len(body))] = rng.integers(256)
                sock.sendall(bytes(head) + bytes(body))
        finally:
            outer.close()

    outcome, spent = examine(peer, test, seconds=3.0)
    assert outcome.result in (None, -1)
    assert spent < 5
    assert not outcome.examiner_failed


def test_nothing_is_left_open():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        examine(answering(MALFORMED["deep"]), "answer")
    assert len(os.listdir("/proc/self/fd")) <= before
