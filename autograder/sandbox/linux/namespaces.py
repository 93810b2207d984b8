"""Two flights of stairs down: the warm parent leaves the system's namespaces, and each child the
parent's.

The parent gets its own user, mount, pid, net, ipc and uts namespaces and a new root folder; it is
process 1 in there, so that its death ends every child. It keeps no capability. Each child gets a
fresh set of all six, with its own scratch folder and /proc, and is user 65534 in its own.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.sandbox.linux import mounts, syscalls

NOBODY = 65534
OLDEST = (5, 14)  # mounts made read-only with all below; processes counted for each user namespace
_SPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
)
_ALL = _SPACES | syscalls.CLONE_NEWUSER
_FOREIGN = 1_900_000_000  # user ids that no account has


@dataclass(frozen=True)
class Identity:
    """Who the parent becomes. As root it takes a user id that nothing else on the machine has."""

    uid: int
    gid: int
    as_root: bool


def choose() -> Identity:
    """The identity for a parent started by this process."""
    if os.geteuid() == 0:
        foreign = _FOREIGN + os.getpid()
        for number in (foreign, NOBODY):
            if _mapped("uid", number) and _mapped("gid", number):
                return Identity(number, number, as_root=True)
    return Identity(os.geteuid(), os.getegid(), as_root=False)


def _mapped(kind: str, number: int) -> bool:
    """Whether the current user namespace knows the user or group id."""
    with open(f"/proc/self/{kind}_map", encoding="ascii") as lines:
        spans = [tuple(map(int, line.split())) for line in lines]
    return any(inside <= number < inside + count for inside, _, count in spans)


def clone_parent(identity: Identity) -> int:
    """Fork into the parent's namespaces; returns as fork does. Raises OSError where denied."""
    if tuple(map(int, os.uname().release.split("-")[0].split(".")[:2])) < OLDEST:
        raise OSError(errno.ENOSYS, "Linux 5.14 or newer is needed")
    if identity.as_root:
        return syscalls.clone(_SPACES)
    pid = syscalls.clone(_ALL)
    if pid == 0:
        _map_user(identity.uid, identity.gid)
    return pid


def settle_parent(identity: Identity, plan: mounts.MountPlan, root: str, run_root: str) -> None:
    """In the parent, after its imports: take the new root folder, give up all rights."""
    mounts.build(plan, root, run_root)
    syscalls.sethostname("sandbox")
    if identity.as_root:
        syscalls.bar_capabilities()
        os.setgroups([])
        os.setresgid(identity.gid, identity.gid, identity.gid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # else it could not map its children's users
    syscalls.drop_capabilities()


def clone_child() -> int:
    """Fork into a child's namespaces; returns as fork does."""
    uid, gid = os.getuid(), os.getgid()
    pid = syscalls.clone(_ALL)
    if pid == 0:
        _map_user(uid, gid)
    return pid


def settle_child(scratch: int, run_root: str, run_dir: str, keep: Sequence[str]) -> None:
    """In a child's process 1: its own mounts and name. Capabilities are kept until it is sealed."""
    syscalls.sethostname("sandbox")
    mounts.furnish(scratch, run_root, run_dir, keep)


def _map_user(uid: int, gid: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
