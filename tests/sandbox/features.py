"""What people do in a notebook: the table of features in which a warm kernel must be as any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conversation import Ask, cell


@dataclass(frozen=True)
class Feature:
    """
    steps    run one after the other in one kernel
    differs  the reason, where a warm kernel is meant to answer otherwise
    terse    whether the grader's kernel must answer the same
    last     whether the kernels are given up afterwards: they have ended, or answer otherwise from now on
    """

    name: str
    steps: tuple[Ask, ...]
    differs: str = ""
    terse: bool = True
    last: bool = False


def feature(name: str, *steps: str | Ask, **how: Any) -> Feature:
    return Feature(name, tuple(cell(s) if isinstance(s, str) else s for s in steps), **how)


def complete(code: str) -> Ask:
    return Ask("complete_request", {"code": code, "cursor_pos": len(code)})


def inspect(code: str, level: int = 0) -> Ask:
    return Ask("inspect_request", {"code": code, "cursor_pos": len(code), "detail_level": level})


def is_complete(code: str) -> Ask:
    return Ask("is_complete_request", {"code": code})


def history(access: str, **how: object) -> Ask:
    content = {"output": False, "raw": True, "hist_access_type": access, **how}
    return Ask("history_request", content)


IMPORTS = "import asyncio, time, sys, os, threading, warnings, logging"

ASYNC = (
    feature("await", IMPORTS + "\nawait asyncio.sleep(0.01)\nprint('slept')\n'value'"),
    feature("await a value", IMPORTS, "async def f(): return 7", "await f()", "_ + 1"),
    feature(
        "async for",
        "async def g():\n    for i in range(3): yield i",
        "async for i in g(): print(i)",
        "[i async for i in g()]",
    ),
    feature(
        "async with",
        "class A:\n    async def __aenter__(self): return 5\n    async def __aexit__(self, *_): print('left')",
        "async with A() as a:\n    print(a)",
    ),
    feature("await raises", "async def bad(): raise ValueError('no')", "await bad()", "1"),
    feature("await what is no awaitable", "await 3"),
    feature(
        "a coroutine that nobody awaits",
        "async def never(): pass",
        "coroutine = never(); coroutine.close()",
    ),
    feature(
        "a task across cells",
        IMPORTS,
        "async def later():\n    await asyncio.sleep(0.05)\n    print('later')\n    return 3\ntask = asyncio.create_task(later())",
        "await task",
        "task.done(), task.result()",
    ),
    feature(
        "a task that runs between cells",
        IMPORTS,
        "ran = []\nasync def later():\n    await asyncio.sleep(0.01)\n    ran.append(1)\ntask = asyncio.create_task(later()); None",
        "await asyncio.sleep(0.2); ran",
    ),
    feature(
        "gather", IMPORTS, "await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.sleep(0.01, 2))"
    ),
    feature("to_thread", IMPORTS, "await asyncio.to_thread(sum, [1, 2])"),
    feature(
        "an asyncio subprocess",
        IMPORTS,
        "p = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n(await p.communicate())[0]",
    ),
    feature(
        "asyncio.run is refused",
        IMPORTS,
        "x = asyncio.sleep(0)\ntry:\n    asyncio.run(x)\nfinally:\n    x.close()",
    ),
    feature(
        "the running loop",
        IMPORTS,
        "asyncio.get_running_loop().is_running()",
        "asyncio.get_event_loop().is_running()",
    ),
    feature("wait_for", IMPORTS, "await asyncio.wait_for(asyncio.sleep(5), 0.05)"),
    feature(
        "autoawait",
        "%autoawait",
        "%autoawait False",
        "await asyncio.sleep(0)",
        "%autoawait True",
        "await asyncio.sleep(0)",
    ),
    feature("%gui asyncio", "%gui asyncio", "import asyncio; await asyncio.sleep(0.01); 1", "2"),
    feature("an unknown %gui", "%gui nothing"),
    feature(
        "a cell that is sent while another awaits",
        IMPORTS,
        cell("await asyncio.sleep(0.2); order = ['first']", at_once=True),
        "order.append('second'); order",
    ),
    feature(
        "interrupt",
        IMPORTS,
        cell("print('go', flush=True)\ntime.sleep(30)", interrupt=True),
        "'alive'",
    ),
    feature(
        "interrupt an await",
        IMPORTS,
        cell("print('go', flush=True)\nawait asyncio.sleep(30)", interrupt=True),
        "'alive'",
    ),
    feature(
        "context variables",
        "import contextvars\nv = contextvars.ContextVar('v', default=0)\nv.set(3); None",
        "v.get()",
    ),
    feature(
        "context variables and await",
        IMPORTS + ", contextvars",
        "w = contextvars.ContextVar('w', default=0)",
        "w.set(4); await asyncio.sleep(0); w.get()",
        "w.get()",
    ),
)

MAGICS = (
    feature("%time", "%time sum(range(10))", "%time x = 3", "x"),
    feature("%%time", "%%time\ny = 4\ny"),
    feature("%%time with await", "%%time\nimport asyncio\nawait asyncio.sleep(0.01)\n5"),
    feature("%timeit", "%timeit -n 2 -r 2 pass", "t = %timeit -o -q -n 1 -r 1 pass", "t.loops"),
    feature("%%timeit", "%%timeit -n 2 -r 1 z = 3\nz + 1"),
    feature("%prun", "%prun -q sum(range(10))"),
    feature(
        "%%capture",
        "%%capture got\nprint('out')\nimport sys; print('err', file=sys.stderr)\ndisplay(1)\n2",
        "got.stdout, got.stderr, len(got.outputs)",
        "got()",
        "got.show()",
    ),
    feature(
        "%%writefile",
        "%%writefile made.txt\nline\n",
        "open('made.txt').read()",
        "%%writefile -a made.txt\nmore\n",
        "%cat made.txt",
        "%pycat made.txt",
        "!rm made.txt",
    ),
    feature(
        "%%bash",
        "%%bash\necho out\necho err >&2",
        "%%sh\nexit 3",
        "%%bash --out o --err e\necho x",
        "o, e",
    ),
    feature("%%script", "%%script cat\ntext", "%%python3\nprint(1 + 1)", "%%perl -e 1\n"),
    feature(
        "%run",
        "%%writefile script.py\nprint('in script', __name__)\nfrom_script = 5",
        "%run script.py",
        "from_script",
        "%run -i script.py",
        "%run missing.py",
        "!rm script.py",
    ),
    feature("%load", "%%writefile loaded.py\nq = 1", "%load loaded.py", "!rm loaded.py"),
    feature(
        "%load_ext autoreload",
        "%load_ext autoreload",
        "%autoreload 2",
        "%%writefile amod.py\nv = 1",
        "import amod; amod.v",
        "import time; time.sleep(1.1)\nopen('amod.py', 'w').write('v = 22'); None",
        "amod.v",
        "%autoreload off",
        "!rm amod.py",
    ),
    feature(
        "%load_ext of nothing", "%load_ext nothing_of_this_name", "%unload_ext nothing_of_this_name"
    ),
    feature(
        "%reload_ext",
        "%load_ext storemagic",
        "%reload_ext storemagic",
        "kept = 5",
        "%store kept",
        "%store",
        "%store -d kept",
    ),
    feature(
        "%matplotlib inline",
        "%matplotlib inline",
        "import matplotlib; matplotlib.get_backend()",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "plt.plot([2]); plt.show()",
        "f, a = plt.subplots(); f",
        "plt.close('all')",
    ),
    feature("%matplotlib widget", "%matplotlib widget", "%matplotlib inline"),
    feature("%matplotlib --list", "%matplotlib --list"),
    feature(
        "%config, listed",
        "%config",
        differs="the application is a subclass of IPKernelApp, with another name",
    ),
    feature(
        "%config",
        "%config InlineBackend",
        "%config InlineBackend.figure_format = 'svg'",
        "import matplotlib.pyplot as plt; plt.figure(figsize=(1, 1)).number",
        "%config InlineBackend.figure_format = 'png'",
        "%config InlineBackend.figure_format",
    ),
    feature(
        "%config InteractiveShell",
        "%config InteractiveShell.ast_node_interactivity = 'all'",
        "1\n2",
        "%config InteractiveShell.ast_node_interactivity = 'last_expr'",
        "1\n2",
    ),
    feature(
        "retina",
        "%config InlineBackend.figure_formats = {'retina'}",
        "import matplotlib.pyplot as plt; plt.plot([1]); plt.show()",
        "%config InlineBackend.figure_formats = {'png'}",
    ),
    feature(
        "%env",
        "%env AUTOGRADER_X=1",
        "%env AUTOGRADER_X",
        "import os; os.environ['AUTOGRADER_X']",
        "%set_env AUTOGRADER_X 2",
        "!echo $AUTOGRADER_X",
    ),
    feature("%who", "%reset -f", "a, bb = 1, 'x'", "%who", "%whos", "%who_ls", "%who int"),
    feature("%reset", "gone = 1", "%reset -f", "gone", "%reset -f in out", "In", "Out"),
    feature("%reset asks", "%reset"),
    feature("%reset_selective", "keep, drop1 = 1, 2", "%reset_selective -f drop", "keep", "drop1"),
    feature("%xdel", "x9 = [1]", "%xdel x9", "x9"),
    feature("%pdb", "%pdb", "%pdb off", "1/0"),
    feature("%debug", "%debug", "1/0", "%debug"),
    feature("%pdb on", "%pdb on", "1/0", "%pdb off"),
    feature(
        "%xmode",
        "%xmode Plain",
        "1/0",
        "%xmode Verbose",
        "def f(n): return n / 0",
        "f(3)",
        "%xmode Minimal",
        "f(3)",
        "%xmode Context",
    ),
    feature("%tb", "def f(n): return n / 0", "f(1)", "%tb", "%tb Plain"),
    feature(
        "%pwd and %cd",
        "%pwd",
        "%mkdir sub",
        "%cd sub",
        "%cd -",
        "[str(place)[-4:] for place in _dh]",
        "%pushd sub",
        "%popd",
        "%dirs",
        "%rmdir sub",
    ),
    feature("%bookmark", "%bookmark -l"),
    feature("%ls", "%ls", "%%writefile f.txt\n1", "%ls", "!ls -F", "!rm f.txt"),
    feature(
        "%man",
        "%man ls",
        differs="a kernel sees no configuration of this machine, such as that of man",
    ),
    feature("%lsmagic", "%lsmagic"),
    feature("%magic", "%magic -brief", "%quickref"),
    feature(
        "%alias",
        "%alias hello echo hi %s",
        "%hello you",
        "%unalias hello",
        "%alias_magic tt timeit",
    ),
    feature("%rehashx", "%rehashx", last=True),
    feature("%macro", "mm = 5", "%macro -q mac 1", "%%html\n<b>x</b>"),
    feature("%pprint", "%pprint", "list(range(40))", "%pprint", "list(range(40))"),
    feature("%precision", "import math", "%precision 3", "math.pi", "%precision"),
    feature(
        "%pinfo",
        "def f(x):\n    'a doc'\n    return x",
        "%pinfo f",
        "%pdoc f",
        "%pdef f",
        "%psource f",
        "%pinfo2 f",
        "%pfile f",
    ),
    feature("%psearch", "abcxyz = 1", "%psearch abcx*", "abcx*?"),
    feature("%sc and %sx", "%sx echo a", "!!echo b"),
    feature("%system", "%system echo a"),
    feature("%save", "1 + 1", "%save -f -r saved.py 1", "!rm -f saved.py"),
    feature(
        "%notebook",
        "%reset -f in out",
        "%notebook made.ipynb",
        "import os; os.path.exists('made.ipynb')",
        "!rm -f made.ipynb",
    ),
    feature("%logstart", "%logstart made.log", "1", "%logstop", "!rm -f made.log"),
    feature("%colors", "%colors NoColor", "1/0", "%colors Linux", "1/0"),
    feature("%automagic", "%automagic", "%automagic"),
    feature("%autocall", "%autocall 1", "len [1]", "%autocall 0"),
    feature("%doctest_mode", "%doctest_mode", "%doctest_mode"),
    feature("%killbgscripts", "%killbgscripts", "%%script bash --bg\necho x"),
    feature(
        "%connect_info",
        "%connect_info",
        differs="the address is another one, and nobody is told the key's file",
    ),
    feature("%qtconsole", "%autosave 60", "%autosave 0"),
    feature("%subshell", "%subshell", terse=False),
    feature("%code_wrap", "%code_wrap --list"),
    feature(
        "%clear and %less",
        "%clear",
        "%%writefile l.txt\nline",
        "%less l.txt",
        "%more l.txt",
        "!rm l.txt",
    ),
    feature("%recall", "1 + 1", "%recall 1", "%rerun 1"),
    feature("%page", "long = 'x\\n' * 5", "%page long"),
    feature("%conda and %pip", "%pip --version", "%conda --version"),
    feature("an unknown magic", "%nothing_like_it", "%%nothing_like_it\nx"),
    feature("magic in a function", "def m():\n    x = %pwd\n    return bool(x)", "m()"),
    feature(
        "a magic of one's own",
        "from IPython.core.magic import register_line_magic, register_cell_magic\n@register_line_magic\ndef mine(line): return line[::-1]",
        "%mine abc",
        "@register_cell_magic\ndef yours(line, cell): return line, cell",
        "%%yours a\nb",
    ),
    feature(
        "%%javascript and the like",
        "%%javascript\nalert(1)",
        "%%js\n1",
        "%%html\n<b>x</b>",
        "%%HTML\n<i>",
        "%%latex\n$x$",
        "%%markdown\n# x",
        "%%svg\n<svg></svg>",
        "%%SVG\n<svg></svg>",
    ),
    feature("%%cython is not there", "%%cython\nx"),
)

SHELL = (
    feature(
        "!ls",
        "!echo hi",
        "!echo err >&2",
        "files = !echo a; echo b",
        "files, files.n, files.s",
        "!exit 3",
        "_exit_code",
    ),
    feature(
        "! with variables", "v = 'x y'", "!echo $v {v} {1 + 1} $$HOME", "!nothing_of_this_name"
    ),
    feature("!cd is another process", "!cd /", "%pwd"),
    feature(
        "a file in another cell",
        "open('data.bin', 'wb').write(b'1'); None",
        "import os; os.path.getsize('data.bin')",
        "!rm data.bin",
    ),
    feature(
        "help",
        "print?",
        "len?",
        "def f(x):\n    'doc'",
        "f?",
        "f??",
        "?f",
        "nothing_there?",
        "import torch",
        "torch.nn.Linear?",
    ),
    feature(
        "subprocess",
        "import os, subprocess, sys, time",
        "p = subprocess.run(['echo', 'hi']); time.sleep(0.3)",
        "subprocess.check_output(['echo', 'hi'], text=True)",
        "subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True, text=True).stdout",
        "n = os.system('echo sys'); time.sleep(0.3)",
    ),
    feature(
        "a process that writes later",
        "import subprocess, time; p = subprocess.Popen('sleep 0.1; echo late', shell=True)",
        "p.wait(); time.sleep(0.3)",
    ),
    feature(
        "fork",
        "import os, sys\npid = os.fork()\nif pid == 0:\n    os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    ),
    feature(
        "multiprocessing fork",
        "import multiprocessing as mp\ndef double(x): return 2 * x\nwith mp.get_context('fork').Pool(2) as pool: print(pool.map(double, [1, 2]))",
    ),
    feature(
        "multiprocessing prints",
        "import multiprocessing as mp\np = mp.get_context('fork').Process(target=print, args=('from a process',)); p.start(); p.join(); p.exitcode",
        "import time; time.sleep(0.3)",
    ),
    feature(
        "multiprocessing spawn",
        "import multiprocessing as mp, operator, math\nwith mp.get_context('spawn').Pool(1) as pool: print(pool.map(math.sqrt, [4.0]))",
    ),
    feature(
        "multiprocessing spawn of a cell's function",
        "%%writefile work.py\ndef double(x): return 2 * x",
        "import multiprocessing as mp, work\nwith mp.get_context('spawn').Pool(1) as pool: print(pool.map(work.double, [4]))",
        "!rm work.py",
    ),
    feature(
        "a process pool",
        "from concurrent.futures import ProcessPoolExecutor\nimport math, multiprocessing\nwith ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('fork')) as pool: print(list(pool.map(math.sqrt, [1.0, 4.0])))",
    ),
    feature(
        "data loader workers",
        "import torch\nfrom torch.utils.data import DataLoader\nprint([x.tolist() for x in DataLoader(torch.arange(4), batch_size=2, num_workers=1)])",
    ),
    feature(
        "shared memory",
        "from multiprocessing import shared_memory\ns = shared_memory.SharedMemory(create=True, size=8); s.buf[0] = 7; v = s.buf[0]; s.close(); s.unlink(); v",
    ),
    feature(
        "ctypes",
        "import ctypes; ctypes.CDLL(None).abs(-3)",
        "import time; ctypes.CDLL(None).printf(b'from C\\n'); ctypes.CDLL(None).fflush(None); time.sleep(0.3)",
    ),
    feature(
        "below Python",
        "import os, time; os.write(1, b'one\\n'); time.sleep(0.3)",
        "os.write(2, b'two\\n'); time.sleep(0.3)",
    ),
    feature(
        "a temporary file",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f: f.write('x'); f.seek(0); print(f.read())",
    ),
    feature(
        "the home folder",
        "import pathlib; p = pathlib.Path.home() / 'x.txt'; p.write_text('1'); r = p.read_text(); p.unlink(); r",
    ),
    feature(
        "__main__",
        "__name__",
        "import __main__; __main__.__dict__ is globals()",
        "'__file__' in globals()",
        "import sys; len(sys.path[0]) > 0",
    ),
    feature(
        "sys.argv", "import sys; sys.argv[1:]", differs="there is no connection file to be named"
    ),
    feature(
        "pickle", "class P: pass", "import pickle; type(pickle.loads(pickle.dumps(P()))).__name__"
    ),
    feature(
        "inspect.getsource", "def src(): return 1", "import inspect; print(inspect.getsource(src))"
    ),
    feature(
        "dataclasses and typing",
        "from dataclasses import dataclass\n@dataclass\nclass D: x: int = 1",
        "D()",
    ),
    feature(
        "from __future__",
        "from __future__ import annotations\ndef f(x: Nothing): pass",
        "f.__annotations__",
    ),
    feature(
        "sys.path",
        "import sys; sys.path.index('') == min(i for i, p in enumerate(sys.path) if 'site-packages' in p) - 1",
        "%%writefile beside.py\nv = 3",
        "import beside; beside.v",
        "!rm beside.py",
    ),
)

SHOWN = (
    feature("a value", "1", "None", "'text'", "1;", "1; 2", "x = 3", "[1, 2]", "...", "print"),
    feature("_, __, ___", "11", "22", "33", "_, __, ___", "_1 if '_1' in globals() else None"),
    feature(
        "In and Out",
        "%reset -f in out",
        "5",
        "sorted(Out)[-1:] != []",
        "In[-1]",
        "_i",
        "_ii",
        "_iii",
        "_oh is Out, _ih is In",
    ),
    feature(
        "display",
        "display(1, 'a')",
        "display({'text/plain': 'x', 'text/html': '<b>'}, raw=True)",
        "display()",
        "d = display(1, display_id=True)",
    ),
    feature(
        "display ids",
        "h = display('old', display_id='the-id')",
        "h.update('new')",
        "from IPython.display import update_display; update_display('newer', display_id='the-id')",
        "display('again', display_id='the-id'); None",
    ),
    feature(
        "clear_output",
        "from IPython.display import clear_output\nprint(1); clear_output(); print(2)",
        "print(1); clear_output(wait=True); print(2)",
    ),
    feature(
        "rich display",
        "from IPython.display import *",
        "HTML('<b>')",
        "Markdown('# x')",
        "Latex('$x$')",
        "Math('x')",
        "JSON({'a': 1})",
        "Javascript('1')",
        "SVG('<svg></svg>')",
        "Pretty('x')",
        "Code('x = 1')",
        "GeoJSON({})",
        "ProgressBar(3)",
        "FileLink('x')",
        "YouTubeVideo('abc')",
        "VimeoVideo('1')",
        "ScribdDocument('1')",
    ),
    feature(
        "IFrame", "from IPython.display import IFrame", "IFrame('https://example.org', 10, 10)"
    ),
    feature(
        "Image",
        "import base64\nfrom IPython.display import Image\npng = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')",
        "Image(png)",
        "Image(png, width=5)",
        "Image(url='https://example.org/x.png')",
        "Image('missing.png')",
    ),
    feature(
        "Audio",
        "from IPython.display import Audio\nimport numpy as np",
        "Audio(np.zeros(10), rate=8000)",
        "Video('missing.mp4')",
    ),
    feature("PIL", "from PIL import Image as I", "I.new('RGB', (1, 1))"),
    feature(
        "reprs of one's own",
        "class R:\n    def __init__(self): self.x = 1\n    def _repr_html_(self): return '<b>'\n    def _repr_png_(self): return b'1'\n    def __repr__(self): return 'R'",
        "R()",
        "class M:\n    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/html': 'm', 'text/plain': 'p'}",
        "M()",
        "class T:\n    def _repr_html_(self): return '<table><tr><td>1</td></tr></table>'\n    def __repr__(self): return '   a\\n0  1'",
        "T()",
        "class B:\n    def _repr_html_(self): raise ValueError('bad')\n    def __repr__(self): return 'B'",
        "B()",
        "class C:\n    def __repr__(self): raise ValueError('worse')",
        "C()",
        "class I:\n    def _ipython_display_(self): print('mine')",
        "I()",
    ),
    feature(
        "pretty",
        "class Q:\n    def _repr_pretty_(self, p, cycle): p.text('pretty')",
        "Q()",
        "[Q()]",
        "{i: i for i in range(60)}",
        "x = []; x.append(x); x",
    ),
    feature(
        "formatters",
        "f = get_ipython().display_formatter.formatters['text/html']\nclass K: pass\nf.for_type(K, lambda k: '<k>')",
        "K()",
    ),
    feature(
        "arrays and tensors",
        "import numpy as np, torch",
        "np.arange(3)",
        "torch.ones(2)",
        "torch.nn.Linear(2, 1)",
        "np.float64(1.5)",
        "np.zeros((100, 100))",
        "torch.zeros(2, 2, requires_grad=True)",
    ),
    feature(
        "plots",
        "import matplotlib.pyplot as plt",
        "plt.plot([1, 2])",
        "plt.plot([1]); plt.title('t'); plt.show(); print('after')",
        "fig = plt.figure()\nfig.add_subplot()\nfig",
        "plt.hist([1, 2, 2]);",
        "plt.imshow([[1]]); plt.colorbar();",
        "plt.gcf().number",
        "plt.savefig('p.png'); plt.close('all')",
        "import os; os.path.getsize('p.png') > 0",
        "os.remove('p.png')",
    ),
    feature(
        "rcParams",
        "import matplotlib as mpl",
        "mpl.rcParams['figure.dpi'], mpl.rcParams['figure.figsize'], mpl.rcParams['savefig.dpi'], mpl.rcParams['backend'], mpl.is_interactive()",
        "import matplotlib.pyplot as plt; plt.rcParams['figure.figsize'] = (2, 2)",
        "plt.plot([1]); plt.show()",
        "mpl.rcdefaults()",
        "mpl.get_backend()",
    ),
    feature(
        "an animation",
        "import matplotlib.pyplot as plt\nfrom matplotlib.animation import FuncAnimation\nfig, ax = plt.subplots(figsize=(1, 1)); line, = ax.plot([])\nani = FuncAnimation(fig, lambda i: [line], frames=2)\nplt.close(fig)",
        "len(ani.to_jshtml()) > 100",
    ),
    feature(
        "interactive backends",
        "import matplotlib.pyplot as plt\nplt.ion(); plt.figure(figsize=(1, 1)); plt.plot([1]); plt.draw(); plt.pause(0.01)",
        "plt.close('all'); plt.ioff(); None",
    ),
    feature(
        "a figure in a loop",
        "import matplotlib.pyplot as plt\nfrom IPython.display import clear_output, display\nfor i in range(2):\n    fig = plt.figure(figsize=(1, 1)); display(fig); clear_output(wait=True); plt.close(fig)",
    ),
    feature(
        "agg",
        "%matplotlib agg",
        "import matplotlib; matplotlib.get_backend()",
        "import matplotlib.pyplot as plt; plt.plot([1]); plt.show()",
        "%matplotlib inline",
    ),
    feature(
        "figures of object style",
        "from matplotlib.figure import Figure\nf = Figure(figsize=(1, 1)); f.add_subplot().plot([1]); f",
    ),
    feature(
        "tqdm",
        "from tqdm import tqdm\nimport sys\nfor i in tqdm(range(3), file=sys.stdout, mininterval=100): pass",
        "from tqdm import trange\nlist(trange(2, disable=True))",
    ),
    feature(
        "tqdm.auto",
        "from tqdm.auto import tqdm as t\nfor i in t(range(3), mininterval=100): pass",
        "type(t(range(1), disable=True)).__module__",
    ),
    feature(
        "tqdm.notebook",
        "from tqdm.notebook import tqdm as n, trange\nfor i in n(range(2), mininterval=100): pass",
        "for i in trange(1, desc='d'): pass",
    ),
    feature(
        "streams",
        "import sys\nprint('a', end=''); print('b', flush=True); sys.stdout.write('c\\n'); sys.stderr.write('d\\n')",
        "print('x', file=sys.stderr)",
        "sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.fileno() > 0",
        "print('\\r50%\\r100%')",
        "print('ünï ☃')",
        "sys.__stdout__.write('below\\n'); sys.__stdout__.flush(); import time; time.sleep(0.3)",
        "type(sys.stdout).__mro__[-2].__name__",
        "sys.stdout.writelines(['1', '2'])",
        "sys.stdout.name, sys.stdout.errors, sys.stdout.writable()",
    ),
    feature(
        "redirected",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as f: print('x')\nf.getvalue()",
        "with contextlib.redirect_stderr(io.StringIO()) as f:\n    import sys; print('y', file=sys.stderr)\nf.getvalue()",
        "from IPython.utils.capture import capture_output\nwith capture_output() as c: print(1); display(2)\nc.stdout, len(c.outputs)",
    ),
)

WIDGETS = (
    feature(
        "a widget",
        "import ipywidgets as w",
        "s = w.IntSlider(3)\ns",
        "s.value = 4; s.value",
        "w.HBox([w.Button(description='b'), w.Text('t')])",
    ),
    feature(
        "an Output widget",
        "import ipywidgets as w\no = w.Output()\no",
        "with o: print('in it'); display(3)",
        "@o.capture()\ndef f(): print('captured')\nf()",
        "o.clear_output()",
        "o.outputs",
        "with o: 1/0",
    ),
    feature(
        "interact",
        "import ipywidgets as w\n@w.interact(x=(0, 3))\ndef f(x): print(x)",
        "w.interactive(lambda x: x, x=2).kwargs_widgets[0].value",
        "w.fixed(3).value",
    ),
    feature(
        "widgets observe",
        "import ipywidgets as w\nb = w.Button()\nb.on_click(lambda _: print('clicked'))\nb.click()",
        "s = w.IntSlider(); s.observe(lambda c: print(c.new), 'value'); s.value = 3",
        "w.Widget.close_all()",
    ),
    feature("an Image widget", "import ipywidgets as w\nw.Image(value=b'x', format='png').format"),
    feature(
        "links",
        "import ipywidgets as w, traitlets\na, b = w.IntText(1), w.IntText(2); l = traitlets.link((a, 'value'), (b, 'value')); a.value = 7; b.value",
    ),
    feature(
        "comms",
        "from comm import create_comm, get_comm_manager\nc = create_comm(target_name='t', data={'a': 1}, comm_id='c' * 32)",
        "c.send({'b': 2}, metadata={'m': 1}, buffers=[b'x'])",
        "c.close({'end': 1})",
        "type(get_comm_manager()).__name__",
    ),
    feature(
        "a comm from the other side",
        "got = []\ndef opened(c, m):\n    got.append(m['content']['data'])\n    c.on_msg(lambda m: (got.append(m['content']['data']), c.send('back'), print('heard')))\nget_ipython().kernel.comm_manager.register_target('there', opened)",
        Ask("comm_info_request", {"target_name": "there"}),
    ),
    feature(
        "ipykernel.comm",
        "from ipykernel.comm import Comm\nx = Comm(target_name='u', comm_id='d' * 32); x.close()",
    ),
)

REQUESTS = (
    feature("kernel_info", Ask("kernel_info_request", {}), differs="there is no debugger"),
    feature(
        "completion",
        "import math",
        complete("math.isc"),
        complete("%tim"),
        complete("pri"),
        complete("import nump"),
        complete("nothing_th"),
    ),
    feature(
        "completion of one's own",
        "d = {'key one': 1}\nclass O:\n    attribute = 1\no = O()",
        complete("o.att"),
        complete("d['ke"),
        complete("o."),
    ),
    feature(
        "inspection",
        "def f(x):\n    'doc'\n    return x",
        inspect("f"),
        inspect("f", 1),
        inspect("nothing_here"),
        inspect("len"),
        inspect("f("),
    ),
    feature(
        "is_complete",
        is_complete("x = 1"),
        is_complete("def f():"),
        is_complete("x = ("),
        is_complete("x = )"),
        is_complete("%%time\n"),
        is_complete(""),
    ),
    feature(
        "history",
        "first_line = 1",
        history("tail", n=2),
        history("range", session=0, start=1, stop=2),
        history("search", pattern="first*", n=5),
        history("tail", n=1, output=True),
    ),
    feature(
        "%history",
        "%reset -f in out",
        "marker = 5",
        "marker",
        "%history -n -l 2",
        "%history -t -l 2",
        "%history -o -l 3",
        "%history -g mark*er = 5",
        "%recall",
        "%rep",
        "%hist -p -l 1",
    ),
    feature(
        "the history manager",
        "h = get_ipython().history_manager",
        "h.enabled",
        "h.input_hist_raw[-1]",
        "h.output_hist_reprs == {} or True",
        "[x[2] for x in h.get_tail(1)]",
        "list(h.get_range(0, -1))[-1][2]",
    ),
    feature("comm_info", Ask("comm_info_request", {})),
    feature("connect", Ask("connect_request", {}), differs="the ports are others"),
    feature("usage", Ask("usage_request", {}, channel="control"), differs="figures"),
    feature("silent", cell("5", content={"silent": True}), "6"),
    feature("not stored", cell("'unstored'", content={"store_history": False}), "In[-1]"),
    feature(
        "user expressions",
        cell("u = 5", content={"user_expressions": {"a": "u + 1", "b": "nope", "c": "print"}}),
    ),
    feature(
        "the kernel object",
        "k = get_ipython().kernel",
        "type(k).__mro__[-8].__name__ and k.execution_count == get_ipython().execution_count - 0",
        "k.shell is get_ipython()",
        "k.implementation, k.language_info['name']",
        "k.shell.kernel is k",
    ),
)

ERRORS = (
    feature(
        "tracebacks",
        "1/0",
        "def f(): raise KeyError('k')",
        "f()",
        "try:\n    1/0\nexcept Exception as e:\n    raise ValueError('second') from e",
        "try:\n    1/0\nexcept Exception:\n    raise ValueError('during')",
        "raise ValueError",
        "raise ExceptionGroup('g', [ValueError(1), KeyError(2)])",
        "assert False, 'why'",
    ),
    feature("notes", "e = ValueError('x'); e.add_note('a note'); raise e"),
    feature(
        "errors of libraries",
        "import torch, numpy as np",
        "torch.ones(2) @ torch.ones(3)",
        "np.ones(2) @ np.ones(3)",
        "torch.nn.Linear(2, 1)(torch.ones(3))",
        "import nothing_of_this_name",
        "from math import nothing",
    ),
    feature(
        "an undefined name",
        "undefined_name",
        "x.y.z if 'x' in dir() else undefined.y",
        "math_.sqrt(2)",
    ),
    feature(
        "syntax errors",
        "def f(:",
        "x = = 1",
        "print 'x'",
        "for i in range(3)\n    pass",
        "if True:\nx",
        "x = (1",
        "'unclosed",
        "return 5",
        "yield 1",
        "break",
        "f(**, a)",
        "\tx = 1\n    y = 2",
        "nonlocal x",
        "é = 1\n$",
    ),
    feature("only comments", "# nothing", "", "   \n  ", "'''a docstring'''", "pass  # x"),
    feature(
        "a null byte and odd characters",
        "x = 'a\\x00b'",
        "print('\\x1b[31mred\\x1b[0m')",
        "print('\\x07\\x08')",
        "π = 3; π",
    ),
    feature(
        "sys.exit", "import sys; sys.exit(3)", "sys.exit('words')", "raise SystemExit", "'alive'"
    ),
    feature("exit", cell("exit", content={"user_expressions": {"a": "1"}}), last=True),
    feature("exit, called", "exit()", last=True),
    feature(
        "KeyboardInterrupt",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "class B(BaseException): pass\nraise B('own')",
        "raise StopIteration(3)",
    ),
    feature("input", "input('name? ')", "import getpass; getpass.getpass()"),
    feature(
        "input answered",
        cell("input('name? ')", typed=("Ada",)),
        cell("import getpass; getpass.getpass('pw ')", typed=("secret",)),
        terse=False,
    ),
    feature(
        "breakpoint",
        "breakpoint()",
        differs="there is no debugpy, which makes of it nothing where no debugger is",
    ),
    feature(
        "pdb",
        "import pdb; pdb.set_trace()",
        "pdb.run('1')",
        "from IPython.core.debugger import set_trace; set_trace()",
        "'alive'",
    ),
    feature(
        "pdb answered",
        cell(
            "def f():\n    x = 5\n    import pdb; pdb.set_trace()\n    return x\nf()",
            typed=("p x", "c"),
        ),
        terse=False,
    ),
    feature(
        "warnings",
        "import warnings",
        "warnings.warn('careful')",
        "warnings.warn('careful')",
        "warnings.simplefilter('error')",
        "warnings.warn('x')",
        "warnings.resetwarnings()",
        "warnings.warn('old', DeprecationWarning)",
        "warnings.warn('old', FutureWarning)",
        "warnings.showwarning.__name__",
        "with warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always'); warnings.warn('1')\nlen(w)",
    ),
    feature("warnings of the compiler", "'x' is 'x'", "'\\d'", "assert (1, 'x')"),
    feature(
        "warning filters",
        "import warnings\n[(f[0], f[2].__name__) for f in warnings.filters if f[3] == 0 and f[1] is None][:12]",
    ),
    feature(
        "deprecations",
        "import warnings\ndef f(): warnings.warn('in main', DeprecationWarning)\nf()",
    ),
    feature(
        "logging",
        "import logging",
        "logging.warning('root')",
        "logging.info('silent')",
        "logging.basicConfig(level=logging.INFO, force=True); logging.info('said')",
        "logging.getLogger('mine').error('mine')",
        "logging.getLogger().handlers[0].stream is not None",
        "try:\n    1/0\nexcept Exception:\n    logging.exception('it')",
        "logging.root.handlers.clear()",
    ),
    feature(
        "root logger",
        "import logging; logging.root.level, logging.getLevelName(logging.root.level), logging.getLogger('tornado').level",
    ),
    feature(
        "custom exceptions",
        "get_ipython().set_custom_exc((ValueError,), lambda s, t, v, tb, tb_offset=None: print('mine', v))",
        "raise ValueError('x')",
        "get_ipython().set_custom_exc((), None)",
    ),
    feature(
        "sys.excepthook",
        "import sys; sys.excepthook = lambda *a: print('hook')",
        "1/0",
        "sys.excepthook = sys.__excepthook__",
    ),
    feature(
        "faulthandler",
        "import faulthandler; faulthandler.is_enabled()",
        "faulthandler.enable(); faulthandler.disable(); None",
    ),
    feature(
        "a failed display", "class X:\n    def __repr__(self): 1/0", "X()", "[X()]", "print(X())"
    ),
    feature("recursion limit", "import sys; sys.getrecursionlimit()"),
    feature("a long traceback", "def deep(n): return deep(n - 1) if n else 1/0\ndeep(30)"),
    feature(
        "unraisable", "class U:\n    def __del__(self): raise ValueError('del')\nu = U(); del u"
    ),
)

SHELL_API = (
    feature(
        "run_cell",
        "r = get_ipython().run_cell('print(1)\\n2')",
        "r.success, r.result",
        "get_ipython().run_cell('1/0').success",
        "get_ipython().run_line_magic('pwd', '') != ''",
        "get_ipython().run_cell_magic('capture', 'g', 'print(1)')",
        "get_ipython().ex('z = 1'); z",
        "get_ipython().ev('z + 1')",
        "get_ipython().getoutput('echo a')",
        "get_ipython().system('echo b')",
    ),
    feature(
        "set_next_input",
        "get_ipython().set_next_input('next')",
        "get_ipython().set_next_input('replaced', replace=True)",
    ),
    feature(
        "push and user_ns",
        "get_ipython().push({'pushed': 3}); pushed",
        "get_ipython().user_ns is globals()",
        "get_ipython().drop_by_id({'pushed': 3}); 'x'",
    ),
    feature(
        "events",
        "def before(info): print('before', info.raw_cell[:5])\nget_ipython().events.register('pre_run_cell', before)",
        "1",
        "get_ipython().events.unregister('pre_run_cell', before)",
        "def after(result): print('after', result.success)\nget_ipython().events.register('post_run_cell', after)",
        "1/0",
        "get_ipython().events.unregister('post_run_cell', after)",
        "def pre(): print('pre')\nget_ipython().events.register('pre_execute', pre); get_ipython().events.register('post_execute', pre)",
        "1",
        "get_ipython().events.unregister('pre_execute', pre); get_ipython().events.unregister('post_execute', pre)",
    ),
    feature(
        "events and await",
        "def after2(result): print('after', result.success)\nget_ipython().events.register('post_run_cell', after2)",
        "import asyncio; await asyncio.sleep(0); 4",
        "get_ipython().events.unregister('post_run_cell', after2)",
    ),
    feature(
        "input transformers",
        "get_ipython().input_transformers_post.append(lambda lines: [l.replace('€', '1') for l in lines])",
        "€ + 1",
        "get_ipython().input_transformers_post.pop(); None",
    ),
    feature(
        "ast transformers",
        "import ast\nclass N(ast.NodeTransformer):\n    def visit_Constant(self, n): return ast.copy_location(ast.Constant(42), n) if n.value == 41 else n\nget_ipython().ast_transformers.append(N())",
        "41",
        "get_ipython().ast_transformers.clear()",
    ),
    feature(
        "extensions",
        "%%writefile ext.py\ndef load_ipython_extension(ip): print('loaded'); ip.push({'of_ext': 1})\ndef unload_ipython_extension(ip): print('unloaded')",
        "%load_ext ext",
        "of_ext",
        "%load_ext ext",
        "%unload_ext ext",
        "!rm ext.py",
    ),
    feature(
        "the instance",
        "from IPython import get_ipython as g\ng() is get_ipython()",
        "type(get_ipython()).__name__",
        "from ipykernel.zmqshell import ZMQInteractiveShell as Z; Z.initialized(), Z.instance() is get_ipython()",
        "from IPython.core.interactiveshell import InteractiveShell as S; S.instance() is get_ipython()",
        "from ipykernel.kernelapp import IPKernelApp as A; A.initialized(), A.instance().kernel is get_ipython().kernel, A.instance().shell is get_ipython()",
        "get_ipython().parent is get_ipython().kernel",
        "get_ipython().config == A.instance().config or True",
        "import IPython; IPython.version_info[0]",
    ),
    feature(
        "builtins",
        "import builtins\n[callable(getattr(builtins, n, None)) for n in ('display', 'get_ipython', 'exit', 'quit', 'input', 'open')]",
        "builtins.__IPYTHON__",
        "open.__module__, input.__name__",
        "exit, quit",
    ),
    feature(
        "names at the start",
        "%reset -f",
        "sorted(n for n in globals() if not n.startswith('_'))",
        "sorted(n for n in globals() if n.startswith('__'))",
    ),
    feature("atexit", "import atexit; atexit.register(print, 'bye') is print"),
    feature(
        "lazy things",
        "import IPython; IPython.paths.get_ipython_dir() != ''",
        "get_ipython().profile",
        "import os; os.path.isdir(get_ipython().profile_dir.location)",
    ),
    feature(
        "start-up state",
        "import torch, numpy as np, random, warnings, decimal",
        "torch.get_default_dtype(), torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(), torch.is_inference_mode_enabled(), torch.get_default_device()",
        "np.geterr(), np.get_printoptions()['precision']",
        "decimal.getcontext().prec",
        "torch.get_num_threads() >= 1",
        "import gc; gc.isenabled()",
        "torch._dynamo.config.suppress_errors if hasattr(torch, '_dynamo') else None",
        "torch.backends.cudnn.enabled, torch.cuda.is_available()",
        "torch.is_anomaly_enabled(), torch.is_autocast_enabled()",
    ),
    feature(
        "seeds",
        "import torch, numpy as np, random\ntorch.manual_seed(0); np.random.seed(0); random.seed(0)",
        "torch.rand(2).tolist(), np.random.rand(2).tolist(), random.random()",
        "np.random.default_rng(0).random()",
        "hash('x') == hash('x')",
    ),
    feature(
        "signals",
        "import signal; signal.getsignal(signal.SIGINT) is signal.default_int_handler",
        "signal.signal(signal.SIGALRM, lambda *_: print('rang')); signal.setitimer(signal.ITIMER_REAL, 0.05); import time; time.sleep(0.2)",
        "signal.getsignal(signal.SIGTERM)",
    ),
    feature(
        "environment",
        "import os; sorted(k for k in os.environ if k.startswith(('PAGER', 'TERM', 'CLICOLOR', 'GIT_PAGER', 'MPLBACKEND', 'FORCE_COLOR')))",
        "[os.environ.get(k) for k in ('PAGER', 'TERM', 'GIT_PAGER', 'MPLBACKEND', 'CLICOLOR')]",
    ),
    feature(
        "json and repr",
        "import json; json.dumps({'a': [1, None]})",
        "b'x'",
        "1e400",
        "float('nan')",
        "10 ** 30",
        "complex(1, 2)",
        "range(3)",
        "{1: {2: 3}}",
        "set()",
        "type",
        "lambda: 0",
        "object.__doc__",
    ),
    feature(
        "module reload",
        "%%writefile rel.py\nx = 1",
        "import rel, importlib; importlib.reload(rel).x",
        "!rm rel.py",
    ),
    feature("%%debug", "%%debug\nx = 1"),
    feature(
        "oinspect",
        "from IPython.core import oinspect, page; page.page('paged')",
        "import pydoc; pydoc.help.__class__.__name__",
        "help(len)",
    ),
    feature(
        "nest_asyncio",
        "import asyncio; loop = asyncio.get_event_loop(); loop.run_until_complete(asyncio.sleep(0))",
    ),
)

THREADS = (
    feature(
        "a thread prints",
        "import threading\nt = threading.Thread(target=print, args=('from a thread',)); t.start(); t.join()",
    ),
    feature(
        "a thread prints later",
        "import threading, time\ndef later():\n    time.sleep(0.2)\n    print('late')\nt = threading.Thread(target=later); t.start()",
        "t.join(); print('joined')",
        "time.sleep(0.1)",
    ),
    feature(
        "a thread displays",
        "import threading\nt = threading.Thread(target=display, args=(3,)); t.start(); t.join()",
    ),
    feature(
        "a thread fails",
        "import threading\nt = threading.Thread(target=lambda: 1/0, name='mine'); t.start(); t.join()",
    ),
    feature(
        "a timer",
        "import threading, time\nt = threading.Timer(0.05, print, ['tick']); t.start(); time.sleep(0.2)",
    ),
    feature(
        "a thread pool",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(3) as pool: print(list(pool.map(abs, [-1, -2])))",
    ),
    feature(
        "thread names",
        "import threading; threading.current_thread() is threading.main_thread()",
        "threading.current_thread().name",
    ),
    feature(
        "asyncio in a thread",
        "import asyncio, threading\nt = threading.Thread(target=lambda: print(asyncio.run(asyncio.sleep(0, 5)))); t.start(); t.join()",
    ),
    feature(
        "torch threads",
        "import torch; torch.ones(300, 300) @ torch.ones(300, 300) is not None",
        "torch.set_num_threads(2); torch.get_num_threads()",
        "torch.set_num_threads(1)",
    ),
    feature("thread locals", "import threading; l = threading.local(); l.x = 1", "l.x"),
    feature(
        "which threads",
        "import threading; sorted(t.name for t in threading.enumerate())",
        differs="no thread writes a history to a file",
    ),
    feature(
        "numba-like callbacks",
        "import ctypes\nf = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1); f(3)",
    ),
)

FEATURES = (*ASYNC, *MAGICS, *SHELL, *SHOWN, *WIDGETS, *REQUESTS, *ERRORS, *SHELL_API, *THREADS)
