"""The setup cell: the one first code cell that all units share."""

from __future__ import annotations

from autograder.course import Course

SETUP = """\
# Run this cell first. Where the course's toolkit is missing (in Colab, for instance), it is installed.
try:
    import lessonkit
except ImportError:
    %pip install -q {requirement}
from lessonkit import check, data, plot, progress, quiz, setup

device = setup.start()
"""


def requirement(course: Course) -> str:
    """What pip installs: lessonkit from the course's own repository and branch."""
    if not course.repository:
        return "lessonkit"
    address = f"git+https://github.com/{course.repository}@{course.branch}"
    return f'"lessonkit @ {address}#subdirectory=lessonkit"'


def setup_cell(course: Course) -> str:
    """The setup cell's source for this course."""
    return SETUP.format(requirement=requirement(course)).rstrip("\n")


def badge(course: Course, unit: str) -> str:
    """The Open in Colab badge, in markdown; nothing for a course without a repository."""
    if not course.repository:
        return ""
    page = "https://colab.research.google.com"
    notebook = f"{course.repository}/blob/{course.branch}/notebooks/{unit}/{unit}.ipynb"
    return f"[![Open in Colab]({page}/assets/colab-badge.svg)]({page}/github/{notebook})"
