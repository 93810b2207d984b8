"""From the bytes that a student handed in to the notebook that is graded; pure, nothing of a submission is run.

`folder` finds the notebook and what lies beside it; `notebook` reads it, matches its cells with the unit's,
and rebuilds the graded notebook round what is the student's.
"""
