"""What this machine can do for the sandbox, and how to mend what it cannot: for `doctor`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from autograder.sandbox.linux import cgroups, seccomp, syscalls


class Capability(NamedTuple):
    """`hint` says what to do; empty where it is `ok`."""

    name: str
    ok: bool
    hint: str = ""


def capabilities() -> list[Capability]:
    """Each thing that the sandbox wants of the system; takes about half a second."""
    found = [
        Capability(
            "Linux on x86-64 or ARM64",
            syscalls.LINUX and seccomp.available(),
            "The sandbox needs Linux: on Windows use WSL2, on macOS a Linux virtual machine.",
        )
    ]
    if not found[0].ok:
        return found
    denied = _probe() and _probe()  # a machine that is busy may refuse once what it allows
    found.append(Capability("isolated processes (namespaces)", denied is None, _hint(denied)))
    found.append(
        Capability(
            "system call filter (seccomp)",
            Path("/proc/sys/kernel/seccomp").is_dir(),
            "The system's kernel lacks CONFIG_SECCOMP_FILTER; isolation holds without it as well.",
        )
    )
    found.append(
        Capability(
            "short temporary folder",
            _room(),
            "The temporary folder cannot be written to: set TMPDIR to one that can.",
        )
    )
    return [one._replace(hint="") if one.ok else one for one in found]


def comforts() -> list[Capability]:
    """What makes the sandbox better where it is there, and is not needed."""
    if not syscalls.LINUX:
        return []
    hint = (
        "Limits hold without it, a moment later. Grade as root, or in a scope of your own: "
        "systemd-run --user --scope --property Delegate=yes autograder grade …"
    )
    ok = cgroups.home() is not None
    return [Capability("memory bounded by the system (cgroup)", ok, "" if ok else hint)]


def _probe() -> str | None:
    """What was denied when isolation was tried, or None."""
    from autograder.sandbox.parent.environment import clean_environment

    command = [sys.executable, "-P", "-m", "autograder.sandbox.probe"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            env=clean_environment(),
            check=False,
        )
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"the probe failed: {error}"
    return None if answer is None else str(answer)


def _hint(denied: str | None) -> str:
    if denied is None:
        return ""
    return f"The system said: {denied}. {_remedy(denied)} Until then: --sandbox process."


def _remedy(denied: str) -> str:
    if _setting("/proc/sys/user/max_user_namespaces") == "0":
        return "As root: `sysctl -w user.max_user_namespaces=15000`."
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "As root: `sysctl -w kernel.unprivileged_userns_clone=1`."
    if _setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "As root: `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`."
    if "proc" in denied:
        return (
            "A container hides parts of /proc: start it with "
            "--security-opt systempaths=unconfined (Docker, Podman)."
        )
    if "5.14" in denied:
        return "Update the system."
    return (
        "In a container, start it with --security-opt seccomp=unconfined (Docker, Podman), or a "
        "profile that allows clone, unshare, mount and pivot_root."
    )


def _setting(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _room() -> bool:
    from autograder.sandbox.parent import rundir

    return os.access(rundir.home(), os.W_OK | os.X_OK)
