"""Where the project speaks of commands: each command line and each piece of code in its texts.

Read are the pages (README, CONTRIBUTING, docs), what programs print and say of themselves (texts, docstrings
and comments of Python files, templates) and the units' notebooks. A command line is a line of a `sh` block,
or a span in backticks; spans are mostly Python or names, and `commands.py` tells those apart.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A piece of code in a text: where it stands, and whether it must be a command line."""

    place: str
    text: str
    command: bool


def pieces() -> list[Piece]:
    """All of them, in the order of the files."""
    found: list[Piece] = []
    for path in pages():
        found += in_markdown(name(path), path.read_text("utf-8"))
    for path in programs():
        found += in_python(name(path), path.read_text("utf-8"))
    for path in sorted((ROOT / "autograder").rglob("*.j2")):
        text = path.read_text("utf-8")
        found += [Piece(name(path), words, False) for words in [*spans(text), *CODE.findall(text)]]
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), *ROOT.glob("data/*/*.md")]


def programs() -> list[Path]:
    """Python files that speak to people; tests speak to those who read them, and run themselves."""
    folders = ("autograder", "lessonkit", "source", "docs", "benchmarks")
    inside = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*inside, ROOT / "nbgrader_config.py", ROOT / "conftest.py"]


def in_markdown(place: str, text: str) -> Iterator[Piece]:
    """The lines of `sh` blocks, and the spans of the rest."""
    for kind, body in BLOCK.findall(text):
        if kind in ("sh", "bash", "shell", "console"):
            for line in body.splitlines():
                if line.strip() and not line.strip().startswith("#"):
                    yield Piece(place, line, True)
    for words in spans(BLOCK.sub("", text)):
        yield Piece(place, words, False)


def spans(text: str) -> list[str]:
    return [" ".join(match[2].split()) for match in SPAN.finditer(text)]


def in_python(place: str, code: str) -> Iterator[Piece]:
    """The spans of a program's texts, docstrings and comments."""
    for node in ast.walk(ast.parse(code)):
        for text in said(node):
            for words in spans(text):
                yield Piece(f"{place}:{getattr(node, 'lineno', 1)}", words, False)
    comments: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            comments.append(token.string.lstrip("#").strip())
        elif token.type not in (tokenize.NL, tokenize.NEWLINE):
            yield from (Piece(place, words, False) for words in spans("\n".join(comments)))
            comments = []


def said(node: ast.AST) -> list[str]:
    """The text of a literal; what an f-string fills in becomes `…`."""
    if isinstance(node, ast.JoinedStr):
        return ["".join(p.value if isinstance(p, ast.Constant) else "…" for p in node.values)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return []
