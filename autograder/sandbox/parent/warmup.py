"""What the warm parent imports: everything that notebooks use, and what that imports on first use."""

from __future__ import annotations

import contextlib
import gc
import importlib
import linecache
import os
import pkgutil
import sys
from collections.abc import Sequence

from autograder.sandbox.linux import large_pages as pages
from autograder.startup import without

_MODULES = (
    "numpy",
    "torch",
    "torch._dynamo",
    "torch.utils.data",
    "torchvision",
    "torchvision.datasets",
    "torchvision.transforms",
    "matplotlib.pyplot",
    "matplotlib_inline",
    "IPython.core.completer",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "numpy.testing",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.magics.ast_mod",
    "IPython.core.magics.pylab",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.module_paths",
    "IPython.utils.timing",
    "encodings.idna",
    "executing",
    "ipywidgets",
    "pexpect",
    "pure_eval",
    "pygments.formatters.html",
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "pygments.styles.default",
    "stack_data",
    "torch.utils.serialization.config",
    "tornado.platform.asyncio",
    "tornado.queues",
    "tqdm.notebook",
    "tqdm.auto",  # after ipykernel, or it would decide for a terminal
    "zmq.utils.garbage",
    "autograder.sandbox.jupyter.kernel",
)
_BACKEND = "matplotlib_inline.backend_inline"
_OURS = ("lessonkit", "autograder.exam")
_BELOW_A_CELL = (  # in the order of the stack; the last ones where torch is being seeded
    "autograder.sandbox.parent.supervisor",
    "autograder.sandbox.parent.child",
    "autograder.sandbox.jupyter.kernel",
    "ipykernel.kernelapp",
    "tornado.platform.asyncio",
    "asyncio.base_events",
    "asyncio.events",
    "ipykernel.kernelbase",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "IPython.core.interactiveshell",
    "IPython.core.async_helpers",
    "torch._compile",
    "torch._dynamo.eval_frame",
    "torch.random",
    "torch.cuda.random",
    "torch.mtia",
    "torch.xpu",
    "torch.xpu.random",
)


def warm(preload: Sequence[str] = (), everything: bool = True) -> list[str]:
    """Import what is there, and return what was not. Starts no thread and no parallel region."""
    if everything:
        return _everything() + _import(preload)
    return _import([*preload, "autograder.sandbox.parent.child"])


def _everything() -> list[str]:
    gc.disable()  # it would look through all that is imported, again and again
    with contextlib.suppress(ImportError):
        importlib.import_module("lessonkit.setup").mend_torchvision()
    with contextlib.suppress(ImportError), without("debugpy"):  # it would take 0.25 s of each start
        importlib.import_module("ipykernel.debugger")
    missing = _import([*_MODULES, *_OURS])
    for name in _OURS:
        missing += _import(_submodules(name))
    _use()
    _read_sources()
    gc.freeze()  # the collector leaves these objects, and so their shared pages, alone
    gc.enable()
    pages.enlarge()
    return missing


def threads() -> int:
    """How many threads this process has: a fork of more than one would lose the others."""
    return len(os.listdir("/proc/self/task"))


def _import(names: Sequence[str]) -> list[str]:
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # a package that is not installed, or broken: say which  # noqa: BLE001
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return missing


def _submodules(package: str) -> list[str]:
    path = getattr(sys.modules.get(package), "__path__", ())
    found = pkgutil.walk_packages(path, f"{package}.", onerror=lambda _: None)
    return [info.name for info in found if not info.name.endswith("__main__")]


def _use() -> None:
    """First uses that cost time: an optimiser's, a convolution's and a plot's."""
    with contextlib.suppress(ImportError):
        import torch

        weight = torch.nn.Parameter(torch.zeros(2, 2))
        weight.grad = torch.ones(2, 2)
        for optimizer in (torch.optim.SGD([weight], lr=0.1), torch.optim.Adam([weight], lr=0.1)):
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            torch.nn.functional.conv2d(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3))
            repr(torch.zeros(2))
    with contextlib.suppress(ImportError):
        import io

        import matplotlib.font_manager
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots()
        axes.plot([1, 2], label="$x^2$")
        axes.legend()
        figure.savefig(io.BytesIO())
        plt.close(figure)
        # A kernel's first figure is to import the backend for notebooks, which ties it to the shell.
        matplotlib.rcParams["backend"] = f"module://{_BACKEND}"
        plt._backend_mod = None  # noqa: SLF001
        sys.modules.pop(_BACKEND, None)
        # It is cleared at each fork, at the fork's cost.
        matplotlib.font_manager._get_font.cache_clear()  # type: ignore[attr-defined]  # noqa: SLF001
    with contextlib.suppress(ImportError):
        importlib.import_module("autograder.sandbox.jupyter.kernel").prepare()


def _read_sources() -> None:
    """Keep the source lines that a traceback shows. torch writes one down each time that it is seeded,
    which is what each notebook does first: to read these files then would take 10 ms."""
    for name in _BELOW_A_CELL:
        if name in sys.modules:
            linecache.getlines(sys.modules[name].__file__ or "")
