"""What a piece of code says about itself: whether it parses, which names it needs and makes."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager


def plain(code: str) -> str:
    """A cell's code with magics (`%pip`, `!ls`) as the Python that IPython makes of them."""
    return str(TransformerManager().transform_cell(code))


def parse(code: str, magics: bool = True) -> ast.Module | SyntaxError:
    """The parsed code, or the error that stands in its way."""
    try:
        return ast.parse(plain(code) if magics else code)
    except SyntaxError as error:
        return error


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


def bound(code: str) -> set[str]:
    """Names that the code defines at its top level: assigned, defined or imported."""
    top = symtable.symtable(code, "<cell>", "exec")
    own = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    declared = {
        symbol.get_name()
        for table in tables(top)
        for symbol in table.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    return own | declared


def imported(code: str) -> set[str]:
    """Names that the code imports at its top level."""
    top = symtable.symtable(code, "<cell>", "exec")
    return {s.get_name() for s in top.get_symbols() if s.is_imported()}


def needed(code: str) -> set[str]:
    """Names that the code uses, in whatever scope, and neither defines nor imports."""
    top = symtable.symtable(code, "<cell>", "exec")
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    for table in tables(top):
        if table is not top:
            used |= {
                s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()
            }
    return used - bound(code) - set(dir(builtins)) - {"__name__", "get_ipython", "display"}


def literal(node: ast.expr | None) -> object:
    """The value of a literal expression, or None for anything else."""
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """An argument of a call, by keyword or position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if len(call.args) > position else None


def called(call: ast.Call) -> str:
    """The last name of what is called: `Score` of `check.Score(…)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
