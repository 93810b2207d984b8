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
from autograder.sandbox import machine
from autograder.sandbox.linux import seccomp
from autograder.sandbox.parent import protocol


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


def run_filter(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter answers to a system call: a tiny interpreter of its instructions."""
    known = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    data = dict.fromkeys(range(16, 64, 8), 0) | {0: number, 4: known if arch is None else arch}
    data |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    steps = [struct.unpack("HBBI", step) for step in seccomp.program(machine)]
    at = loaded = 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x20:
            loaded = data[value]
        elif code == 0x54:
            loaded &= value
        elif code == 0x06:
            return value
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value}[code]
            at += yes if holds else no


ALLOW, REFUSE, ABSENT = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


# rule: arguments that it is about, arguments that are let through
ARGUMENTS = {
    "clone": ([(0x10000011,), (0x20000000,), (0x80,)], [(0x3D0F00,), (0x11,)]),
    "socket": ([(family,) for family in (3, 9, 17, 38, 40, 44)], [(1,), (2,), (10,), (16,)]),
    "socket of netlink": ([(16, 3, 4), (16, 3, 9), (16, 3, 12)], [(16, 3, 0), (1, 1, 5)]),
    "socketpair": ([(2,), (16,), (30,)], [(1,)]),
    "setsockopt of a buffer's size": (
        [(5, 1, name) for name in (7, 8, 32, 33)],
        [(5, 6, 7), (5, 1, 2), (5, 1, 9)],
    ),
    "fcntl of a pipe's size": ([(5, 1031, 1 << 20)], [(5, 1032), (5, 4, 2048), (1031, 3)]),
    "mmap of memory without a file, to share": (
        [(0, 9, 3, 0x21), (0, 9, 3, 0x23), (0, 9, 3, 0x8021)],
        [(0, 9, 3, 0x22), (0, 9, 3, 0x01), (0, 9, 3, 0x20022)],
    ),
    **dict.fromkeys(
        ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"),
        ([(1, 5)], [(0, 1), (2, 1)]),
    ),
    "setpriority": ([(0, 1, 9), (1, 1, 9)], [(0, 0, 9), (1, 2, 9)]),
    "setpriority of a user": ([(2, 0, 9), (2, 65534, 9)], [(1, 2, 9)]),
    "ioprio_set": ([(1, 1, 9)], [(1, 0, 9), (1, 2, 9)]),
    "ioprio_set of a user": ([(3, 0, 9)], [(2, 0, 9)]),
}


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_the_filter_refuses_what_it_lists_and_allows_the_rest(machine: str, column: int) -> None:
    denied = {numbers[column] for numbers in seccomp._DENIED.values() if numbers[column] >= 0}
    for number in denied:
        assert run_filter(machine, number, 1) == REFUSE
    ruled = {rule.numbers[column] for rule in seccomp._RULES.values()}
    for number in set(range(480)) - denied - ruled - {seccomp._CLONE3}:
        assert run_filter(machine, number, 1) == ALLOW
    assert run_filter(machine, seccomp._CLONE3) == ABSENT
    assert run_filter(machine, 1, arch=0x40000003) == REFUSE  # 32-bit calls


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
@pytest.mark.parametrize("name", seccomp._RULES)
def test_a_rule_looks_at_the_arguments(machine: str, column: int, name: str) -> None:
    rule = seccomp._RULES[name]
    refused, allowed = ARGUMENTS[name]
    for arguments in refused:
        assert run_filter(machine, rule.numbers[column], *arguments) == rule.action
    for arguments in allowed:
        assert run_filter(machine, rule.numbers[column], *arguments) == ALLOW


def test_the_numbers_of_32_bit_pointers_are_refused() -> None:
    assert run_filter("x86_64", 0x40000000 | 101) == REFUSE


def test_the_doctor_names_each_ability_and_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in sandbox.capabilities():
        assert one.name
        assert bool(one.hint) != one.ok
    settings = {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"}
    monkeypatch.setattr(machine, "_setting", settings.get)
    monkeypatch.setattr(machine, "_probe", lambda: "clone into new namespaces: denied")
    isolation = next(one for one in sandbox.capabilities() if "namespaces" in one.name)
    assert not isolation.ok
    assert "apparmor_restrict_unprivileged_userns=0" in isolation.hint
    assert "--sandbox process" in isolation.hint


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
