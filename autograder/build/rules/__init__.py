"""Authoring rules: each is a function from a unit's draft to what it finds wrong.

cells      ids, metadata, tags, title, set-up, sections, syntax, BEGIN and END
exercises  description, hints, solution, tests, answers
tests      points, parts, names that a test leans on, diagnosis codes
answers    what each answer says of itself
"""

from __future__ import annotations

import os

from autograder.build.answers import answers_in, answers_path
from autograder.build.rules import every_cell as cells
from autograder.build.rules import exercises, tests
from autograder.build.rules import known_answers as answers
from autograder.build.rules.finding import Draft, Finding
from autograder.build.source import read_source
from autograder.course import Course

RULES = (*cells.RULES, *exercises.RULES, *tests.RULES, *answers.RULES)


def draft_of(course: Course, unit: str) -> Draft:
    """A unit's source and answers. Raises UserError where one of them cannot be read."""
    path, beside = course.source / f"{unit}.py", answers_path(course, unit)
    source = read_source(path)
    found = answers_in(read_source(beside)) if beside.is_file() else []
    file, answers_file = (os.path.relpath(p, course.root) for p in (path, beside))
    return Draft(file, source, answers_file, tuple(found))


def check(draft: Draft, unfinished: bool = False) -> list[Finding]:
    """Everything that is wrong with a draft, by file and line.

    unfinished  do not ask for answers that are not there yet
    """
    rules = [rule for rule in RULES if not (unfinished and rule is exercises.answered)]
    return sorted({finding for rule in rules for finding in rule(draft)})
