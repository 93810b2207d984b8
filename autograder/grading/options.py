"""How to grade: what the command line and the tests choose."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.model import Limits


@dataclass(frozen=True)
class Options:
    """How to grade.

    students  only these; all others stay as they are
    again     run also what is recorded and unchanged
    workers   notebooks run side by side on this machine; 0 is one per core
    cluster   the address of a Dask scheduler whose workers are to be used instead
    insecure  also one that is reached in clear: the tasks hold hidden tests
    """

    students: tuple[str, ...] = ()
    again: bool = False
    workers: int = 0
    engine: str = "auto"
    limits: Limits = field(default_factory=Limits)
    cluster: str = ""
    insecure: bool = False


DEFAULT = Options()
