"""The parts that need no kernel: messages, the system call filter, what doctor says."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.sandbox import doctor, protocol, seccomp


def test_messages_and_files_arrive_together() -> None:
    ours, theirs = socket.socketpair()
    heard, said = os.pipe()
    with ours, theirs:
        protocol.send(ours, {"text": "é" * 10_000, "none": None}, [said])
        protocol.send(ours, {"second": 2})
        message, fds = protocol.receive(theirs)
        assert message == {"text": "é" * 10_000, "none": None}
        os.write(fds[0], b"through")
        assert os.read(heard, 9) == b"through"
        assert not os.get_inheritable(fds[0])
        assert protocol.receive(theirs) == ({"second": 2}, [])
        ours.close()
        with pytest.raises(protocol.Closed):
            protocol.receive(theirs)
    for fd in (heard, said, *fds):
        os.close(fd)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (struct.pack("!I", 1 << 31), ValueError),
        (struct.pack("!I", 2) + b"[]", ValueError),
        (struct.pack("!I", 2) + b"{x", ValueError),
        (struct.pack("!I", 9) + b"{}", protocol.Closed),
        (b"\0", protocol.Closed),
    ],
)
def test_what_is_no_message_is_refused(raw: bytes, error: type[Exception]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(raw)
        ours.close()
        with pytest.raises(error):
            protocol.receive(theirs)


def run_filter(machine: str, number: int, first: int = 0, arch: int | None = None) -> int:
    """What the filter answers to a system call: a tiny interpreter of its instructions."""
    known = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    data = {0: number, 4: known if arch is None else arch, 16: first}
    steps = [struct.unpack("HBBI", step) for step in seccomp.program(machine)]
    at = loaded = 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x20:
            loaded = data[value]
        elif code == 0x06:
            return value
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            at += yes if holds else no


ALLOW, REFUSE, ABSENT = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_the_filter_refuses_what_it_lists_and_allows_the_rest(machine: str, column: int) -> None:
    for numbers in seccomp._DENIED.values():
        assert run_filter(machine, numbers[column]) == REFUSE
    denied = {numbers[column] for numbers in seccomp._DENIED.values()}
    for number in set(range(430)) - denied:
        assert run_filter(machine, number, first=1) == ALLOW
    assert run_filter(machine, seccomp._CLONE3) == ABSENT
    clone, sock = seccomp._CLONE[column], seccomp._SOCKET[column]
    assert run_filter(machine, clone, first=0x3D0F00) == ALLOW  # a thread
    assert run_filter(machine, clone, first=0x10000011) == REFUSE  # a user namespace
    assert {family for family in range(50) if run_filter(machine, sock, first=family) == ALLOW} == {
        1,
        2,
        10,
        16,
    }
    assert run_filter(machine, 1, arch=0x40000003) == REFUSE  # 32-bit calls


def test_the_numbers_of_32_bit_pointers_are_refused() -> None:
    assert run_filter("x86_64", 0x40000000 | 101) == REFUSE


def test_the_doctor_names_each_ability_and_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in sandbox.capabilities():
        assert one.name
        assert bool(one.mend) != one.ok
    settings = {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"}
    monkeypatch.setattr(doctor, "_setting", settings.get)
    monkeypatch.setattr(doctor, "_probe", lambda: "clone into new namespaces: denied")
    isolation = next(one for one in sandbox.capabilities() if "namespaces" in one.name)
    assert not isolation.ok
    assert "apparmor_restrict_unprivileged_userns=0" in isolation.mend
    assert "--sandbox process" in isolation.mend


def test_the_package_offers_what_it_says() -> None:
    for name in sandbox.__all__:
        assert getattr(sandbox, name)
    with pytest.raises(AttributeError):
        _ = sandbox.no_such_thing


def test_what_is_refused_once_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a machine that is busy; a class's run is not given up for it."""
    flaky = tmp_path / "python"
    flaky.write_text(f'#!/bin/sh\nmkdir {tmp_path}/asked && exit 1\nexec {sys.executable} "$@"\n')
    flaky.chmod(0o755)
    before = [one.ok for one in sandbox.capabilities()]
    monkeypatch.setattr(sys, "executable", str(flaky))
    assert [one.ok for one in sandbox.capabilities()] == before
    assert (tmp_path / "asked").is_dir()
