"""A seccomp filter: system calls that no notebook needs and that attacks on kernels do, or that hold
memory which nothing else counts (docs/sandbox.md).

Everything else is allowed. It is the second fence; the first are the namespaces.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from dataclasses import dataclass

from autograder.sandbox.linux import syscalls

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_REFUSE = _ERRNO | errno.EPERM
_ABSENT = _ERRNO | errno.ENOSYS
_PASS_OVER = _ERRNO  # says that it was done, and does nothing

# name: (x86_64, aarch64); -1 where an architecture has none
_DENIED = {
    # other processes' memory and files
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # namespaces, mounts, the whole machine
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "syslog": (103, 116),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    # large, young or old parts of the kernel that much has been found in
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, -1),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "remap_file_pages": (216, 234),
    # memory that no limit of the process counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "vmsplice": (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    "inotify_init": (253, -1),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "io_setup": (206, 0),  # its rings are few, and the whole machine's
}


@dataclass(frozen=True)
class _Test:
    """Whether a call's argument is one of `values`, or none of them. Of `mask` those bits count."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    none_of: bool = False


@dataclass(frozen=True)
class _Rule:
    """What becomes of a call (its number on x86_64, aarch64) whose arguments pass all tests."""

    numbers: tuple[int, int]
    tests: tuple[_Test, ...]
    action: int = _REFUSE


_SUPERVISOR = 1  # its pid in here
_NETLINK = 16
# Other families (vsock, packet, …) are not confined by a network namespace, or old and rarely read.
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, _NETLINK)
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag
_CLONE3 = 435
_RULES = {
    "clone": _Rule((56, 220), (_Test(0, (0,), _NEW_NAMESPACES, none_of=True),)),
    "socket": _Rule((41, 198), (_Test(0, _FAMILIES, none_of=True),)),
    "socket of netlink": _Rule(  # but for a list of this machine's addresses
        (41, 198), (_Test(0, (_NETLINK,)), _Test(2, (0,), none_of=True))
    ),
    "socketpair": _Rule((53, 199), (_Test(0, (socket.AF_UNIX,), none_of=True),)),
    "setsockopt of a buffer's size": _Rule(  # SO_SNDBUF, SO_RCVBUF, and their FORCE
        (54, 208), (_Test(1, (1,)), _Test(2, (7, 8, 32, 33))), _PASS_OVER
    ),
    "fcntl of a pipe's size": _Rule((72, 25), (_Test(1, (1031,)),)),
    # shared and anonymous: pages that stay when no process has them mapped any more
    "mmap of memory without a file, to share": _Rule((9, 222), (_Test(3, (0x21,), 0x21),)),
    # the supervisor has our user id: its limits and its share of the processors are not ours to set
    "prlimit64": _Rule((302, 261), (_Test(0, (_SUPERVISOR,)),)),
    "sched_setaffinity": _Rule((203, 122), (_Test(0, (_SUPERVISOR,)),)),
    "sched_setscheduler": _Rule((144, 119), (_Test(0, (_SUPERVISOR,)),)),
    "sched_setparam": _Rule((142, 118), (_Test(0, (_SUPERVISOR,)),)),
    "sched_setattr": _Rule((314, 274), (_Test(0, (_SUPERVISOR,)),)),
    "setpriority": _Rule((141, 140), (_Test(1, (_SUPERVISOR,)),)),
    "setpriority of a user": _Rule((141, 140), (_Test(0, (2,)),)),
    "ioprio_set": _Rule((251, 30), (_Test(1, (_SUPERVISOR,)),)),
    "ioprio_set of a user": _Rule((251, 30), (_Test(0, (3,)),)),
}

_LOAD, _EQUAL, _ABOVE, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCH, _FIRST = 0, 4, 16  # offsets into struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def available() -> bool:
    """Whether this module knows the machine's system call numbers."""
    return syscalls.MACHINE in _AUDIT_ARCH


def program(machine: str) -> list[bytes]:
    """The filter for an architecture, as instructions of 8 bytes each."""
    column = 0 if machine == "x86_64" else 1
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _step(_RETURN, _REFUSE),  # another architecture's numbers would pass by the list
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":  # x32: the same calls under other numbers
        steps += [_step(_ABOVE, 0x40000000, 0, 1), _step(_RETURN, _REFUSE)]
    for numbers in _DENIED.values():
        if numbers[column] >= 0:
            steps += [_step(_EQUAL, numbers[column], 0, 1), _step(_RETURN, _REFUSE)]
    # clone3 keeps its flags in memory, out of a filter's sight; the C library then takes clone
    steps += [_step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _ABSENT)]
    for rule in _RULES.values():
        body = [*_judged(rule), _step(_LOAD, _NUMBER)]
        steps += [_step(_EQUAL, rule.numbers[column], 0, len(body)), *body]
    steps.append(_step(_RETURN, _ALLOW))
    return steps


def _judged(rule: _Rule) -> list[bytes]:
    """Return the rule's action if all its tests pass, else go on behind. Loses the call's number."""
    body = [_step(_RETURN, rule.action)]
    for test in reversed(rule.tests):
        steps = [_step(_LOAD, _FIRST + 8 * test.argument), _step(_AND, test.mask)]
        for left, value in zip(range(len(test.values) - 1, -1, -1), test.values, strict=True):
            last = 0 if left else len(body)
            if test.none_of:
                steps.append(_step(_EQUAL, int(value), left + len(body), 0))
            else:
                steps.append(_step(_EQUAL, int(value), left, last))
        body = steps + body
    return body


def install() -> None:
    """Put the filter on this process and all that it will start. Needs no_new_privs."""
    if not available():
        return
    steps = b"".join(program(syscalls.MACHINE))
    room = ctypes.create_string_buffer(steps, len(steps))
    filled = _Program(len(steps) // 8, ctypes.addressof(room))
    syscalls.prctl_pointer(syscalls.PR_SET_SECCOMP, 2, filled)  # SECCOMP_MODE_FILTER
