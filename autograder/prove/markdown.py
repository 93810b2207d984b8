"""The proof as a table for a README: a row per unit."""

from __future__ import annotations

from autograder.prove.proof import Proof
from autograder.prove.trials import SOLUTION, UNTOUCHED

HEAD = (
    "| unit | wrong answers caught | diagnosis named | other right answers kept "
    "| untouched | solution |\n|---|---|---|---|---|---|"
)


def row(proof: Proof) -> str:
    wrong = sum(r.wrong for r in proof.rows)
    cells = (
        proof.unit.title,
        f"{sum(r.caught for r in proof.rows)} of {wrong}",
        f"{sum(r.named for r in proof.rows)} of {wrong}",
        f"{sum(r.kept for r in proof.rows)} of {sum(r.right for r in proof.rows)}",
        f"{proof.points_of(UNTOUCHED):g} of {proof.test_points:g}",
        f"{proof.points_of(SOLUTION):g} of {proof.test_points:g}",
    )
    return f"| {' | '.join(cells)} |"


def as_markdown(proofs: list[Proof]) -> str:
    """The proofs in Markdown."""
    return "\n".join((HEAD, *(row(proof) for proof in proofs)))
