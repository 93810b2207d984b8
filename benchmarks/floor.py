"""The floor: a unit's cells executed once in a process that is already warm; CPU seconds, as JSON.

    python floor.py NOTEBOOK TIMES

The same cells as in grading, test cells and studies left out, in IPython with its inline plots, in a
fresh fork each time of a process that has everything imported. No kernel, no messages, no isolation.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
from pathlib import Path

from autograder.course import is_test, tags_of

INLINE = "module://matplotlib_inline.backend_inline"


def sources(file: Path) -> list[str]:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and not is_test(cell) and "study" not in tags_of(cell)
    ]


def execute(cells: list[str]) -> None:
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import configure_inline_support, flush_figures

    os.environ["LESSONKIT_PROGRESS"] = "0"
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        plt.switch_backend(INLINE)
        configure_inline_support(shell, INLINE)
        for cell in cells:
            result = shell.run_cell(cell, store_history=False)
            result.raise_error()
            flush_figures()


def measure(cells: list[str]) -> float:
    """CPU seconds of one run in a fork."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            execute(cells)
            code = 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise SystemExit("a cell failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(file: str, times: int) -> None:
    from autograder.sandbox.parent import warmup

    warmup.warm([], everything=True)
    cells = sources(Path(file))
    print(json.dumps(sorted(measure(cells) for _ in range(times))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
