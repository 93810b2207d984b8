"""Which lines of a test cell are hidden from students, by its source alone.

What stands between BEGIN and END HIDDEN TESTS is; so is a statement elsewhere that works with something made
or changed there: its messages would show hidden data.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from autograder.regions import HIDDEN_TESTS, numbers

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BRANCHES = (ast.For, ast.While, ast.If, ast.Match)


@lru_cache(512)
def hidden_lines(source: str) -> frozenset[int]:
    """All lines whose errors a student must not see the details of."""
    marked = numbers(source, HIDDEN_TESTS)
    if not marked:
        return marked
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(range(1, source.count("\n") + 2))
    flow = Flow(tree, marked)
    flow.through(tree.body, set())
    return frozenset(marked | flow.hidden)


class Flow:
    """Follows hidden data through a test, statement by statement.

    Modules and the score itself are never hidden data: to use one is not to change it.
    """

    def __init__(self, tree: ast.Module, marked: frozenset[int]) -> None:
        self.marked = marked
        self.hidden: set[int] = set()
        self.functions: dict[str, set[str]] = {}  # a function -> the names that its body reads
        nodes = list(ast.walk(tree))
        imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        self.exempt = {
            (alias.asname or alias.name).partition(".")[0]
            for each in imports
            for alias in each.names
        }
        for node in nodes:
            if isinstance(node, ast.Assign) and called(node) == "Score":
                self.exempt.update(names(node, ast.Store))

    def through(self, body: Sequence[ast.stmt], tainted: set[str]) -> set[str]:
        """The names that hold hidden data after `body`, if those in `tainted` did before."""
        for statement in body:
            tainted = self.after(statement, tainted)
        return tainted

    def after(self, statement: ast.stmt, tainted: set[str]) -> set[str]:
        at_home = self.marked.isdisjoint(own_lines(statement))
        if isinstance(statement, DEFINITIONS):
            self.functions[statement.name] = set(names(statement, ast.Load))
            return tainted - {statement.name} if at_home else tainted | {statement.name}
        works_with = not tainted.isdisjoint(self.reach(read(statement)))
        if works_with:
            self.hidden.update(own_lines(statement))
        bound = set(changed(statement)) - self.exempt
        if works_with or not at_home:
            tainted = tainted | bound
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.For | ast.With):
            tainted = tainted - set(rebound(statement))
        inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        inner += [each.body for each in getattr(statement, "handlers", ())]
        inner += [each.body for each in getattr(statement, "cases", ())]
        if works_with and isinstance(statement, BRANCHES):
            self.hidden.update(lines_of(statement))  # which case it is, is hidden data
        rounds = 2 if isinstance(statement, ast.For | ast.While) else 1
        for _ in range(
            rounds
        ):  # what the end of a loop knows, its beginning knows in the next round
            before = tainted
            for body in inner:
                tainted = self.through(body, tainted)
            if rounds == 2 or len(inner[0]) != sum(map(len, inner)):
                tainted = tainted | before
        return tainted

    def reach(self, found: set[str]) -> set[str]:
        """`found`, and what the functions among them read."""
        reached: set[str] = set()
        while found:
            reached |= found
            found = set().union(*(self.functions.get(name, set()) for name in found)) - reached
        return reached


def rebound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement by itself makes anew."""
    for node in own_nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def changed(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement by itself binds, or whose object it changes, as with `x[0] = 1`."""
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
    """The names that a statement by itself reads."""
    return {
        node.id
        for node in own_nodes(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


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
