"""IPython's shell, made in the warm parent: that takes 10 ms, an eighth of a kernel's start.

make(config)    the warm parent: nothing but the shell is left behind, as if there were none
take()          a kernel's process, before its application is initialized: that finds it, and makes
                no other
settle(app)     afterwards: it belongs to this kernel
"""

from __future__ import annotations

import builtins
import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.utils.path import get_home_dir

if TYPE_CHECKING:
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config


class Compiler(XCachingCompiler):
    """Tells `inspect` that the code of a cell is of `__main__`, which is what it finds at last.

    It would look through all modules for each line of a traceback: through thousands, a thousand
    times, where a student's function calls itself without end, which takes more than a minute.
    """

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        name = super().cache(transformed_code, number, raw_code)
        inspect.modulesbyfile[name] = "__main__"
        return name


_made: list[ZMQInteractiveShell] = []


def make(config: Config) -> None:
    """Make the shell that this process's forks will find."""
    environment, main = dict(os.environ), sys.modules["__main__"]
    _made.append(ZMQInteractiveShell(config=config, compiler_class=Compiler))
    sys.modules["__main__"] = main
    os.environ.clear()
    os.environ.update(environment)
    for name in ("__IPYTHON__", "display"):
        delattr(builtins, name)


def take() -> None:
    """Make it this process's one shell. Without one, IPython makes its own."""
    if not _made:
        return
    shell = _made[0]
    for kind in ZMQInteractiveShell._walk_mro():  # noqa: SLF001
        kind._instance = shell  # type: ignore[assignment]  # noqa: SLF001
    shell.init_environment()
    shell.save_sys_module_state()
    shell.init_sys_modules()
    shell.init_builtins()


def settle(app: IPKernelApp) -> None:
    """Tell it what it would have been told when it was made."""
    shell = app.shell
    assert shell is not None
    shell.parent = shell.kernel = app.kernel
    shell.ipython_dir, shell.profile_dir = app.ipython_dir, app.profile_dir
    shell.home_dir, shell.starting_dir = get_home_dir(), os.getcwd()
    shell.history_manager.dir_hist[:] = [Path.cwd()]
