"""The few Linux system calls that Python does not offer, through ctypes: thin, checked, named."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

MACHINE = platform.machine()
LINUX = sys.platform.startswith("linux")

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME = 1, 4, 15
PR_SET_SECCOMP, PR_CAPBSET_DROP = 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47

_AT_RECURSIVE = 0x8000
_MOUNT_SETATTR = 442  # the same number on every architecture
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(MACHINE, -1)
_CLONE = {"x86_64": 56, "aarch64": 220}.get(MACHINE, -1)
_CAPSET = {"x86_64": 126, "aarch64": 91}.get(MACHINE, -1)

# PyDLL keeps the interpreter's lock: these calls are short, and clone must not let go of it.
_libc = ctypes.PyDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, data: str = ""
) -> None:
    """mount(2). Raises OSError naming the target."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() if data else None,
    )
    _check(result, f"mount {kind or 'bind'} on {target}")


def umount(target: str) -> None:
    """Detach what is mounted on `target`."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def set_mount_flags(target: str, flags: int) -> None:
    """Add `flags` (MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC) to a mount and all below it.

    mount_setattr(2), Linux 5.12; its attributes for these four have the same values.
    """
    attr = _MountAttr(set=flags)
    result = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(-100),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(attr),
        ctypes.c_size_t(ctypes.sizeof(attr)),
    )
    _check(result, f"set flags of the mount {target}")


def pivot_root(new_root: str) -> None:
    """Make the mount `new_root` the root folder, and detach the old one."""
    os.chdir(new_root)
    _check(_libc.syscall(ctypes.c_long(_PIVOT_ROOT), b".", b"."), "pivot_root")
    umount(".")
    os.chdir("/")


def clone(flags: int) -> int:
    """fork(2) into the new namespaces that `flags` name, in one step; returns as fork does.

    Only for processes with a single thread: the C library's fork handlers are passed by.
    """
    ctypes.pythonapi.PyOS_BeforeFork()
    zero = ctypes.c_ulong(0)
    pid = _libc.syscall(
        ctypes.c_long(_CLONE), ctypes.c_ulong(flags | signal.SIGCHLD), zero, zero, zero, zero
    )
    number = ctypes.get_errno()
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(number, f"clone into new namespaces: {os.strerror(number)}")
    return pid


def prctl(option: int, *values: int) -> None:
    """prctl(2) with integer arguments."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(ctypes.c_int(option), *padded), f"prctl {option}")


def prctl_pointer(option: int, mode: int, pointer: ctypes.Structure) -> None:
    """prctl(2) whose third argument is a structure."""
    result = _libc.prctl(
        ctypes.c_int(option), ctypes.c_ulong(mode), ctypes.byref(pointer), ctypes.c_ulong(0)
    )
    _check(result, f"prctl {option}")


def sethostname(name: str) -> None:
    raw = name.encode()
    _check(_libc.sethostname(raw, ctypes.c_size_t(len(raw))), "sethostname")


def bar_capabilities() -> None:
    """Empty the bounding and ambient sets: nothing that is executed can gain a capability."""
    prctl(PR_CAP_AMBIENT, 4)  # PR_CAP_AMBIENT_CLEAR_ALL
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:
            break  # past the last capability, or no right to drop any: then there are none


def drop_capabilities() -> None:
    """Give up every capability of this thread, for good, and the ways to gain one."""
    bar_capabilities()
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    none = (ctypes.c_uint32 * 6)()
    _check(_libc.syscall(ctypes.c_long(_CAPSET), header, none), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Ask the system to send `signum` to this process when its parent dies."""
    prctl(PR_SET_PDEATHSIG, signum)
