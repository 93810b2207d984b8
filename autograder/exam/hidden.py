"""Which lines of a test cell are hidden from students, by its source alone.

What stands between BEGIN and END HIDDEN TESTS is; so is a `with score.part(…)` that reaches into it, or
that works with something made or changed there: its messages would show hidden data.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def marked_lines(source: str) -> frozenset[int]:
    """The numbers of the lines from BEGIN to END, these included; to the end where END is lacking."""
    found, hidden = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        hidden = hidden or BEGIN in line
        if hidden:
            found.add(number)
        hidden = hidden and END not in line
    return frozenset(found)


@lru_cache(512)
def hidden_lines(source: str) -> frozenset[int]:
    """All lines whose parts and errors a student must not see the details of."""
    marked = marked_lines(source)
    if not marked:
        return marked
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(range(1, source.count("\n") + 2))
    tainted = tainted_names(tree, marked)
    hidden = set(marked)
    for statement in tree.body:
        before = max(lines_of(statement)) < min(marked)  # what is run before is not touched
        known = set() if before and not isinstance(statement, DEFINITIONS) else tainted
        for node in ast.walk(statement):
            if isinstance(node, ast.With) and any(called(item) == "part" for item in node.items):
                span = lines_of(node)
                if not marked.isdisjoint(span) or not known.isdisjoint(names(node, ast.Load)):
                    hidden.update(span)
    return frozenset(hidden)


def tainted_names(tree: ast.Module, marked: frozenset[int]) -> set[str]:
    """Names that hidden lines bind or change, and names that are made from these elsewhere.

    Names of modules are none: to use one is not to change it.
    """
    modules = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    scores = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and called(node) == "Score"
        for name in names(node, ast.Store)
    }
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    tainted: set[str] = set()
    for statement in statements:
        if not marked.isdisjoint(own_lines(statement)):
            tainted.update(changed(statement))
    tainted -= modules | scores
    while True:
        more = {
            name
            for statement in statements
            if not tainted.isdisjoint(read(statement))
            for name in changed(statement)
        }
        more -= tainted | modules | scores
        if not more:
            return tainted
        tainted |= more


def changed(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement by itself binds, or whose object it changes: `x =`, `x[0] =`,
    `for x in`, `def x`, `x.append(…)`."""
    if isinstance(statement, DEFINITIONS):
        yield statement.name
    for node in own_nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.Subscript | ast.Attribute):
            written = isinstance(node.ctx, ast.Store | ast.Del)
            base = root(node)
            if base and (written or isinstance(statement, ast.Expr)):
                yield base


def read(statement: ast.stmt) -> set[str]:
    """The names that a statement reads; of a loop or a function, all that its body reads."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        return set(names(statement.iter, ast.Load))
    if isinstance(statement, ast.With | ast.AsyncWith | ast.If | ast.While | ast.Try):
        return {name for node in own_nodes(statement) for name in names(node, ast.Load)}
    return set(names(statement, ast.Load))


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement's nodes without those of the statements in its body."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)
        ]


def own_lines(statement: ast.stmt) -> set[int]:
    """The lines of a statement without those of its body."""
    return {
        line for node in own_nodes(statement) if hasattr(node, "lineno") for line in [node.lineno]
    }


def lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def names(node: ast.AST, context: type[ast.expr_context]) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, context):
            yield each.id


def root(node: ast.expr) -> str:
    """`x` of `x.a[0].b`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.AST) -> str:
    """The name of a function or method that a node calls directly: `part` of `score.part(…)`."""
    value = getattr(node, "value", None) or getattr(node, "context_expr", None)
    if not isinstance(value, ast.Call):
        return ""
    return str(getattr(value.func, "attr", None) or getattr(value.func, "id", ""))
