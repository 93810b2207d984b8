"""What a sandboxed process sees of the file system: a new root of read-only binds, nothing else."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.sandbox.linux import syscalls

SCRATCH = "/tmp"  # writable, a small tmpfs of each child's own
HOME = "/tmp/home"
WORK = "/tmp/work"  # where a child starts

_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"),
    *("/etc/fonts", "/etc/localtime", "/etc/mime.types"),
    "/sys/devices/system/cpu",
)
_DEVICES = ("null", "full", "random", "urandom")  # not zero: shared, it is memory nobody counts
_FILES = {
    "/etc/passwd": "student:x:65534:65534:student:/tmp/home:/bin/sh\n",
    "/etc/group": "student:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/ptmx": "pts/ptmx",
    "/etc/mtab": "/proc/self/mounts",
}
_OURS = syscalls.MS_NOSUID | syscalls.MS_NODEV
_SEALED = _OURS | syscalls.MS_RDONLY
_NO_PROGRAMS = _OURS | syscalls.MS_NOEXEC


@dataclass(frozen=True)
class MountPlan:
    """`shown` are paths to bind read-only; `hidden` are covered even where they lie in a shown one.

    What is shown inside something hidden stays visible. `links` recreates symbolic links.
    """

    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()

    def steps(self) -> list[tuple[str, str]]:
        """("show" | "hide", path), each path after those that it lies in."""
        wanted = [("hide", path) for path in self.hidden if self._covered(path)]
        wanted += [("show", path) for path in self.shown]
        return sorted(wanted, key=lambda step: (step[1].count("/"), step[0] != "hide", step[1]))

    def _covered(self, path: str) -> bool:
        return any(_inside(path, shown) for shown in self.shown)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def package_folder() -> Path:
    """The folder of the autograder's own package."""
    return Path(autograder.__file__).resolve().parent


def plan(show: Iterable[str | Path] = (), hide: Iterable[str | Path] = ()) -> MountPlan:
    """What a process of this interpreter sees: the system, Python and its packages, `lessonkit` and its data.

    Where the project is installed editable, its packages lie in the course's own folder: of that,
    only `lessonkit/` and `data/mnist` are shown, and the folder is hidden should it lie in a shown
    one. A virtual environment inside the course's folder stays visible. The autograder itself is
    hidden in either case: it holds what hidden tests compare with.
    """
    shown: dict[str, None] = {}
    links: dict[str, str] = {}

    def add(path: str | Path) -> None:
        text = os.path.abspath(path)
        if not os.path.exists(text):
            return
        real = os.path.realpath(text)
        if os.path.islink(text):
            links[text] = os.readlink(text)
        elif real != text:
            links[text] = real  # a folder above it is the link
        shown[real] = None

    for path in (*_SYSTEM, *_python_folders(), *_package_folders()):
        add(path)
    hidden = [os.path.realpath(path) for path in hide]
    package = package_folder()
    installed = package.parent.name in ("site-packages", "dist-packages")
    hidden.append(str(package if installed else package.parent))
    kit = _find("lessonkit")
    if kit is not None:
        add(kit)
        add(kit.parent / "data" / "mnist")
    for folder in show:
        add(folder)
    kept = [p for p in shown if not any(q != p and _inside(p, q) for q in shown)]
    kept += [p for p in shown if p not in kept and any(_inside(p, h) for h in hidden)]
    return MountPlan(tuple(kept), tuple(hidden), tuple(links.items()))


def _python_folders() -> list[str]:
    """The parts of Python's prefixes that it needs: a prefix may be somebody's home folder."""
    parts = ("bin", "lib", "lib64", "include", "pyvenv.cfg", "share/jupyter", "ssl")
    prefixes = dict.fromkeys((sys.prefix, sys.base_prefix, sys.base_exec_prefix))
    folders = [os.path.join(prefix, part) for prefix in prefixes for part in parts]
    return [*folders, os.path.dirname(os.path.realpath(sys.executable))]


def _package_folders() -> list[str]:
    folders = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    return [*folders, *site.getsitepackages()]


def _find(package: str) -> Path | None:
    from importlib.util import find_spec

    spec = find_spec(package)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def build(mounts: MountPlan, root: str, run_root: str) -> None:
    """Mount `mounts` on the empty folder `root`, and make it this process's root folder.

    `run_root`, where sockets live, is bound writable at the same path. Needs CAP_SYS_ADMIN in a
    mount namespace of one's own. Everything is private: nothing mounted here is seen outside.
    """
    syscalls.mount("none", "/", flags=syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", root, "tmpfs", _OURS, "size=4m,mode=755")
    for folder in ("dev/shm", "dev/pts", "etc", "proc", "sys", "tmp"):
        os.makedirs(f"{root}/{folder}")
    for action, path in mounts.steps():
        target = root + path
        if action == "show":
            _make_target(target, is_folder=os.path.isdir(path))
            syscalls.mount(path, target, flags=syscalls.MS_BIND | syscalls.MS_REC)
        elif os.path.isdir(target):
            syscalls.mount("tmpfs", target, "tmpfs", _OURS, "size=64k,mode=755")
    for name in _DEVICES:
        _make_target(f"{root}/dev/{name}", is_folder=False)
        syscalls.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=syscalls.MS_BIND)
        syscalls.set_mount_flags(f"{root}/dev/{name}", syscalls.MS_NOSUID | syscalls.MS_NOEXEC)
    for path, aim in (*mounts.links, *_LINKS.items()):
        if not os.path.lexists(root + path):
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            os.symlink(aim, root + path)
    for path, text in _FILES.items():
        Path(root + path).write_text(text, encoding="utf-8")
    for _, path in mounts.steps():
        if os.path.ismount(root + path):
            syscalls.set_mount_flags(root + path, _SEALED)
    os.makedirs(root + run_root, exist_ok=True)
    syscalls.mount(run_root, root + run_root, flags=syscalls.MS_BIND)
    syscalls.set_mount_flags(root + run_root, _NO_PROGRAMS)
    syscalls.mount("proc", f"{root}/proc", "proc", _NO_PROGRAMS)
    syscalls.pivot_root(root)
    remount = syscalls.MS_REMOUNT | syscalls.MS_BIND | _SEALED
    syscalls.mount("none", "/", flags=remount)


def _make_target(target: str, is_folder: bool) -> None:
    if os.path.lexists(target):
        return
    os.makedirs(target if is_folder else os.path.dirname(target), exist_ok=True)
    if not is_folder:
        with open(target, "x", encoding="utf-8"):
            pass


def furnish(scratch: int, run_root: str, run_dir: str, keep: Sequence[str]) -> None:
    """Give a child its own /tmp of `scratch` MiB, /dev/shm in it, /proc, /dev/pts, and `run_dir`.

    Of `run_root` it sees only its own folder. `keep` are mounts that a new /tmp would cover.
    """
    kept = {path: os.open(path, os.O_PATH) for path in (*keep, run_dir)}
    inodes = 64 * scratch + 1024
    options = f"size={scratch}m,nr_inodes={inodes},mode=755"
    syscalls.mount("tmpfs", SCRATCH, "tmpfs", _OURS, options)
    if not _inside(run_root, SCRATCH):
        syscalls.mount("tmpfs", run_root, "tmpfs", _OURS, "size=64k,mode=755")
    for folder in (HOME, WORK, f"{SCRATCH}/.shm"):
        os.mkdir(folder)
    syscalls.mount(f"{SCRATCH}/.shm", "/dev/shm", flags=syscalls.MS_BIND)
    for path, fd in kept.items():
        held = f"/proc/self/fd/{fd}"
        _make_target(path, is_folder=os.path.isdir(held))
        syscalls.mount(held, path, flags=syscalls.MS_BIND | syscalls.MS_REC)
        os.close(fd)
    # what it could write there is whether it is the first to go when memory runs out
    syscalls.mount("proc", "/proc", "proc", _NO_PROGRAMS | syscalls.MS_RDONLY)
    syscalls.mount("devpts", "/dev/pts", "devpts", syscalls.MS_NOSUID, "ptmxmode=666,max=32")


def seal(run_dir: str) -> None:
    """Make a child's `run_dir` read-only: what is connected stays so, but no file can be added."""
    syscalls.set_mount_flags(run_dir, _SEALED | syscalls.MS_NOEXEC)
