"""Each authoring mistake is caught, with its file, its line and the mend."""

from __future__ import annotations

import pytest

from autograder.build import build_unit
from autograder.build.unit import mistakes
from autograder.course import Course
from autograder.errors import UserError

UNIT = "01_tiny"
SOURCE, ANSWERS = "source/01_tiny.py", "source/answers/01_tiny.py"
DOUBLE_TEXT = '# %% [markdown] exercise={"id": "double"'
DOUBLE_CELL = '"grade_id": "double", "locked": false'
DOUBLE_TEST = '"grade_id": "double-values", "locked": true'
MEAN_SCORE = 'score = check.Score("Mean of the columns", 2)'

# file, what is changed, into what, a line of the changed file that the finding points to, and words of it
MISTAKES = [
    (SOURCE, '"id": "double", ', "", "# %% [markdown] exercise=", "no id"),
    (SOURCE, '"id": "double"', '"id": "Double-1"', "# %% [markdown] exercise=", "lower_snake"),
    (SOURCE, '"difficulty": 1, ', "", DOUBLE_TEXT, "no difficulty"),
    (SOURCE, '"difficulty": 1', '"difficulty": 4', DOUBLE_TEXT, "no difficulty"),
    (SOURCE, ', "minutes": 2', "", DOUBLE_TEXT, "no minutes"),
    (SOURCE, "# ### Double", "# Double", DOUBLE_TEXT, "no heading"),
    (SOURCE, "<summary>Hint 3", "<summary>More", DOUBLE_TEXT, "2 of 3 hints"),
    (SOURCE, DOUBLE_TEST, DOUBLE_TEST.replace("double-", "dbl-"), '"dbl-values"', "no exercise"),
    (SOURCE, DOUBLE_TEST, DOUBLE_TEST.replace("double-", "dbl-"), DOUBLE_TEXT, "has no test"),
    (SOURCE, '"double-values"', '"double_values"', '"double_values"', "not an id of the form"),
    (SOURCE, '"mean-values"', '"double-values"', '"points": 2', "used twice"),
    (SOURCE, '"grade_id": "mean", ', "", "", "no grade_id"),
    (SOURCE, '"points": 3, ', "", DOUBLE_TEST, "has no points"),
    (SOURCE, '"points": 3, ', '"points": 4, ', "with score.part(", "add up to 3 of 4"),
    (SOURCE, '"points": 3, ', '"points": 4, ', 'check.Score("Double"', "made for 3 points"),
    (
        SOURCE,
        'a small example", 1',
        'a small example", n',
        'a small example", n',
        "add up to 2 of 3",
    ),
    (SOURCE, "score.total()", "score.total();", "score.total();", "end with its total"),
    (SOURCE, "score.total()", "print(score.total())", "print(score", "end with its total"),
    (SOURCE, MEAN_SCORE, f"{MEAN_SCORE}\n{MEAN_SCORE}", "", "makes 2 scores"),
    (SOURCE, '"schema_version": 3, "solution": true', '"solution": true', DOUBLE_CELL, "lacks"),
    (SOURCE, '"grade": false', '"grade": true', DOUBLE_CELL, "neither a solution"),
    (SOURCE, "    ### END SOLUTION\n", "", "### BEGIN SOLUTION", "without END SOLUTION"),
    (SOURCE, "    ### BEGIN SOLUTION\n", "", "### END SOLUTION", "do not alternate"),
    (
        SOURCE,
        "print(",
        "### BEGIN HIDDEN TESTS\nprint(",
        "### BEGIN HIDDEN TESTS\nprint",
        "another",
    ),
    (
        SOURCE,
        "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        "    return 2 * x",
        DOUBLE_CELL,
        "no solution region",
    ),
    (SOURCE, "    return 2 * x", "    return (2 * x", "    return (2 * x", "does not parse"),
    (SOURCE, 'tags=["predict"]', "", "# ## 1 · Doubling", "no prediction"),
    (SOURCE, 'tags=["title"]', "", "# # 01 · Tiny", "0 title cells"),
    (SOURCE, "{{badge}} ", "", 'tags=["title"]', "no {{badge}}"),
    (SOURCE, 'tags=["setup"]', "", "# # 01 · Tiny", "0 setup cells"),
    (SOURCE, 'tags=["study"]', 'tags=["stduy"]', 'tags=["stduy"]', "not known"),
    (SOURCE, '"memorised": np', '"memorized": np', '"memorized"', "'memorized' is not known"),
    (
        SOURCE,
        f"import numpy as np\nfrom lessonkit import check\n\n{MEAN_SCORE}",
        f"from lessonkit import check\n\n{MEAN_SCORE}",
        "    X = np.array([[1.0",
        "uses 'np'",
    ),
    (SOURCE, "    x = np.array([-3.0", "    z = np.array([-3.0", "double(x)", "uses 'x'"),
    (SOURCE, "import numpy as np\n", "import numpy as np\nimport autograder\n", "", "imports the"),
    (
        SOURCE,
        "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        "    y = (\n    ### BEGIN SOLUTION\n    2 * x)\n    ### END SOLUTION\n    return y",
        DOUBLE_CELL,
        "what students get",
    ),
    (SOURCE, "# Add x to itself.", "# Write `return X.mean(axis=0)`.", "# Write", "gives away"),
    (SOURCE, "# ### BEGIN SOLUTION\n", "", '"grade_id": "explain"', "would be lost"),
    (ANSWERS, 'answer="loop" ', "", 'exercise="double" kind="right"', "no name"),
    (ANSWERS, 'answer="loop"', 'answer="adds_two"', 'adds_two" exercise="double" kind="r', "twice"),
    (ANSWERS, 'kind="right"', 'kind="good"', 'kind="good"', "neither wrong nor right"),
    (
        ANSWERS,
        'exercise="mean" kind="wrong"',
        'exercise="maen" kind="wrong"',
        "maen",
        "no exercise",
    ),
    (
        ANSWERS,
        'exercise="mean" kind="right"',
        'exercise="maen" kind="right"',
        "maen",
        "no exercise",
    ),
    (ANSWERS, '"double-values": 3', '"double-value": 3', '"double-value"', "which is no test"),
    (ANSWERS, '"double-values": 3', '"double-values": 9', '"double-values": 9', "cannot lose 9"),
    (ANSWERS, 'loses={"mean-values": 2} ', "", 'answer="other_axis"', "loses nothing"),
    (ANSWERS, ' diagnosis="wrong-axis"', "", 'answer="other_axis"', "no diagnosis"),
    (ANSWERS, 'diagnosis="wrong-axis"', 'diagnosis="axis"', 'diagnosis="axis"', "'axis'"),
    (
        ANSWERS,
        'kind="right"',
        'kind="right" diagnosis="sign"',
        'diagnosis="sign"',
        "or `diagnosis`",
    ),
    (ANSWERS, "    return x + 2", "    return x +", "    return x +", "does not parse"),
]


def changed(course: Course, file: str, old: str, new: str) -> str:
    path = course.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text


@pytest.mark.parametrize(("file", "old", "new", "line", "what"), MISTAKES)
def test_an_authoring_mistake_is_told(
    course: Course, file: str, old: str, new: str, line: str, what: str
) -> None:
    text = changed(course, file, old, new)
    found, built = mistakes(course, UNIT)
    assert built is None
    hits = [finding for finding in found if what in finding.what]
    assert hits, found
    assert all(hit.file == file and hit.hint for hit in hits)
    cell_of = {hit.line: near(text, hit.line) for hit in hits}
    assert any(line in around for around in cell_of.values()), (line, cell_of)


def near(text: str, line: int) -> str:
    """The line, and the two after it: a finding about a cell points to its `# %%`."""
    return "\n".join(text.splitlines()[line - 1 : line + 2])


def test_the_tiny_course_has_no_mistake(course: Course) -> None:
    assert mistakes(course, UNIT)[0] == []


def test_all_mistakes_are_told_at_once(course: Course) -> None:
    changed(course, SOURCE, '"difficulty": 1, ', "")
    changed(course, SOURCE, 'tags=["predict"]', "")
    changed(course, ANSWERS, 'diagnosis="wrong-axis"', 'diagnosis="axis"')
    with pytest.raises(UserError) as caught:
        build_unit(course, UNIT)
    text = str(caught.value)
    assert text.startswith("3 authoring mistakes:")
    for words in ("no difficulty", "no prediction", "'axis'"):
        assert words in text


def test_an_exercise_without_answers_is_told_unless_it_is_a_draft(course: Course) -> None:
    (course.root / ANSWERS).unlink()
    found, _ = mistakes(course, UNIT)
    assert [f.what for f in found] == [
        "exercise 'double' has 0 right answers; it needs 1.",
        "exercise 'double' has 0 wrong answers; it needs 1.",
        "exercise 'mean' has 0 right answers; it needs 1.",
        "exercise 'mean' has 0 wrong answers; it needs 1.",
    ]
    assert mistakes(course, UNIT, draft=True)[0] == []


def test_an_exercise_without_hidden_test_is_told(course: Course) -> None:
    text = changed(course, SOURCE, "### BEGIN HIDDEN TESTS\n", "")
    changed(course, SOURCE, "### END HIDDEN TESTS\n", "")
    found, _ = mistakes(course, UNIT)
    assert [f.what for f in found] == ["exercise 'double' has no hidden test."]
    assert "double-values" in text.splitlines()[found[0].line - 1]


def test_an_exercise_without_visible_test_is_told(course: Course) -> None:
    changed(course, SOURCE, "### BEGIN HIDDEN TESTS\n", "")
    changed(
        course,
        SOURCE,
        'with score.part("a small example", 1):',
        '### BEGIN HIDDEN TESTS\nwith score.part("a small example", 1):',
    )
    found, _ = mistakes(course, UNIT)
    assert [f.what for f in found] == [
        "exercise 'double' has no visible test: its student gets no feedback."
    ]


def test_a_threshold_that_no_test_uses_is_told(course: Course) -> None:
    path = course.root / SOURCE
    seeds = '\n# %% tags=["seeds"]\nTHRESHOLDS = {"accuracy": 0.9}\n'
    path.write_text(path.read_text(encoding="utf-8") + seeds, encoding="utf-8")
    found, _ = mistakes(course, UNIT)
    assert [f.what for f in found] == ["the threshold 0.9 of 'accuracy' stands in no test."]
