"""What the Python in a cell defines, asks for and says: read, never run.

Sources come from students. Whatever they hold, these functions return, in time that grows with the
length of the text.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from contextlib import suppress

DEFINED = re.compile(r"^(?:def|class|async def)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)  # IPython's own lines
COMMENT = re.compile(r"#(.*)")
LONGEST_PARSED = 2**18  # characters; a parsed source takes some hundred times its size
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)  # what parsing may raise
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def defined(source: str) -> frozenset[str]:
    """The names that a code cell defines at its top level."""
    return frozenset(a or b for a, b in DEFINED.findall(source))


def parsed(source: str) -> ast.Module | None:
    """The source as a tree, IPython's magics left out; None for what is no Python, or too long."""
    if len(source) > LONGEST_PARSED:
        return None
    for text in (source, MAGIC.sub(r"\1pass", source)):
        with warnings.catch_warnings(), suppress(*NO_PYTHON):
            warnings.simplefilter("ignore")
            return ast.parse(text)
    return None


def python_in(kind: str, source: str) -> str:
    """The Python that a cell of this kind holds; empty where it holds none that defines something.

    Of a code cell all of it. Of text, which an editor or a wrong key makes of a code cell: the whole,
    if it is Python, or what stands between fences.
    """
    if kind == "code":
        return source
    for text in (source, "\n\n".join(FENCED.findall(source))):
        if defined(text) and parsed(text):
            return text
    return ""


def asked(test: str) -> frozenset[str]:
    """The names that a test cell neither imports nor defines: those that are the student's."""
    tree = parsed(test)
    nodes = list(ast.walk(tree)) if tree else []
    own = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    own |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= {(a.asname or a.name).split(".")[0] for a in node.names}
    used = {n.id for n in nodes if isinstance(n, ast.Name)}
    return frozenset(used - own - set(dir(builtins)))


def is_prose(source: str) -> bool:
    """Whether a code cell holds words instead of code: comments, texts, or no Python at all."""
    tree = parsed(source)
    if tree is None:
        return len(source) <= LONGEST_PARSED
    if not tree.body:
        return any(comment.strip() for comment in COMMENT.findall(source))
    return all(is_text(statement) for statement in tree.body)


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but say a text of several words."""
    if not isinstance(statement, ast.Expr | ast.Assign):
        return False
    value = statement.value
    if isinstance(value, ast.Call) and len(value.args) == 1:  # print("…"), Markdown("…")
        value = value.args[0]
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value


def definitions(source: str, known: str) -> str:
    """The imports, functions, classes and plain values of `source` that `known` does not have.

    Nothing that takes time: a loop or a call is not among them.
    """
    tree, old = parsed(source), parsed(known)
    if tree is None:
        return ""
    there = {text_of(s, known) for s in old.body} if old else set()
    new = [text_of(s, source) for s in tree.body if is_definition(s)]
    return "\n".join(text for text in new if text not in there)


def is_definition(statement: ast.stmt) -> bool:
    if isinstance(statement, DEFINITIONS):
        return True
    calls = any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return isinstance(statement, ast.Assign | ast.AnnAssign) and not calls


def text_of(statement: ast.stmt, source: str) -> str:
    """A statement's own lines, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    return "\n".join(source.split("\n")[first - 1 : statement.end_lineno])
