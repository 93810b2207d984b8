"""The class report of a unit, as a page for the instructor: `reports/<unit>.html`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from autograder.barrier import Barrier
from autograder.course import Course
from autograder.files import write_atomically
from autograder.records.standing import Row, Standing, standing
from autograder.reports.page import render
from autograder.reports.summary import Summary, summarise


def write_report(
    course: Course, unit: str, barrier: Barrier | None = None
) -> tuple[Path, Standing, Summary]:
    """Write the report; returns its file, and what is in it."""
    stand = standing(course, unit, barrier)
    summary = summarise(stand)
    file = course.reports / f"{unit}.html"

    def link(row: Row) -> str:
        """Where the row's feedback page is, seen from the report; empty where there is none."""
        page = course.feedback / row.student / unit / f"{unit}.html"
        parts = ("..", course.feedback.name, row.student, unit, page.name)
        return "/".join(quote(part) for part in parts) if page.is_file() else ""

    html = render(
        "report.html.j2",
        unit=stand.unit,
        rows=stand.rows,
        summary=summary,
        most=max(summary.bins) or 1,
        link=link,
    )
    write_atomically(file, html)
    return file, stand, summary
