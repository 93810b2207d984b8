"""Where a kernel's sockets are: the one convention that both sides compute for themselves."""

from __future__ import annotations

from typing import Any

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")


def connection_info(run_dir: str, key: str) -> dict[str, Any]:
    """What Jupyter writes in a connection file, for sockets in `run_dir`."""
    ports = {f"{name}_port": number for number, name in enumerate(CHANNELS, 1)}
    return {
        "transport": "ipc",
        "ip": f"{run_dir}/kernel",
        "key": key,
        "signature_scheme": "hmac-sha256",
        "kernel_name": "warm",
        **ports,
    }
