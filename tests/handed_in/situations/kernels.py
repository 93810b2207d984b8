"""What honest code does in a kernel: asks it for things, meets what grading lacks, stops it."""

from __future__ import annotations

from situations.desk import Catalogue, Desk, code, find, place

catalogue = Catalogue()
case = catalogue.case
UNIT_04 = "04_module_dataloader"


def with_cell(desk: Desk, source: str, before: str = "train") -> None:
    """Hand in the solved notebook with a cell of the student's own."""
    notebook = desk.notebook()
    if before == "top":
        at = 1 + next(
            n for n, c in enumerate(notebook["cells"]) if "setup" in c["metadata"].get("tags", ())
        )
    else:
        at = place(notebook, before)
    notebook["cells"].insert(at, code(source))
    desk.write(notebook)


def with_line(desk: Desk, grade_id: str, line: str, before: str) -> None:
    """Hand in the solved notebook with a line put into an answer, above the last that holds `before`."""
    notebook = desk.notebook()
    cell = find(notebook, grade_id)
    lines = cell["source"].splitlines()
    at = max(n for n, text in enumerate(lines) if before in text)
    cell["source"] = "\n".join([*lines[:at], line, *lines[at:]])
    desk.write(notebook)


for name, source in {
    "await at top level": "import asyncio\nawait asyncio.sleep(0.01)",
    "async for at top level": (
        "import asyncio\nasync def ticks():\n    for n in range(3):\n        yield n\n"
        "async for tick in ticks():\n    print(tick)"
    ),
    "a task that goes on": (
        "import asyncio\nasync def later():\n    await asyncio.sleep(0.2)\n"
        "task = asyncio.create_task(later())"
    ),
    "asyncio.run where a loop runs": "import asyncio\nasync def nothing(): pass\nasyncio.run(nothing())",
    "a thread that prints": (
        "import threading\nthread = threading.Thread(target=print, args=('hello',))\n"
        "thread.start(); thread.join()"
    ),
    "a pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n    print(list(pool.map(abs, range(-4, 0))))"
    ),
    "a pool of processes": (
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(abs, range(-4, 0)))"
    ),
    "a shell command": "!echo hello\nfiles = !ls\nprint(len(files))",
    "a subprocess": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'])",
    "magics": "%time sum(range(10))\n%timeit -n 2 -r 2 sum(range(10))\n%who\n%matplotlib inline",
    "a cell magic": "%%time\nscribble = sum(range(10))",
    "captured output": "%%capture captured\nprint('hello')",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "a written and imported module": "%%writefile mine.py\nVALUE = 7",
    "a widget": (
        "import ipywidgets as widgets\nfrom IPython.display import display\n"
        "slider = widgets.IntSlider(3)\ndisplay(slider)\nslider.value = 5"
    ),
    "interact": "from ipywidgets import interact\ninteract(lambda n=3: n)",
    "a display that is updated": (
        "from IPython.display import display\nhandle = display('a', display_id=True)\n"
        "handle.update('b')"
    ),
    "cleared output": "from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)",
    "tqdm of the notebook": "from tqdm.notebook import tqdm\nfor _ in tqdm(range(3)): pass",
    "tqdm.auto": "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass",
    "history": "print(In[-1][:5], len(Out))\n_ih[-1]",
    "an error of its own": "1 / 0",
    "a syntax error of its own": "def (:\n    pass",
    "an undefined name": "print(never_defined)",
    "a plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "a question mark": "?sum",
    "help": "help(sum)",
    "warnings as errors": "import warnings\nwarnings.filterwarnings('error', category=FutureWarning)",
    "numpy's printing": "import numpy as np\nnp.set_printoptions(precision=2, suppress=True)",
    "a missing library": "import seaborn as sns",
    "an installation": "%pip install seaborn",
    "an installation by the shell": "!pip install seaborn",
    "Colab's drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "a file that is not there": "open('/content/data.csv')",
    "the network": "import urllib.request\nurllib.request.urlopen('https://example.com', timeout=3)",
    "a seed of its own": "import numpy as np\nnp.random.seed(0)",
    "logging": "import logging\nlogging.basicConfig(level=logging.INFO)\nlogging.info('x')",
    "IPython's own exception handler": "%xmode Verbose\n1 / 0",
    "HTML and mathematics": (
        "from IPython.display import HTML, Latex, Markdown, display\n"
        "display(HTML('<b>x</b>'), Latex('$x$'), Markdown('*x*'))"
    ),
    "much output": "for n in range(20_000):\n    print(n, 'x' * 40)",
    "a data frame": "import pandas as pd\npd.DataFrame({'a': [1]})",
    "an old name of numpy": "import numpy as np\nnp.float",
}.items():
    case(f"a cell of one's own: {name}", person=None)(
        lambda desk, source=source: with_cell(desk, source)
    )

for name, source in {
    "input()": "name = input('Your name? ')",
    "getpass": "import getpass\ngetpass.getpass()",
    "exit()": "exit()",
    "quit": "quit",
    "sys.exit()": "import sys\nsys.exit()",
    "os._exit": "import os\nos._exit(0)",
    "a breakpoint": "breakpoint()",
    "%debug": "%debug",
    "an endless loop": "while True:\n    pass",
    "an endless sleep": "import time\ntime.sleep(10_000)",
    "a segmentation fault": "import ctypes\nctypes.string_at(0)",
}.items():
    case(f"a cell of one's own stops: {name}", person=None)(
        lambda desk, source=source: with_cell(desk, source)
    )

for name, line, says in (
    ("breakpoint()", "    breakpoint()", "breakpoint()"),
    ("pdb.set_trace()", "    import pdb; pdb.set_trace()", "breakpoint()"),
    ("input()", "    name = input()", "input()"),
    ("a missing library", "    import seaborn", "seaborn"),
    ("a file of Colab's", "    open('/content/drive/x.csv')", "/content"),
):
    # no other test needs this answer: 3 points
    case(f"left in an answer: {name}", points=34, says=(says,))(
        lambda desk, line=line: with_line(desk, "half_mse", line, "return")
    )


@case("a library that grading lacks, in an answer", UNIT_04, points=None, says=("torchinfo",))
def missing_library(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "fit")
    cell["source"] = "from torchinfo import summary\n\n" + cell["source"]
    desk.write(notebook)


@case("a GPU in an answer", UNIT_04, points=None, says=("asks for a GPU",))
def gpu(desk: Desk) -> None:
    line = "    model = model.cuda(); X, y = X.cuda(), y.cuda()"
    with_line(desk, "fit", line, "model.train()")


@case("a GPU in an answer, by name", UNIT_04, points=None, says=("asks for a GPU",))
def gpu_by_name(desk: Desk) -> None:
    line = "    device = torch.device('cuda'); model = model.to(device)"
    with_line(desk, "fit", line, "model.train()")


@case("a GPU where there is one", UNIT_04)
def gpu_where_there(desk: Desk) -> None:
    line = "    device = 'cuda' if torch.cuda.is_available() else 'cpu'; model = model.to(device)"
    with_line(desk, "fit", line, "model.train()")


for name, source in {
    "float64 by default": "import torch\ntorch.set_default_dtype(torch.float64)",
    "threads": "import torch\ntorch.set_num_threads(2)",
    "a seed": "import torch\ntorch.manual_seed(7)",
    "determinism": "import torch\ntorch.use_deterministic_algorithms(True)",
    "printing": "import torch\ntorch.set_printoptions(precision=2)",
    "anomalies": "import torch\ntorch.autograd.set_detect_anomaly(True)",
    "a default device": "import torch\ntorch.set_default_device('cpu')",
}.items():
    case(f"torch set up by oneself: {name}", UNIT_04, person=None)(
        lambda desk, source=source: with_cell(desk, source, "top")
    )
