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
    "'float' object has no attribute 'backward'": "graph-missing",
}


def not_written(error: BaseException) -> bool:
    """Whether an error is that of a TODO. IPython's for `input()` is a kind of NotImplementedError."""
    return isinstance(error, NotImplementedError) and type(error).__name__ == "NotImplementedError"


def crash_code(message: str, lines: tuple[str, ...]) -> str:
    """The diagnosis code of an error.

    message  what the error says
    lines    where in the student's code it was raised, with the line of code
    """
    for words, code in MESSAGES.items():
        if words in message:
            return code
    if "NoneType" in message and any(".grad" in line for line in lines):
        return "grad-is-none"
    return "crashed"
