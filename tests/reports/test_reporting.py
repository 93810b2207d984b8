"""The report counts what happened; exports tell a zero from what is no grade at all."""

from __future__ import annotations

import csv
import io

import pytest
from classroom import UNIT
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.errors import UserError
from autograder.records.standing import standing
from autograder.reports.class_table import class_table, figures
from autograder.reports.export import FORMS, as_csv, harmless, write_export
from autograder.reports.report import write_report
from autograder.reports.summary import summarise


def text(renderable: object, width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


def table_of(lines: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(lines)))


def test_the_table_has_everyone_with_points_total_time_and_status(graded):
    shown = text(class_table(standing(graded.course, UNIT)))
    rows = {row.split()[0]: row for row in shown.splitlines() if row.strip()}
    assert rows["right"].split()[:5] == ["right", "3", "2", "?", "5+"]
    assert rows["untouched"].split()[:5] == ["untouched", "0", "0", "0", "0"]
    assert "missing" in rows["nothing"]
    assert "failed" in rows["cut"]
    assert "the file is empty" in shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_table_fits(graded, width):
    shown = text(class_table(standing(graded.course, UNIT)), width)
    assert max(map(len, shown.splitlines())) <= width


def test_the_figures_add_up(graded):
    summary = summarise(standing(graded.course, UNIT))
    assert (summary.handed_in, summary.missing) == (14, 1)
    assert sum(summary.bins) == 14
    for item in summary.exercises:
        assert item.count == 14
    double = summary.exercises[0]
    assert (double.full, double.some, double.none) == (5, 0, 9)


def test_mistakes_are_counted_by_student(graded):
    summary = summarise(standing(graded.course, UNIT))
    found = {item.code: item for item in summary.mistakes}
    assert found["wrong-value"].students == ("wrong",)
    assert found["crashed"].students == ("crashes",)
    assert "untouched" in {s for item in summary.unanswered for s in item.students}
    assert "1 student · wrong-value: The numbers differ" in text(figures(summary), 200)


def test_the_report_page_names_who_needs_a_person(graded):
    file, _, summary = write_report(graded.course, UNIT)
    page = file.read_text(encoding="utf-8")
    assert {row.student for row in summary.attention} == {
        "cut", "empty", "folder", "twice",
    }  # fmt: skip
    assert "damaged or cut off" in page
    assert "<script" not in page


def test_a_mark_by_hand_counts(regraded):
    with Gradebook(regraded.course.gradebook) as gradebook:
        grade = gradebook.find_grade("explain", UNIT, UNIT, "right")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.find_comment("explain", UNIT, UNIT, "right").manual_comment = "Well put."
        gradebook.db.commit()
    row = next(r for r in standing(regraded.course, UNIT).rows if r.student == "right")
    assert row.points == 7
    assert not row.waits
    assert row.comments == {"explain": "Well put."}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_only_graded_submissions_are_numbers_elsewhere(graded, form):
    (file,) = write_export(graded.course, [UNIT], form)
    lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert all(len(line) == len(lines[0]) for line in lines)
    names = ("right", "untouched", "cut", "nothing")
    rows = {cell: line for line in lines for cell in line if cell in names}
    assert ("5" in rows["right"]) == (form == "csv")  # there is an answer to mark
    if form != "csv":
        assert "0" in rows["untouched"]
        assert "0" not in rows["cut"]
        assert "0" not in rows["nothing"]


def test_the_plain_csv_tells_status_and_reason(graded):
    (file,) = write_export(graded.course, [UNIT], "csv")
    rows = {row["student"]: row for row in table_of(file.read_text(encoding="utf-8"))}
    assert rows["untouched"]["status"] == "graded"
    assert rows["nothing"]["status"] == "missing"
    assert rows["twice"]["status"] == "needs a person"
    assert rows["empty"]["reason"] == "the file is empty"
    assert rows["nothing"]["points"] == ""
    assert rows["right"]["double (3)"] == "3"
    assert (rows["right"]["points"], rows["right"]["to_mark"], rows["right"]["final"]) == (
        "5", "1", "",
    )  # fmt: skip
    assert (rows["untouched"]["to_mark"], rows["untouched"]["final"]) == ("0", "0")
    assert rows["cut"]["final"] == ""


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell):
    assert harmless(cell).startswith("'")
    assert next(csv.reader(io.StringIO(as_csv([[cell]]))))[0].startswith("'")


def test_cells_are_quoted_as_csv_wants_it():
    odd = ['a,"b"', "line\nbreak", "ünïcode"]
    assert next(csv.reader(io.StringIO(as_csv([odd])))) == odd


def test_an_unknown_format_is_an_error(graded):
    with pytest.raises(UserError, match="format"):
        write_export(graded.course, [UNIT], "xls")


def test_a_unit_that_nobody_graded_is_an_error(room):
    with pytest.raises(UserError, match="no gradebook"):
        standing(room.course, UNIT)
