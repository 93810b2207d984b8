"""The one exception that the command line turns into a clear message and a non-zero exit."""


class UserError(Exception):
    """What happened, where, and what to do about it: `hint` is the next thing to try."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
