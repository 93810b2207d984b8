"""The kernelspec `warm`, by which every Jupyter tool finds the provisioner."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

NAME = "warm"
_REFUSAL = (
    "This kernel runs in the autograder's sandbox, which the program that tried to start it does "
    "not use. It needs jupyter_client and the autograder in the same Python environment."
)


def kernelspec(**settings: Any) -> dict[str, Any]:
    """What kernel.json says. `settings` are `provisioner.WarmProvisioner`'s traits.

    A tool that knows nothing of provisioners would run the command: it refuses, rather than run
    students' code unprotected.
    """
    return {
        "argv": [sys.executable, "-c", f"raise SystemExit({_REFUSAL!r})", "{connection_file}"],
        "display_name": "Python 3 (warm, isolated)",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "debugger": False,
            "kernel_provisioner": {"provisioner_name": "warm-provisioner", "config": settings},
        },
    }


def install_kernelspec(prefix: str | Path | None = None, **settings: Any) -> Path:
    """Write the kernelspec below `prefix` (this environment), and return its folder."""
    folder = Path(prefix or sys.prefix) / "share" / "jupyter" / "kernels" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(kernelspec(**settings), indent=1) + "\n"
    (folder / "kernel.json").write_text(text, encoding="utf-8")
    return folder
