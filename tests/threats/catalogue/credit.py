"""A unit whose test cells end in numbers of unusual kinds, for the partial credit that they give."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from autograder.course import Course, is_solution, is_test, is_written, nbgrader_of
from catalogue.desk import UNIT

CREDIT = "02_credit"
POINTS = 4.0
A_PERSON = "a person's"  # neither the student's loss nor a gift: the test is wrong
VALUES = {  # what a test cell's last line is, and what it is worth of 4 points
    "np.float64(2.5)": 2.5,
    "torch.tensor(2.5)": 2.5,
    "np.array([2.5])": 2.5,
    "float('nan')": A_PERSON,
    "-1": A_PERSON,
    "99": A_PERSON,
}


def write(course: Course) -> None:
    """Put the unit into a built course: the first exercise of the other one, with tests of its own.

    The build would refuse such tests; a course from elsewhere may have them.
    """
    for folder in (course.instructor, course.notebooks):
        file = folder / UNIT / f"{UNIT}.ipynb"
        target = folder / CREDIT / f"{CREDIT}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(changed(file)), encoding="utf-8")


def changed(file: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    pattern = next(c for c in notebook["cells"] if is_test(c))
    cells = [
        c
        for c in notebook["cells"]
        if not (is_test(c) or is_written(c))
        and (not is_solution(c) or nbgrader_of(c)["grade_id"] == "double")
        and (c["metadata"].get("exercise") or {}).get("id") not in ("scale", "mean")
    ]
    for number, value in enumerate(VALUES):
        test = copy.deepcopy(pattern)
        test["id"] = nbgrader_of(test)["grade_id"] = f"double-{number}"
        nbgrader_of(test)["points"] = int(POINTS)
        test["source"] = f"import numpy as np\nimport torch\n\nassert double(1) == 2\n{value}"
        cells.append(test)
    return {**notebook, "cells": cells}
