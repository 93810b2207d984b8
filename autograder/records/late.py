"""What nbgrader takes off for handing in late, by the course's own setting of its plugin."""

from __future__ import annotations

from nbgrader.api import Grade
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.records.gradebook import Rows


def enter_penalty(rows: Rows, student: str, config: Config) -> None:
    """Set the submission's penalty as `nbgrader autograde` sets it; no commit.

    config  what nbgrader_config.py sets: `AssignLatePenalties.plugin_class`, and the plugin's traits
    """
    rows.submitted.late_submission_penalty = None
    late = rows.submission.total_seconds_late
    if late <= 0:
        return
    step = AssignLatePenalties(config=config)
    step.init_plugin()
    total = sum(score(grade) for grade in rows.grades.values())
    penalty = step.plugin_inst.late_submission_penalty(student, total, late)
    if penalty is not None:
        rows.submitted.late_submission_penalty = min(max(penalty, 0.0), total)


def score(grade: Grade) -> float:
    """What a grade counts, by nbgrader's rule: a person's mark before the test's, and extra credit."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return float(given or 0.0) + float(grade.extra_credit or 0.0)
