"""From `source/` to `notebooks/`, `solutions/` and the instructor's notebooks.

build(course, units)       write them; solutions are executed
stale(course, units)       which files a build would change
build_unit(course, unit)   a unit's notebooks in memory
read_answers(course, unit) the answers that prove a unit's tests
"""

from autograder.build.answers import Answer, read_answers
from autograder.build.notebooks import build, stale
from autograder.build.unit import Built, build_unit

__all__ = ["Answer", "Built", "build", "build_unit", "read_answers", "stale"]
