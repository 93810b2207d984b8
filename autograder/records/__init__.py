"""What is known of a unit's submissions, and how it is kept: nbgrader's gradebook, our verdicts beside it.

Grading writes here, one submission at a time and whole or not at all; all outputs read `standing`.
"""
