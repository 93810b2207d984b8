"""The first cell of each notebook: seeds, device, plot style, versions."""

from __future__ import annotations

import platform
import random
import sys

import numpy as np
import torch

from lessonkit import __version__

SEED = 42  # one seed for all units


def seed_everything(seed: int = SEED) -> None:
    """Seed Python's, NumPy's legacy and torch's generators."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pick_device() -> torch.device:
    """A GPU if torch sees one, else the CPU. Everything in the course is quick on a CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mend_torchvision() -> None:
    """Make `import torchvision` work where torch is a CPU build and torchvision is not.

    PyPI's torchvision is built for CUDA. With a CPU build of torch its import stops at operators
    that its compiled part would have declared ("operator torchvision::nms does not exist"). The
    data sets and transforms do not use them, so declaring them is enough. Where torchvision is
    whole, nothing is done.
    """
    try:
        import torchvision  # noqa: F401

        return
    except ImportError:
        return
    except (RuntimeError, AttributeError):
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
    for operator in (
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    ):
        try:
            library = torch.library.Library("torchvision", "FRAGMENT")
            library.define(operator)
            _libraries.append(library)
        except RuntimeError:  # declared already
            continue


_libraries: list[torch.library.Library] = []  # an operator lives as long as its library object


def start(seed: int = SEED) -> torch.device:
    """Seed everything, set the plot style, print the versions in one line, return the device."""
    from lessonkit import plot

    seed_everything(seed)
    plot.use_style()
    device = pick_device()
    versions = (
        f"Python {platform.python_version()}, lessonkit {__version__}, "
        f"numpy {np.__version__}, torch {torch.__version__}"
    )
    print(f"Ready: {versions}, device {device}, seed {seed}.")
    return device
