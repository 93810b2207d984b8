"""What a failed check raises, and how it reads."""

from __future__ import annotations

from lessonkit.check.codes import cause


def sendable(text: str) -> str:
    """`text` with what UTF-8 cannot hold (half of a surrogate pair) spelled out.

    A Jupyter kernel loses a message that it cannot encode, and what waits behind it.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class CheckFailed(AssertionError):
    """A check that did not pass: what is wrong, and the likely cause.

    code     a stable diagnosis code, a key of `lessonkit.check.codes.CODES`
    what     one sentence: what was looked at, and what is wrong with it
    details  further lines: expected against actual

    In a notebook it shows as its message alone; the code that found it is not what a student needs.
    """

    def __init__(self, code: str, what: str, details: tuple[str, ...] = ()) -> None:
        self.code = code
        self.what = what
        self.details = details
        lines = [f"[{code}] {what}", f"  Likely cause: {cause(code)}"]
        lines += [f"  {line}" for detail in details for line in detail.splitlines()]
        super().__init__(sendable("\n".join(lines)))

    def _render_traceback_(self) -> list[str]:
        """Ask IPython to print the message instead of a traceback."""
        return [f"✗ {self}"]
