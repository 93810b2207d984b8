"""A small seccomp filter: system calls that no notebook needs and that attacks on kernels do.

Everything else is allowed. It is the second fence; the first are the namespaces.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct

from autograder.sandbox import syscalls

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); -1 where an architecture has none
_DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
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
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "kcmp": (312, 272),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "swapon": (167, 224),
    # memory that no limit of the process counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
}
_SOCKET = (41, 198)
_CLONE = (56, 220)
_CLONE3 = 435
# Other families (vsock, packet, …) are not confined by a network namespace, or old and rarely read.
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: netlink
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag

_LOAD, _EQUAL, _ABOVE, _ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_ABSENT = 0x00050000 | errno.ENOSYS
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
        steps += [_step(_EQUAL, numbers[column], 0, 1), _step(_RETURN, _REFUSE)]
    # clone3 keeps its flags in memory, out of a filter's sight; the C library then takes clone
    steps += [_step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _ABSENT)]
    steps += [
        _step(_EQUAL, _CLONE[column], 0, 4),
        _step(_LOAD, _FIRST),
        _step(_ANY, _NEW_NAMESPACES, 0, 1),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    steps += [_step(_EQUAL, _SOCKET[column], 0, len(_FAMILIES) + 2), _step(_LOAD, _FIRST)]
    for left, family in zip(range(len(_FAMILIES), 0, -1), _FAMILIES, strict=True):
        steps.append(_step(_EQUAL, int(family), left, 0))
    steps += [_step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)]
    return steps


def install() -> None:
    """Put the filter on this process and all that it will start. Needs no_new_privs."""
    if not available():
        return
    steps = b"".join(program(syscalls.MACHINE))
    room = ctypes.create_string_buffer(steps, len(steps))
    filled = _Program(len(steps) // 8, ctypes.addressof(room))
    syscalls.prctl_pointer(syscalls.PR_SET_SECCOMP, 2, filled)  # SECCOMP_MODE_FILTER
