"""A test cell as compiled code: parsed once for a whole class, not in each examiner anew."""

from __future__ import annotations

import ast
import base64
import marshal
from functools import lru_cache
from types import CodeType
from typing import Any

FILENAME = "<test>"
CELLS = 512  # tests of a course that are kept compiled


def compile_cell(source: str) -> tuple[CodeType, CodeType | None]:
    """The statements of `source`, and its last expression, if it ends with one. Raises SyntaxError."""
    tree = ast.parse(source, FILENAME)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    statements = compile(tree, FILENAME, "exec", dont_inherit=True)
    if not isinstance(last, ast.Expr):
        return statements, None
    return statements, compile(ast.Expression(last.value), FILENAME, "eval", dont_inherit=True)


@lru_cache(CELLS)
def packed(source: str) -> str | None:
    """The compiled cell in letters; None for what is no Python, which the examiner will report.

    Both ends run the same Python, or it would not load.
    """
    try:
        cell = compile_cell(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return base64.b64encode(marshal.dumps(cell)).decode("ascii")


def unpacked(letters: str) -> tuple[CodeType, CodeType | None]:
    cell: Any = marshal.loads(base64.b64decode(letters))
    return cell
