"""Warm, isolated processes and kernels.

    from autograder import sandbox

    with sandbox.kernel(limits=Limits(memory=1024)) as kernel:
        kernel.client.execute_interactive("import torch; torch.ones(2)")
        kernel.cause()  # None while it runs; then "memory limit", "exit(3)", …

    with sandbox.WarmParent() as parent:
        process = parent.spawn("package.module:function", {"plain": "data"}, fds=[sock.fileno()])
        process.wait(10), process.cause, process.usage

`function` is called with a `child.Child`. This package imports nothing until it is used: the warm
parent itself must stay small.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.jupyter.kernels import Kernel, kernel, start
    from autograder.sandbox.jupyter.kernelspec import install_kernelspec
    from autograder.sandbox.machine import capabilities, comforts
    from autograder.sandbox.parent.client import WarmParent
    from autograder.sandbox.parent.process import Process, SandboxError, Usage
    from autograder.sandbox.parent.shared import close_shared, shared_parent

_WHERE = {
    "capabilities": "machine",
    "comforts": "machine",
    "Process": "parent.process",
    "SandboxError": "parent.process",
    "Usage": "parent.process",
    "WarmParent": "parent.client",
    "Kernel": "jupyter.kernels",
    "kernel": "jupyter.kernels",
    "start": "jupyter.kernels",
    "install_kernelspec": "jupyter.kernelspec",
    "close_shared": "parent.shared",
    "shared_parent": "parent.shared",
}

__all__ = [
    "Kernel",
    "Process",
    "SandboxError",
    "Usage",
    "WarmParent",
    "capabilities",
    "close_shared",
    "comforts",
    "install_kernelspec",
    "kernel",
    "shared_parent",
    "start",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"autograder.sandbox has no {name!r}")
    return getattr(importlib.import_module(f"autograder.sandbox.{_WHERE[name]}"), name)
