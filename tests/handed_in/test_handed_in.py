"""What students hand in gets what it deserves: some hundreds of situations, each a student of one class.

Written after what users of notebook graders report in public. The whole class is graded in one run
for each unit; every student is a neighbour of all others.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from situations import CASES
from situations.desk import Case, Desk, Notebook

from autograder.build import build
from autograder.build.unit import build_unit
from autograder.course import Course
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits, Status
from autograder.prove.submissions import perfect
from autograder.records.results import Result
from autograder.reports.export import write_export
from autograder.reports.feedback import write_feedback
from autograder.reports.report import write_report

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
UNITS = sorted({case.unit for case in CASES})
LIMITS = Limits(cell_seconds=12, notebook_seconds=120)


def student(case: Case) -> str:
    """A case's name as a student's id."""
    return f"{CASES.index(case):03}-" + "".join(c if c.isalnum() else "-" for c in case.name)[:80]


class Graded:
    """A class of all cases, graded."""

    def __init__(self, course: Course, results: dict[str, Result]) -> None:
        self.course = course
        self.results = results

    def result(self, case: Case) -> Result:
        return self.results[student(case)]

    def notebook(self, case: Case) -> Notebook:
        file = self.course.autograded / student(case) / case.unit / f"{case.unit}.ipynb"
        return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    root = tmp_path_factory.mktemp("handed-in") / "course"
    for unit in UNITS:
        for file in (f"source/{unit}.py", f"source/answers/{unit}.py"):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, root / file)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course = Course(root)
    build(course, UNITS, execute=False)
    results: dict[str, Result] = {}
    for unit in UNITS:
        solved = perfect(build_unit(course, unit))
        for case in CASES:
            if case.unit == unit:
                case.make(Desk(solved, course.submitted / student(case), unit))
        found = grade(course, unit, Options(workers=2, limits=LIMITS))
        results |= {r.student: r for r in found if r.student not in results or r.verdicts}
    return Graded(course, results)


def by_tests(result: Result) -> float:
    """The points by tests; those of written answers are a person's to give."""
    return sum(v.points for v in result.verdicts if v.status is not Status.MANUAL)


@pytest.mark.parametrize("case", CASES, ids=student)
def test_it_gets_what_it_deserves(graded: Graded, case: Case) -> None:
    result = graded.result(case)
    called = result.status is Status.NEEDS_PERSON
    said = "\n".join((result.reason, *result.remarks, *(v.message for v in result.verdicts)))
    assert "the grader failed" not in said
    if case.points is None:
        assert by_tests(result) < 37, said
        assert said
    elif not (called and case.person is None):
        assert by_tests(result) == case.points, said
    if case.person is not None and case.points is not None:
        assert called == case.person, said
    if case.quiet:
        assert not result.reason, said
        assert not result.remarks, said
    for words in case.says:
        assert said.strip()
        assert words.lower() in said.lower()
    if case.written:
        waits = [v for v in result.verdicts if v.status is Status.MANUAL]
        assert called or waits, said
    everything = json.dumps(graded.notebook(case), ensure_ascii=False) if case.seen else ""
    for words in case.seen:
        assert words in everything or words in said


def test_remarks_stay_few(graded: Graded) -> None:
    """What one thing did to a notebook is said once."""
    many = {case.name: r.remarks for case in CASES if len((r := graded.result(case)).remarks) > 4}
    assert not many


def test_pages_report_and_exports_hold_everyone(graded: Graded) -> None:
    unit = UNITS[0]
    pages = write_feedback(graded.course, unit)
    here = [case for case in CASES if case.unit == unit]
    assert {page.parts[-3] for page in pages} == {student(case) for case in here}
    _, stand, _ = write_report(graded.course, unit)
    everyone = {student(case) for case in here}
    assert {row.student for row in stand.rows if row.status is not Status.MISSING} == everyone
    (file,) = write_export(graded.course, [unit], "csv")
    assert len(file.read_text(encoding="utf-8").splitlines()) >= len(here)


def test_neighbours_are_unharmed(graded: Graded) -> None:
    """The first student's work is graded in full, among all these."""
    first: Any = graded.result(CASES[0])
    assert first.status is Status.GRADED
    assert by_tests(first) == 37
