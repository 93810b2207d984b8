"""nbgrader's settings for this course: its own commands and formgrader work on the same folders.

Instructor notebooks are made by `autograder build` in .build/source; students' notebooks are where
the autograder has them.
"""

from pathlib import Path

from autograder.build.release import CODE_STUB, TEXT_STUB
from autograder.course import Course

here = Course(Path(__file__).resolve().parent)
c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.root = str(here.root)
c.CourseDirectory.source_directory = ".build/source"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.solution_directory = ".build/solution"  # solutions/ is made by `autograder build`
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"

# The gradebook is gradebook.db in this folder, for nbgrader and the autograder alike. To keep it in
# PostgreSQL, `pip install 'psycopg[binary]'`, create an empty database, and name it here; a password
# belongs in ~/.pgpass.
# c.CourseDirectory.db_url = "postgresql://grader@localhost:5432/backprop"

# What students find in place of a solution.
c.ClearSolutions.code_stub = {"python": CODE_STUB}
c.ClearSolutions.text_stub = TEXT_STUB

# `nbgrader autograde` and formgrader's button grade as `autograder grade` does: the submission is
# restored, hidden tests run outside the student's process, and what came of it is recorded, late
# penalties included.
c.Autograde.sanitize_preprocessors = ["autograder.grading.preprocessor.RestoreSubmission"]
c.Autograde.autograde_preprocessors = ["autograder.grading.preprocessor.ExecuteInExam"]

# What one submission may use (docs/exam.md has the list), for `autograder grade` as well.
# c.ExecuteInExam.memory = 2048  # MiB
# c.ExecuteInExam.cell_seconds = 30

# `nbgrader generate_feedback`: students see what a hidden test said, not what it is.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
