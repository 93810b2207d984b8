"""What a student wrote into a cell that is the instructor's: the setup, a study, a text, a test.

The instructor's cell stays as it is; what was added becomes a cell of the student's own beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from autograder.intake.notebook.code import definitions, parsed


@dataclass(frozen=True)
class Addition:
    """Lines of the student's in an instructor's cell.

    text  the lines that the released cell does not have
    pure  nothing of the released cell was changed or removed
    runs  Python of it that may be run beside the released cell
    """

    text: str = ""
    pure: bool = True
    runs: str = ""


def addition(released: str, handed_in: str, cheap: bool = False) -> Addition:
    """What `handed_in` has more than `released`, its indents and blank lines aside.

    cheap  where lines were changed, run only what takes no time: imports, definitions, plain values
    """
    text, pure = added_lines(released, handed_in)
    whole = parsed(text) is not None and (pure or not cheap)
    return Addition(text, pure, text if whole else definitions(handed_in, released))


def added_lines(released: str, handed_in: str) -> tuple[str, bool]:
    """The lines of the student's, and whether all released ones are still there, in order."""
    old = [line.rstrip() for line in released.split("\n") if line.strip()]
    new = [line.rstrip() for line in handed_in.split("\n")]
    place, added = 0, list[str]()
    for line in new:
        if place < len(old) and line == old[place]:
            place += 1
        elif line or added:
            added.append(line)
    pure = place == len(old)
    if not pure:
        left = Counter(old)
        added = []
        for line in new:
            if left[line] > 0:
                left[line] -= 1
            elif line or added:
                added.append(line)
    return "\n".join(added).strip("\n"), pure
