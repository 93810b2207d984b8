"""From an error that stopped the student's code to the mistake that its message speaks of."""

from __future__ import annotations

# Messages of autograd and of IPython, in words that have stayed the same over the years.
MESSAGES = {
    "does not require grad and does not have a grad_fn": "graph-missing",
    "backward through the graph a second time": "graph-used-up",
    "a leaf Variable that requires grad is being used in an in-place": "leaf-in-place",
    "floating point and complex dtype can require gradients": "leaf-not-float",
    "floating point dtype can require gradients": "leaf-not-float",
    "Can't call numpy() on Tensor that requires grad": "detach-first",
    "does not support input requests": "asks-input",
    "No module named 'google": "colab-only",
    "No such file or directory: '/content": "colab-only",
    "No module named": "no-library",
    "not compiled with CUDA": "no-gpu",
    "Found no NVIDIA driver": "no-gpu",
    "No CUDA GPUs are available": "no-gpu",
    "torch.cuda.is_available() is False": "no-gpu",
    "not linked with support for mps": "no-gpu",
    "MPS backend": "no-gpu",
    "Cannot access accelerator device": "no-gpu",
    "name resolution": "no-network",
    "Name or service not known": "no-network",
    "Network is unreachable": "no-network",
    "'float' object has no attribute 'backward'": "graph-missing",
}
DEBUGGERS = ("breakpoint(", "set_trace(", "in the debugger, ")  # in code, in an exam's traceback


def not_written(error: BaseException) -> bool:
    """Whether an error is that of a TODO. IPython's for `input()` is a kind of NotImplementedError."""
    return isinstance(error, NotImplementedError) and type(error).__name__ == "NotImplementedError"


def crash_code(message: str, lines: tuple[str, ...]) -> str:
    """The diagnosis code of an error.

    message  what the error says
    lines    where in the student's code it was raised, with the line of code
    """
    if any(word in text for text in lines for word in DEBUGGERS):
        return "debugger"
    for words, code in MESSAGES.items():
        if words in message:
            return code
    if "NoneType" in message and any(".grad" in line for line in lines):
        return "grad-is-none"
    if "NoneType" in message and all(line.startswith("in `<module>`") for line in lines):
        return "no-return"  # it is the check that stumbles over what it was given
    return "crashed"
