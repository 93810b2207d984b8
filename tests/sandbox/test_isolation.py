"""What a student's kernel must not see, reach or change."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest
from sandbox_helpers import SECRET, Runner

from autograder import sandbox
from autograder.sandbox.linux import mounts

PROJECT = Path(__file__).resolve().parents[2]


def opened(run: Runner, path: str | Path) -> str:
    return run(f"open({str(path)!r}).read()")


def test_a_kernel_is_an_ordinary_kernel(run: Runner) -> None:
    assert run("1 + 1") == "2"
    assert run("import torch; torch.ones(2).sum().item()") == "2.0"
    assert run("!echo hello from a shell") == "hello from a shell"


def test_a_file_elsewhere_does_not_exist(run: Runner, tmp_path: Path) -> None:
    canary = tmp_path / "hidden_tests.ipynb"
    canary.write_text("canary")
    for path in (canary, Path.home() / ".bashrc", "/etc/shadow", "/etc/hostname", "/var/log"):
        assert "FileNotFoundError" in opened(run, path)


def test_of_the_course_only_the_students_toolkit_is_there(run: Runner) -> None:
    seen = set(eval(run(f"import os; sorted(os.listdir({str(PROJECT)!r}))")))
    assert seen <= {"lessonkit", "data", ".venv"}
    assert run(f"os.listdir({str(PROJECT / 'data')!r})") == "['mnist']"
    assert "FileNotFoundError" in opened(run, PROJECT / "pyproject.toml")


def test_the_parents_of_a_link_lead_nowhere(run: Runner) -> None:
    assert "FileNotFoundError" in run(
        f"os.symlink({str(PROJECT)!r}, '/tmp/work/link'); open('/tmp/work/link/pyproject.toml')"
    )
    assert "pyproject.toml" not in run("os.listdir('/tmp/work/link/../..')")


def test_all_but_the_scratch_folder_is_read_only(run: Runner) -> None:
    lines = run("print(open('/proc/self/mountinfo').read())").splitlines()
    mounts = {
        line.split()[4]: line.split()[5] for line in lines
    }  # the last on a path covers others
    writable = {path for path, options in mounts.items() if options.startswith("rw")}
    devices = {path for path in writable if path.startswith("/dev/")}
    covered = {run.kernel.run_dir.rpartition("/")[0]}  # by a folder that holds its own alone
    assert writable - devices - covered == {"/tmp"}
    assert run(f"os.listdir({covered.pop()!r})") == f"[{os.path.basename(run.kernel.run_dir)!r}]"
    for folder in (f"{sys.prefix}/lib", str(PROJECT / "lessonkit"), "/etc", "/", "/usr"):
        assert "Error" in run(f"open({folder + '/x'!r}, 'w')")
    assert "Error" in run(f"open({os.__file__!r}, 'a')")


def test_it_is_nobody_and_can_become_nobody_else(run: Runner) -> None:
    status = run("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["65534"] * 4
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {
        "0" * 16
    }
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert "Error" in run("os.setuid(0)")
    assert "PermissionError" in run("os.chroot('/tmp')")


def test_it_sees_no_other_process(run: Runner, parent: sandbox.WarmParent) -> None:
    with sandbox.kernel(parent=parent):
        names = run("sorted(int(n) for n in os.listdir('/proc') if n.isdigit())")
    assert names == "[1, 2]"


def test_it_can_signal_no_other_process(run: Runner) -> None:
    assert "ProcessLookupError" in run(f"os.kill({os.getpid()}, 0)")
    run("import signal; os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGSTOP)")
    assert run("'still here'") == "'still here'"


def test_its_process_1_keeps_its_memory_and_files_to_itself(run: Runner) -> None:
    for name in ("mem", "environ", "maps", "root/etc/passwd", "cwd/x", "fd/0"):
        assert "PermissionError" in run(f"open('/proc/1/{name}', 'rb').read(1)")
    assert "PermissionError" in run("os.listdir('/proc/1/fd')")


@pytest.mark.parametrize(
    "call",
    [
        "libc.ptrace(16, 1, 0, 0)",
        "libc.unshare(0x10000000)",
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.umount2(b'/proc', 2)",
        "libc.setns(0, 0)",
        "libc.syscall(323, 0) if os.uname().machine == 'x86_64' else libc.syscall(282, 0)",
        "libc.memfd_create(b'x', 0)",
        "libc.shmget(0, 1 << 20, 0o1600)",
        "libc.clone(0, 0, 0x10000011, 0)",
        "libc.personality(0) and -1",
    ],
)
def test_what_attacks_on_the_system_need_is_denied(run: Runner, call: str) -> None:
    said = run(
        f"import ctypes; libc = ctypes.CDLL(None, use_errno=True); ({call}, ctypes.get_errno())"
    )
    if "personality" in call:
        assert said.startswith("(0,")  # an ordinary call passes the filter
    else:
        assert said.startswith("(-1,")


def test_there_is_no_network(run: Runner) -> None:
    assert "OSError" in run("import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)")
    assert "PermissionError" in run("socket.socket(socket.AF_VSOCK)")
    assert "PermissionError" in run("socket.socket(socket.AF_PACKET)")
    assert run("[name for _, name in socket.if_nameindex()]") == "['lo']"


def test_the_graders_sockets_are_out_of_reach(run: Runner, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind("\0autograder-test")
        abstract.listen()
        named.bind(os.path.relpath(tmp_path / "s"))
        named.listen()
        code = "import socket; socket.socket(socket.AF_UNIX).connect({!r})"
        assert "ConnectionRefusedError" in run(code.format("\0autograder-test"))
        assert "FileNotFoundError" in run(code.format(str(tmp_path / "s")))


def test_it_inherits_no_open_file(run: Runner) -> None:
    held = run(
        "[os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') "
        "if os.path.lexists(f'/proc/self/fd/{n}')]"
    )
    paths = [one for one in eval(held) if one.startswith("/") and not one.startswith("/proc/")]
    assert set(paths) <= {"/dev/null", "/dev/urandom", "/dev/random"}


def test_the_environment_is_clean(run: Runner) -> None:
    names = set(eval(run("sorted(os.environ)")))
    assert "AUTOGRADER_TEST_SECRET" not in names
    assert os.environ.get("HOME") != run("print(os.environ['HOME'])")
    assert SECRET not in run("print(open('/proc/self/environ').read())")


SCAN = """
import hashlib
def memory_holds(needles):
    # Each is a start and the digest of what follows: so that this does not find itself.
    found = set()
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:
        for line in maps:
            low, high = (int(n, 16) for n in line.split()[0].split('-'))
            if line.split()[1][:2] != 'rw' or high - low > 1 << 30:
                continue
            memory.seek(low)
            try:
                content = memory.read(high - low)
            except OSError:
                continue
            for number, (start, rest) in enumerate(needles):
                at = content.find(start)
                while at >= 0:
                    after = content[at + len(start) : at + 32]
                    if hashlib.sha256(after).hexdigest() == rest:
                        found.add(number)
                    at = content.find(start, at + 1)
    return sorted(found)
"""


def split(secret: str) -> tuple[bytes, str]:
    """The first 32 characters of a secret, in a form that does not hold them."""
    return secret[:12].encode(), hashlib.sha256(secret[12:32].encode()).hexdigest()


def test_the_warm_parents_memory_holds_nothing_secret(parent: sandbox.WarmParent) -> None:
    payload = "canary-in-the-payload-of-a-child-0123456789"
    with sandbox.kernel(parent=parent) as other:
        parent.spawn("os:getpid", {"hidden": payload}).wait(10)
        with sandbox.kernel(parent=parent) as later:
            look = Runner(later)
            look(SCAN)
            own = later.connection["key"]
            secrets = [own, other.connection["key"], SECRET, payload]
            found = look(f"memory_holds({[split(secret) for secret in secrets]!r})")
            assert found == "[0]"  # its own key, so the search works, and nothing else


def test_children_draw_different_random_numbers(parent: sandbox.WarmParent) -> None:
    drawn = set()
    for _ in range(2):
        with sandbox.kernel(parent=parent) as kernel:
            drawn.add(
                Runner(kernel)("import numpy as np, random; (np.random.rand(), random.random())")
            )
    assert len(drawn) == 2


def test_the_folder_of_sockets_takes_no_files(run: Runner) -> None:
    folder = run.kernel.run_dir
    assert "Read-only" in run(f"open({folder!r} + '/x', 'w')")


def test_what_is_hidden_stays_so_inside_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "course/.venv").mkdir(parents=True)
    (tmp_path / "course/solutions").mkdir()
    plan = mounts.plan(show=[tmp_path, tmp_path / "course/.venv"], hide=[tmp_path / "course"])
    ours = [step for step in plan.steps() if str(tmp_path) in step[1]]
    assert ours == [
        ("show", str(tmp_path)),
        ("hide", str(tmp_path / "course")),
        ("show", str(tmp_path / "course/.venv")),
    ]
