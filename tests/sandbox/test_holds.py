"""What holds memory beyond the limits of a process is refused or counted; what is honest, works.

The table of docs/sandbox.md, run for real. Each case is a cell of a student's.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_helpers import Runner

from autograder.sandbox.linux import seccomp, syscalls

Fresh = Callable[..., Runner]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"
COLUMN = 0 if syscalls.MACHINE == "x86_64" else 1

REFUSED = {  # what is tried -> a cell that says "refused", or raises
    "large socket buffers": (
        "a, b = socket.socketpair(); before = a.getsockopt(1, 7)\n"
        "for name in (7, 8, 32, 33): a.setsockopt(1, name, 1 << 22)\n"
        "'refused' if a.getsockopt(1, 7) == before and a.getsockopt(1, 8) == before else 'granted'"
    ),
    "large pipes": "import fcntl; r, w = os.pipe(); fcntl.fcntl(w, 1031, 1 << 20)",
    "shared memory without a file": "import mmap; mmap.mmap(-1, 1 << 20)",
    "shared memory of /dev/zero": (
        "import mmap; mmap.mmap(os.open('/dev/zero', os.O_RDWR), 1 << 20)"
    ),
    "netlink but for addresses": "socket.socket(16, 3, 9)",
    "sockets of Bluetooth, cryptography, packets, TIPC, virtual machines": (
        "said = []\nfor family in (17, 30, 31, 38, 40, 41, 44):\n"
        "    try: socket.socket(family, socket.SOCK_RAW)\n"
        "    except PermissionError: said.append(family)\n"
        "'refused' if len(said) == 7 else said"
    ),
    "another's limits": "import resource; resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))",
    "another's processors": "os.sched_setaffinity(1, {0})",
    "another's policy": "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
    "another's priority": "os.setpriority(os.PRIO_PROCESS, 1, 19)",
    "a user's priority": "os.setpriority(os.PRIO_USER, os.getuid(), 19)",
    "to stay when memory runs out": "open('/proc/self/oom_score_adj', 'w').write('0')",
    "to name a core's handler": "open('/proc/self/coredump_filter', 'w').write('0')",
    "locked memory": "libc.mlockall(3) and 'refused'",
    "more files": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
    "a namespace by clone3": (
        "args = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17)\n"
        "libc.syscall(435, args, 64) == -1 and ctypes.get_errno() == 38 and 'refused'"
    ),
    **(
        {"the numbers of x32": "libc.syscall(0x40000000 | 39) == -1 and 'refused'"}
        if COLUMN == 0
        else {}
    ),
}

COUNTED = {  # what is filled until the kernel ends by "memory limit"
    "sockets' buffers, in many processes": (
        "import time\n"
        "for _ in range(30):\n    if os.fork() == 0: break\n"
        "kept = []\n"
        "try:\n    while True:\n        a, b = socket.socketpair(); kept += [a, b]\n"
        "        for one in (a, b):\n            one.setblocking(False)\n"
        "            try:\n                while True: one.send(bytes(65536))\n"
        "            except BlockingIOError: pass\n"
        "except OSError: time.sleep(30)"
    ),
    "sockets on their way in other sockets": (
        "import time\n"
        "def hoard():\n"
        "    kept = []\n"
        "    while True:\n"
        "        a, b = socket.socketpair(); a.setblocking(False)\n"
        "        try:\n            while True: a.send(bytes(65536))\n"
        "        except BlockingIOError: pass\n"
        "        c, d = socket.socketpair()\n"
        "        try: socket.send_fds(c, [b'x'], [a.fileno(), b.fileno()])\n"
        "        except OSError: pass\n"
        "        kept += [c, d]\n"
        "for _ in range(30):\n    if os.fork() == 0: break\n"
        "try: hoard()\n"
        "except OSError: time.sleep(30)"
    ),
    "page tables": (
        "import mmap\n"
        "libc.mmap.restype = ctypes.c_void_p\n"
        "libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]\n"
        "at = libc.mmap(None, 1 << 42, 1, 0x4022, -1, 0)\n"
        "for n in range(1 << 21): ctypes.c_ubyte.from_address(at + (n << 21)).value"
    ),
}

HONEST = {  # what must go on as before -> what it says
    "NumPy": (
        "import numpy as np; float((np.ones((300, 300)) @ np.ones((300, 300))).sum())",
        "27000000.0",
    ),
    "torch with threads": (
        "import torch; torch.set_num_threads(2); m = torch.nn.Linear(500, 500)\n"
        "m(torch.ones(64, 500)).sum().backward(); m.weight.grad is not None",
        "True",
    ),
    "a DataLoader with workers": (
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "sum(len(b[0]) for b in DataLoader(TensorDataset(torch.ones(40, 3)), 10, num_workers=2))",
        "40",
    ),
    "multiprocessing": (
        "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool:\n"
        "    print(sum(pool.map(abs, range(-9, 9))))",
        "81",
    ),
    "shared memory by name": (
        "from multiprocessing import shared_memory\n"
        "s = shared_memory.SharedMemory(create=True, size=4096); s.buf[:2] = b'ok'\n"
        "print(bytes(s.buf[:2])); s.close(); s.unlink()",
        "b'ok'",
    ),
    "an array that processes share": (
        "v = mp.Array('d', 1000); p = mp.get_context('fork').Process("
        "target=lambda: v.__setitem__(0, 7.0)); p.start(); p.join(); v[0]",
        "7.0",
    ),
    "subprocess": (
        "import subprocess; subprocess.run(['sh', '-c', 'echo a | cat'], capture_output=True).stdout",
        "b'a\\n'",
    ),
    "a shell's lines": ("!echo from a shell", "from a shell"),
    "SQLite": (
        "import sqlite3; c = sqlite3.connect('x.db'); c.execute('pragma journal_mode=wal')\n"
        "c.execute('create table t (a)'); c.executemany('insert into t values (?)', [(1,)] * 9)\n"
        "c.commit(); c.execute('select sum(a) from t').fetchone()",
        "(9,)",
    ),
    "matplotlib": (
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('x.png'); plt.close()\n"
        "os.path.getsize('x.png') > 1000",
        "True",
    ),
    "asyncio": (
        "import asyncio, threading\nasync def f():\n    await asyncio.sleep(0.01)\n"
        "    p = await asyncio.create_subprocess_exec('echo', 'a', stdout=-1)\n"
        "    return (await p.communicate())[0]\n"
        "said = []; t = threading.Thread(target=lambda: said.append(asyncio.run(f())))\n"
        "t.start(); t.join(); said",
        "[b'a\\n']",
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: print(sum(pool.map(int, '123')))",
        "6",
    ),
    "a mapped file": (
        "import numpy as np; m = np.memmap('m', dtype='f4', mode='w+', shape=(1000,)); m[:] = 1\n"
        "m.flush(); float(np.memmap('m', dtype='f4', mode='r').sum())",
        "1000.0",
    ),
    "its own limits and priority": (
        "import resource; resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 256 and os.nice(0)",
        "0",
    ),
    "a random port of one's own": (
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); s.getsockname()[0]",
        "'127.0.0.1'",
    ),
    "temporary files": (
        "import tempfile\nwith tempfile.TemporaryFile() as f: print(f.write(bytes(100)))",
        "100",
    ),
    "a hundred open files": (
        "fs = [open(os.devnull) for _ in range(100)]; len(fs)",
        "100",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_hold_memory_or_reach_the_supervisor_is_refused(run: Runner, what: str) -> None:
    said = run(REFUSED[what])
    assert said.strip("'") == "refused" or "Error:" in said, said


@pytest.mark.parametrize(
    "name", [n for n, numbers in seccomp._DENIED.items() if numbers[COLUMN] >= 0]
)
def test_each_listed_call_is_refused_by_the_filter(run: Runner, name: str) -> None:
    number = seccomp._DENIED[name][COLUMN]
    said = run(f"(libc.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno())")
    assert said == "(-1, 1)"


@pytest.mark.parametrize("what", COUNTED)
def test_what_a_process_holds_elsewhere_counts_as_its_memory(fresh: Fresh, what: str) -> None:
    run = fresh(memory=256, processes=40, cpu_seconds=60)
    run("import ctypes, os, socket; libc = ctypes.CDLL(None, use_errno=True)")
    assert run.until_dead(COUNTED[what], timeout=40) == "memory limit"


@pytest.mark.parametrize("what", HONEST)
def test_what_is_honest_goes_on_as_before(run: Runner, what: str) -> None:
    code, said = HONEST[what]
    assert run(f"import os, socket, torch\n{code}", timeout=60) == said


def test_one_process_cannot_fill_much_in_sockets(fresh: Fresh) -> None:
    run = fresh(memory=256)
    filled = run(
        "import socket\nkept, filled = [], 0\n"
        "try:\n    while True:\n        a, b = socket.socketpair(); kept += [a, b]\n"
        "        for one in (a, b):\n            one.setblocking(False)\n"
        "            try:\n                while True: filled += one.send(bytes(65536))\n"
        "            except BlockingIOError: pass\n"
        "except OSError: pass\n"
        "for one in kept: one.close()\n"
        "print(filled >> 20)"
    )
    assert 10 < int(filled) < 64


def test_no_signal_from_inside_reaches_the_supervisor(run: Runner) -> None:
    """Each number, as kill, tgkill and sigqueue send them, with a forged sender too; and its group."""
    said = run(
        "import signal\n"
        "info = (ctypes.c_int * 32)()\n"
        f"queue, group = {(129, 234) if COLUMN == 0 else (138, 131)}\n"
        "for number in range(1, 65):\n"
        "    libc.kill(1, number)\n"
        "    libc.syscall(group, 1, 1, number)\n"
        "    for code in (-1, -2, -3, -4, -5, -60):\n"
        "        info[0], info[1], info[2], info[3], info[4] = number, 0, code, 0, 0\n"
        "        libc.syscall(queue, 1, number, info)\n"
        "for number in range(1, 65):\n"
        "    if number not in (9, 19): signal.pidfd_send_signal(os.pidfd_open(1), number)\n"
        "print('sent')",
        timeout=60,
    )
    assert said == "sent"
    assert run("'alive'") == "'alive'"
    assert not run.kernel.process.poll()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signals_of_the_grader_still_arrive(fresh: Fresh, signum: int) -> None:
    run = fresh()
    if signum == signal.SIGINT:
        run.kernel.client.execute("import time\nwhile True: time.sleep(0.05)", stop_on_error=False)
        time.sleep(0.5)
        run.kernel.interrupt()
        assert run("'interrupted'") == "'interrupted'"
    else:
        run.kernel.process.send_signal(signum)
        assert run.kernel.process.wait(5)


def test_the_page_names_every_case() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for what in (*REFUSED, *COUNTED):
        assert what in page or what == "the numbers of x32", what
    for name in seccomp._DENIED:
        assert f"`{name}`" in page, name


def test_the_machine_is_one_that_the_numbers_are_known_of() -> None:
    assert sys.platform != "linux" or seccomp.available()
