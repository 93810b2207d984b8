"""The system's own bound on a submission's memory: where it is there, it holds and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_helpers import Runner, below, eventually

from autograder import sandbox
from autograder.model import Limits
from autograder.sandbox.linux import cgroups
from autograder.sandbox.linux.cgroups import Home, delegate, places

Fresh = Callable[..., Runner]


@pytest.fixture
def home() -> Home:
    found = cgroups.home()
    if found is None:
        pytest.skip("no control group can be had here")
    return found


def groups(home: Home) -> set[str]:
    return {folder.name for folder in home.folder.glob(f"{cgroups.PREFIX}*")}


ENTER = "import os, sys; os.write(int(sys.argv[1]), b'0'); "


def test_the_system_ends_what_goes_beyond_and_that_is_known(home: Home) -> None:
    group = home.make(64)
    door = group.door()
    command = [sys.executable, "-c", ENTER + "x = bytearray(b'x') * (200 << 20)", str(door)]
    try:
        assert not group.killed()
        ended = subprocess.run(command, pass_fds=[door], timeout=60, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert group.killed()
    finally:
        group.remove()
    assert not group.folder.exists()


def test_sockets_are_counted_by_the_system(home: Home) -> None:
    """What no limit of a process sees."""
    group = home.make(64)
    door = group.door()
    fill = (
        "import socket\nkept = []\nwhile True:\n    a, b = socket.socketpair(); kept += [a, b]\n"
        "    for one in (a, b):\n        one.setblocking(False)\n"
        "        try:\n            while True: one.send(bytes(65536))\n"
        "        except BlockingIOError: pass\n"
    )
    command = [sys.executable, "-c", f"{ENTER}\n{fill}", str(door)]
    try:
        ended = subprocess.run(
            command, pass_fds=[door], timeout=60, check=False, stderr=subprocess.PIPE
        )
        assert b"Too many open files" not in ended.stderr
        assert ended.returncode != 0
    finally:
        group.remove()


def test_a_kernel_and_all_that_it_starts_are_in_a_group_of_its_own(
    home: Home, fresh: Fresh
) -> None:
    before = groups(home)
    run = fresh(memory=256)
    (name,) = groups(home) - before
    run("import subprocess; other = subprocess.Popen(['sleep', '60'])")
    pids = below(run.kernel.process.pid)
    inside = (home.folder / name / "cgroup.procs").read_text().split()
    assert pids == set(map(int, inside))
    assert len(pids) == 3
    run.kernel.close()
    assert groups(home) == before


def test_a_group_outlives_no_kernel_however_it_ends(home: Home, fresh: Fresh) -> None:
    before = groups(home)
    for code in ("import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)"):
        fresh().until_dead(code)
    assert groups(home) == before


def test_what_a_killed_grader_has_left_is_removed_by_the_next(home: Home) -> None:
    leave = (
        "import os, signal\nfrom autograder.sandbox.linux import cgroups\n"
        "group = cgroups.home().make(64); print(group.folder.name, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    left = subprocess.run(
        [sys.executable, "-c", leave], capture_output=True, text=True, check=False
    )
    name = left.stdout.strip()
    assert name in groups(home)
    living = home.make(64)
    home.sweep()
    assert name not in groups(home)
    assert living.folder.name in groups(home)
    living.remove()


def test_without_a_group_everything_goes_on(
    parent: sandbox.WarmParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None can be had; or it cannot be made; or it is gone when the kernel would enter it."""
    gone = Home(Path("/sys/fs/cgroup/no/such/folder"), 1)
    for found in (None, gone):
        monkeypatch.setattr(cgroups, "home", lambda found=found: found)
        with sandbox.kernel(parent=parent, limits=Limits(memory=256)) as kernel:
            assert Runner(kernel)("1 + 1") == "2"


def test_a_group_that_vanishes_fails_nothing(
    home: Home, parent: sandbox.WarmParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = cgroups.Group.door

    def vanishing(self: cgroups.Group) -> int:
        opened = door(self)
        self.remove()
        return opened

    monkeypatch.setattr(cgroups.Group, "door", vanishing)
    assert home
    with sandbox.kernel(parent=parent) as kernel:
        assert Runner(kernel)("1 + 1") == "2"
    assert eventually(lambda: kernel.process.poll())  # noqa: PLW0108


V1 = "30 24 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory"
CPU = "31 24 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu"
V2 = "32 24 0:29 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw"
INSIDE = "33 24 0:29 /box/7 /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw"


@pytest.mark.parametrize(
    ("memberships", "mounts", "expected"),
    [
        ("4:memory:/a/b\n0::/", f"{CPU}\n{V1}", [("/sys/fs/cgroup/memory/a/b", 1)]),
        ("9:cpu,memory:/\n", V1, [("/sys/fs/cgroup/memory", 1)]),
        ("0::/user.slice/run-7.scope", V2, [("/sys/fs/cgroup/user.slice/run-7.scope", 2)]),
        ("0::/box/7/x", INSIDE, [("/sys/fs/cgroup/x", 2)]),
        ("0::/box/7", INSIDE, [("/sys/fs/cgroup", 2)]),
        ("0::/a/autograder-itself", V2, [("/sys/fs/cgroup/a", 2)]),
        ("4:cpu:/a", f"{CPU}\n{V1}", []),
        ("", "", []),
    ],
)
def test_where_groups_can_be_made_is_read_from_the_system(
    memberships: str, mounts: str, expected: list[tuple[str, int]]
) -> None:
    found = places(memberships, mounts)
    assert [(str(one.folder), one.version) for one in found] == expected


def files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"cgroup.{name}").write_text(text)


def test_in_version_2_the_graders_own_processes_move_to_a_leaf_and_nobody_elses(
    tmp_path: Path,
) -> None:
    """On files that look like a group of version 2, which this machine need not have."""
    files(tmp_path, controllers="cpu memory pids", subtree_control="", procs="1\n")
    with pytest.raises(OSError, match="processes of others"):
        delegate(tmp_path)
    files(tmp_path, procs=f"{os.getpid()}\n")
    (tmp_path / cgroups.LEAF).mkdir()
    delegate(tmp_path)
    assert (tmp_path / cgroups.LEAF / "cgroup.procs").read_text() == str(os.getpid())
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory"
    files(tmp_path, controllers="cpu", subtree_control="")
    with pytest.raises(OSError, match="cannot count memory"):
        delegate(tmp_path)


def test_the_doctor_says_whether_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (there,) = sandbox.comforts()
    assert there.ok == (cgroups.home() is not None)
    monkeypatch.setattr(cgroups, "home", lambda: None)
    (lacking,) = sandbox.comforts()
    assert not lacking.ok
    assert "systemd-run --user --scope" in lacking.hint
