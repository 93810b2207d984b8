"""Tests that are tested: known answers graded with the real engine.

gather(course, units)   the trials: the untouched notebook, the solution, each answer
prove(gathered)         their proofs
show(proofs, console)   printed; as_json and as_markdown return them
filled(...)             a submission made out of answers
measure(course, unit)   a unit's thresholds measured over seeds
"""

from autograder.prove.markdown import as_markdown
from autograder.prove.proof import Proof, as_json
from autograder.prove.proof_table import show
from autograder.prove.proving import gather, prove
from autograder.prove.seeds import Measured, measure, seeded
from autograder.prove.submissions import filled, perfect, submission_from, untouched

__all__ = [
    "Measured",
    "Proof",
    "as_json",
    "as_markdown",
    "filled",
    "gather",
    "measure",
    "perfect",
    "prove",
    "seeded",
    "show",
    "submission_from",
    "untouched",
]
