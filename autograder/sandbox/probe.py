"""Tries, without importing anything large, each step that isolation takes; prints the first denial.

`python -m autograder.sandbox.probe` is run by `doctor`, since it needs a process with one
thread. Its answer is a line of JSON: null, or the step and what the system said.
"""

from __future__ import annotations

import json
import os
import sys

from autograder.sandbox.linux import mounts, namespaces, seccomp, syscalls
from autograder.sandbox.parent import rundir


def attempt(folder: str) -> str | None:
    """Go down both flights of stairs and come back; what was denied, or None."""
    identity = namespaces.choose()
    heard, said = os.pipe()
    try:
        pid = namespaces.clone_parent(identity)
    except PermissionError:
        if not identity.as_root:
            raise
        identity = namespaces.Identity(os.geteuid(), os.getegid(), as_root=False)
        pid = namespaces.clone_parent(identity)
    if pid == 0:
        _report(said, lambda: _as_parent(identity, folder))
    if identity.as_root:
        os.chown(f"{folder}/k", identity.uid, identity.gid)
    os.close(said)
    with open(heard, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return text or None


def _as_parent(identity: namespaces.Identity, folder: str) -> None:
    os.umask(0o022)
    plan = mounts.plan()
    keep = [path for path in plan.shown if path.startswith(f"{mounts.SCRATCH}/")]
    namespaces.settle_parent(identity, plan, f"{folder}/root", f"{folder}/k")
    run_dir = f"{folder}/k/probe"
    os.mkdir(run_dir)
    heard, said = os.pipe()
    pid = namespaces.clone_child()
    if pid == 0:
        _report(said, lambda: _as_child(f"{folder}/k", run_dir, keep))
    os.close(said)
    with open(heard, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    os.rmdir(run_dir)
    if text:
        raise OSError(text)


def _as_child(run_root: str, run_dir: str, keep: list[str]) -> None:
    namespaces.settle_child(1, run_root, run_dir, keep)
    mounts.seal(run_dir)
    syscalls.drop_capabilities()
    seccomp.install()


def _report(said: int, act: object) -> None:
    """Run `act`, write what went wrong, and end this process."""
    try:
        act()  # type: ignore[operator]
    except OSError as error:
        os.write(said, str(error).encode())
    finally:
        os._exit(0)


def main() -> None:
    answer: str | None
    try:
        with rundir.make() as folder:
            answer = attempt(folder)
    except OSError as error:
        answer = str(error)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
