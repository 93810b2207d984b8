"""Hostile, for the machine: bombs, floods and blows at whoever grades, beside answers that are right."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable

from autograder.model import Status
from catalogue import bombs
from catalogue.desk import ANSWER, FULL, RIGHT, UNIT, Desk, cell, code, markdown
from catalogue.messages import NO_KERNEL, SENDS, SPOILT
from catalogue.threat import Heading

heading = Heading("Hostile: the machine", "m", deserved=FULL)
threat = heading.threat

DIED = STOPPED = Status.GRADED  # with the points of all that did run, and a remark
WITHOUT_DOUBLE = FULL - 4
LIMIT = "limit|kernel died|memory"


def in_a_cell(
    title: str, source: str, status: Status = Status.GRADED, says: str = "", stock: str = ""
) -> None:
    """In a cell of the student's own: no exercise needs it."""

    @threat(title, FULL, status, says, stock=stock)
    def happens(desk: Desk) -> None:
        desk.hand_in(first=source)


def in_a_test(title: str, source: str, says: str = "", stock: str = "") -> None:
    """When a test calls the answer: that answer's points are lost, and no others."""

    @threat(f"{title}, inside a test", WITHOUT_DOUBLE, says=says, stock=stock)
    def happens(desk: Desk) -> None:
        body = "\n".join(f"    {line}" for line in desk.plain(source).splitlines())
        desk.hand_in(double=f"def double(x):\n{body}\n    return 2 * x")


WILD = "would take this machine's own processes with it"

in_a_cell("a memory bomb of arrays", bombs.ARRAYS, stock=WILD)
in_a_cell("a memory bomb of shared memory", bombs.MAPPED, stock=WILD)
in_a_cell("a memory bomb of page tables", bombs.TABLES, DIED, LIMIT, stock=WILD)
in_a_cell("a memory bomb of sockets' buffers", bombs.SOCKETS.replace("@LEAVE@", "True"), stock=WILD)
in_a_cell("a memory bomb of sockets' buffers, in many processes", bombs.FORKED + bombs.SOCKETS.replace("@LEAVE@", "False"),
          DIED, LIMIT, stock=WILD)  # fmt: skip
in_a_cell("a memory bomb of pipes", bombs.PIPES, stock=WILD)
in_a_cell("a memory bomb of queues and semaphores", bombs.QUEUES, stock=WILD)
in_a_cell("a process bomb", bombs.FORKS, stock=WILD)
in_a_cell("a thread bomb", bombs.THREADS, stock=WILD)
in_a_cell("a file bomb: one large file", bombs.BIG_FILE)
in_a_cell("a disk bomb: many files", bombs.MANY_FILES)
in_a_cell("an inode bomb", bombs.INODES)
in_a_cell(
    "a bomb of open files",
    "kept = []\ntry:\n    while True:\n        kept.append(open('/dev/null'))\nfinally:\n    del kept",
)
in_a_test("a memory bomb of arrays", bombs.ARRAYS, stock=WILD)
in_a_test("a process bomb", bombs.FORKS, stock=WILD)
in_a_test("a disk bomb", bombs.MANY_FILES)
in_a_test("a bomb of open files", bombs.DESCRIPTORS)


@threat(
    "a bomb of open files that are kept: nothing can be examined",
    deserved=0,
    stock="it has no agent",
)
def kept_files(desk: Desk) -> None:
    desk.hand_in(first=bombs.DESCRIPTORS)


TOO_MUCH = "did not end within|output"
in_a_cell("endless text", "while True:\n    print('flood ' * 100)", says=TOO_MUCH)
in_a_cell(
    "endless displays",
    "from IPython.display import HTML, display\nwhile True:\n    display(HTML('<b>flood</b>' * 100))",
    says=TOO_MUCH,
)
in_a_cell("a single line of 100 MB", "print('x' * (100 << 20))")
in_a_cell("a display of 100 MB", "from IPython.display import HTML\nHTML('x' * (100 << 20))")
in_a_cell(
    "an endless display that updates itself",
    "from IPython.display import display\nh = display('', display_id='flood')\n"
    "while True:\n    h.update('flood' * 1000)",
    says=TOO_MUCH,
)
in_a_cell(
    "an error's name of 30 MB", "raise type('E' * (30 << 20), (Exception,), {})", says="output"
)
in_a_cell("an error's message of 30 MB", "raise ValueError('x' * (30 << 20))", says="output")
in_a_cell(
    "a display's metadata of 30 MB",
    "from IPython.display import display\ndisplay('', metadata={'x': 'x' * (30 << 20)})",
    says="output",
)
in_a_cell(
    "a display's MIME types of 30 MB",
    "from IPython.display import publish_display_data\n"
    "publish_display_data({f'text/{n}' + 'x' * 9999: '' for n in range(3000)})",
    says="output",
)
in_a_cell(
    "one update of many displays",
    "from IPython.display import display\nfor _ in range(500): display('', display_id='flood')\n"
    "display('x' * 200_000, display_id='flood', update=True)",
    says="output",
)
in_a_cell(
    "an endless display that clears itself",
    "from IPython.display import clear_output\n"
    "while True:\n    clear_output()\n    print('flood' * 10000)",
    says=TOO_MUCH,
)
in_a_test("endless text", "while True:\n    print('flood ' * 100)", r"\[too-slow\]")

MESSAGES = {
    "an array of 400 MB to the examiner": "import numpy as np\nreturn np.ones(50 << 20)",
    "a text of 100 MB to the examiner": "return 'x' * (100 << 20)",
    "a list of ten million numbers to the examiner": "return [1.0] * 10_000_000",
    "a number of a million digits to the examiner": "return 10 ** 1_000_000",
    "a list nested 100,000 deep to the examiner": (
        "deep = []\nfor _ in range(100_000):\n    deep = [deep]\nreturn deep"
    ),
    "a list that holds itself to the examiner": "own = []\nown.append(own)\nreturn own",
    "an array of objects to the examiner": (
        "import numpy as np\nreturn np.array([object(), lambda: 0], dtype=object)"
    ),
}
for title, source in MESSAGES.items():
    in_a_test(title, source, stock="it has no examiner")

# The student's end of the wire, with random bytes in what it sends; seeded, and different each time.
GARBAGE = """
import random, struct, sys
rng = random.Random(@SEED@)
def send(self, structure, block=(), deadline=None):
    import msgpack
    body = msgpack.packb(structure, use_bin_type=True)
    data = b"".join(bytes(part) for part in block)
    kind = rng.randrange(5)
    if kind == 0: body = rng.randbytes(rng.randrange(1, 4000))
    if kind == 1: body = b"\\x91" * 100_000
    if kind == 2: body = b"\\xdd\\xff\\xff\\xff\\xff"
    if kind == 3: data += rng.randbytes(100)
    lengths = (2**32 - 1, 2**32 - 1) if kind == 4 else (len(body), len(data))
    self.connection.sendall(struct.pack("!II", *lengths) + body + data)
sys.modules["autograder.exam.wire.frames"].Channel.send = send
"""


def garbage(seed: int) -> None:
    """From the last exercise on: what was examined before keeps its points."""

    @threat(f"malformed messages to the examiner ({seed})", FULL - 3, stock="it has no examiner")
    def sends_garbage(desk: Desk) -> None:
        desk.hand_in(mean=RIGHT["mean"] + "\n" + GARBAGE.replace("@SEED@", str(seed)))


for seed in range(4):
    garbage(seed)


KILLS = {
    "kill every process that can be seen": "os.kill(-1, signal.SIGKILL)",
    "kill the process above": "os.kill(os.getppid(), signal.SIGKILL)",
    "kill process 1": "os.kill(1, signal.SIGKILL)",
    "stop the process above": "os.kill(os.getppid(), signal.SIGSTOP)",
    "kill all by number": (
        "own = {int(thread) for thread in os.listdir('/proc/self/task')}\n"
        "for pid in {*range(2, 40000)} - own:\n    try: os.kill(pid, signal.SIGKILL)\n"
        "    except OSError: pass"
    ),
}
for title, source in KILLS.items():
    in_a_cell(title, f"import os, signal\n{source}")


KIT = "import os, signal\n"
in_a_cell(
    "send every signal to process 1, and to one's group",
    f"{KIT}for number in range(1, 65):\n"
    "    for pid in (1, -1):\n"
    "        if pid == 1 or number in (1, 10, 12, 18):\n"
    "            signal.signal(number, signal.SIG_IGN) if pid == -1 else None\n"
    "            try: os.kill(pid, number)\n"
    "            except OSError: pass",
)
in_a_cell(
    "take limits, processors and priority from process 1",
    f"import resource\n{KIT}"
    "for take in (lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)),\n"
    "             lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),\n"
    "             lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),\n"
    "             lambda: os.setpriority(os.PRIO_USER, 0, 19)):\n"
    "    try: take()\n    except OSError: pass",
)


@threat("stop oneself", FULL, STOPPED, "did not end within|kernel died")
def stops_itself(desk: Desk) -> None:
    desk.hand_in(first="import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


for title, source in SPOILT.items():
    in_a_cell(f"a message to the grader: {title}", SENDS + source, DIED, NO_KERNEL)
    threat(f"a message to the grader, after the last answer: {title}", FULL, DIED, NO_KERNEL)(
        lambda desk, source=source: desk.hand_in(last=SENDS + source)
    )
in_a_cell(
    "a message to the grader: lone surrogates",
    SENDS + "send('stream', b'{\"text\": \"\\\\ud800\"}')",
)
in_a_cell(
    "a message to the grader: of another cell, and of no kind that is known",
    SENDS + "send('stream', {'text': 7}, above={'msg_id': 'x'})\nsend('x', [])",
)
in_a_cell(
    "messages to the grader: a flood",
    SENDS + "for _ in range(5000): send('x', {}); send('stream', {'text': 'x'}, above={})",
)
in_a_cell("a message of 40 parts of 4 MiB to the grader", SENDS + "kernel.iopub_socket.send_multipart([b'x' * (4 << 20)] * 40, copy=False)",
          DIED, NO_KERNEL)  # fmt: skip
in_a_cell(
    "the line to the grader cut",
    SENDS + "import socket\nfor fd in range(3, 256):\n    try:\n"
    "        with socket.socket(fileno=os.dup(fd)) as one:\n            one.getpeername()\n"
    "            if 'kernel-' in one.getsockname(): os.close(fd)\n"
    "    except (OSError, TypeError): pass\nimport time; time.sleep(1)",
    DIED,
    "the kernel died|cut the line",
)

LEFT = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3, 1000):
            try: os.close(fd)
            except OSError: pass
        os.execv(sys.executable, ["threats-left-behind", "-c", "import time; time.sleep(300)"])
    os._exit(0)
"""
in_a_cell("leave a process behind", LEFT)
in_a_cell(
    "leave a process behind, and kill oneself",
    f"{LEFT}\nimport signal\nos.kill(os.getpid(), signal.SIGKILL)",
    DIED,
    "the kernel died",
)
in_a_cell(
    "leave shared memory and sockets behind",
    "import os, socket\nopen('/dev/shm/threats-left-behind', 'w').write('x')\n"
    "s = socket.socket(socket.AF_UNIX)\ns.bind('/tmp/threats-left-behind')",
)
in_a_cell(
    "outlive the time limit: signals ignored",
    "import signal, time\nfor n in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):\n"
    "    signal.signal(n, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)",
    STOPPED,
    "did not react to being stopped",
)
in_a_cell(
    "outlive the time limit: KeyboardInterrupt caught",
    "import time\nwhile True:\n    try: time.sleep(100)\n    except BaseException: pass",
    STOPPED,
    "did not react to being stopped",
)
in_a_cell(
    "outlive the cell in a thread",
    "import threading\ndef spin():\n    while True: pass\n"
    "threading.Thread(target=spin, daemon=False).start()",
)
in_a_test(
    "outlive the time limit",
    "import time\nwhile True:\n    try: time.sleep(100)\n    except BaseException: pass",
    r"\[too-slow\]",
)


def on_disk(
    title: str, says: str, make: Callable[[Desk], object], points: float = 0.0, **more: str
) -> None:
    """Something in the submitted folder that is no file of the student's own."""
    status = Status.GRADED if points else Status.FAILED
    threat(title, points, status, says, **more)(make)


def neighbours_file(desk: Desk) -> str:
    return str(desk.course.submitted / desk.bait.neighbour / UNIT / f"{UNIT}.ipynb")


def linked_folder(desk: Desk) -> None:
    target = desk.course.submitted / desk.bait.neighbour / UNIT
    (desk.course.submitted / desk.student).mkdir()
    (desk.course.submitted / desk.student / UNIT).symlink_to(target)


def linked_timestamp(desk: Desk) -> None:
    desk.hand_in()
    (desk.folder / "timestamp.txt").symlink_to(desk.bait.key)


def deeply_nested(desk: Desk) -> None:
    text = json.dumps({**desk.notebook(), "metadata": {"deep": "HERE"}})
    desk.write(text.replace('"HERE"', "[" * 100_000 + "]" * 100_000).encode())


def a_socket(desk: Desk) -> None:
    here = os.open(desk.folder, os.O_RDONLY)
    try:  # through the folder's descriptor: a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{here}/{desk.file.name}")
    finally:
        os.close(here)


on_disk("a symbolic link to another's notebook", "symbolic link",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").symlink_to(neighbours_file(desk)))  # fmt: skip
on_disk("a symbolic link to another's notebook, through ..", "symbolic link",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").symlink_to(
            f"../../{desk.bait.neighbour}/{UNIT}/{UNIT}.ipynb"))  # fmt: skip
on_disk("a symbolic link to another's folder", "symbolic link", linked_folder)
on_disk("a symbolic link to the solutions", "symbolic link",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").symlink_to(
            desk.course.solutions / UNIT / f"{UNIT}.ipynb"))  # fmt: skip
on_disk("a symbolic link to itself", "symbolic link",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").symlink_to(f"{UNIT}.ipynb"))  # fmt: skip
on_disk("a symbolic link to /dev/zero", "symbolic link",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").symlink_to("/dev/zero"))  # fmt: skip
on_disk("a timestamp that is a symbolic link to a key", "timestamp.txt cannot be read",
        linked_timestamp, FULL)  # fmt: skip
on_disk("a named pipe in a notebook's place", "no ordinary file",
        lambda desk: os.mkfifo(desk.file))  # fmt: skip
on_disk("a socket in a notebook's place", "cannot be read|no ordinary file", a_socket)
if os.geteuid() == 0:  # nobody else can make one
    on_disk("a device file in a notebook's place", "no ordinary file",
            lambda desk: os.mknod(desk.file, stat.S_IFCHR | 0o644, os.makedev(1, 5)))  # fmt: skip
on_disk("a folder in a notebook's place", "no ordinary file|cannot be read",
        lambda desk: (desk.folder / f"{UNIT}.ipynb").mkdir())  # fmt: skip
on_disk("a file nested 100,000 deep, and cut off", "damaged or cut off",
        lambda desk: desk.write(b'{"cells": ' + b"[" * 100_000))  # fmt: skip
on_disk("an answer in a file nested 100,000 deep", "nested more than 200 levels deep was left out",
        deeply_nested, FULL)  # fmt: skip

for name in (
    "$(touch threats-left-behind)",
    "`touch threats-left-behind`",
    ";touch threats-left-behind;",
    "--help",
    "x..y",
    "%2e%2e%2fx",
    "=1+1",
    "<img src=x onerror=document.title='ran'>",
):
    threat(f"a student called {name}", student=name)(lambda desk: desk.hand_in())


@threat("absolute paths and .. in a notebook's own names")
def names_inside(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["metadata"]["name"] = "../../../x"
    for number, found in enumerate(notebook["cells"]):
        found["id"] = f"../../{number}"
    cell(notebook, "explain")["attachments"] = {"/etc/passwd": {"image/png": "iVBORw0KGgo="}}
    desk.write(notebook)


SCRIPT = "document.title='ran'"
PAYLOADS = {
    "a script": f"<script>{SCRIPT}</script>",
    "an image that fails": f'<img src="x" onerror="{SCRIPT}">',
    "an SVG that loads": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"></svg>',
    "a frame": f'<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>',
    "details that open": f'<details open ontoggle="{SCRIPT}">x</details>',
    "a page that leads away": '<meta http-equiv="refresh" content="0;url=about:blank">',
    "a form": f'<form><button formaction="javascript:{SCRIPT}" autofocus onfocus="{SCRIPT}">x</form>',
}
LINK = f"javascript:void({SCRIPT})"
ALL = "\n\n".join(PAYLOADS.values())


@threat("scripts in markdown")
def in_markdown(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"].insert(2, markdown(f"{ALL}\n\n[a link]({LINK})"))
    cell(notebook, "explain")["source"] += f"\n\n{ANSWER}\n\n{ALL}\n\n[a link]({LINK})"
    desk.write(notebook)


def displayed(title: str, bundle: str) -> None:
    @threat(title)
    def displays(desk: Desk) -> None:
        show = "from IPython.display import publish_display_data\n"
        desk.hand_in(
            first=f"ALL = {ALL!r}\nSCRIPT = {SCRIPT!r}\n{show}publish_display_data({bundle})"
        )


displayed("scripts in HTML outputs", '{"text/html": ALL, "text/plain": ALL}')
displayed(
    "scripts in SVG outputs",
    '{"image/svg+xml": f\'<svg xmlns="http://www.w3.org/2000/svg"><script>{SCRIPT}</script></svg>\'}',
)
displayed("scripts in JavaScript outputs", '{"application/javascript": SCRIPT}')
displayed("scripts in markdown outputs", '{"text/markdown": ALL}')
displayed("scripts in images that are none", '{"image/png": ALL, "image/jpeg": ALL}')
displayed(
    "scripts in widget outputs",
    '{"application/vnd.jupyter.widget-view+json": {"model_id": ALL, "version_major": 2},'
    ' "text/plain": ALL}',
)


@threat("scripts in the code, in prints and in errors", WITHOUT_DOUBLE)
def in_errors(desk: Desk) -> None:
    desk.hand_in(
        first=f"# {ALL!r}\nprint({ALL!r})\nraise ValueError({ALL!r})",
        double=f"def double(x):\n    raise ValueError({ALL!r})",
    )


ESCAPE = "\\x1b[2J\\x1b]0;ran\\x07\\x1b]8;;http://evil.invalid\\x07\\x9b31m\\r\\x08\\u202eran"


@threat("terminal escapes in messages", WITHOUT_DOUBLE)
def escapes(desk: Desk) -> None:
    desk.hand_in(
        first=f'print("{ESCAPE}")\nraise ValueError("{ESCAPE}")',
        double=f'class Error(Exception):\n    pass\n\n\nError.__name__ = "{ESCAPE}"\n\n\n'
        f'def double(x):\n    raise Error("{ESCAPE}")',
    )


@threat("terminal escapes in a file's name", says="the file was named")
def escapes_in_a_name(desk: Desk) -> None:
    desk.write(desk.notebook(), "\x1b[2Jhomework\x1b]0;ran\x07.ipynb")


@threat("a notebook of 5,000 cells more", 0.0, Status.FAILED, "more than 5000 cells")
def too_many_cells(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"] += [code("pass")] * 5000
    desk.write(notebook)
