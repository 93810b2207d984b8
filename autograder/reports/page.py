"""HTML pages that are safe to open: escaped throughout, no script, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import Python3Lexer

from autograder.text import clean

PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_IMAGE = 4 * 2**20
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def environment() -> Environment:
    """Templates of this package, with autoescape on for every one of them."""
    made = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["points"] = points
    made.filters["code"] = code
    made.globals["policy"] = POLICY
    made.globals["code_style"] = code_style()
    return made


def render(template: str, **values: Any) -> str:
    """A page from a template."""
    return environment().get_template(template).render(**values)


def points(value: float) -> str:
    """2.0 as '2', 0.5 as '0.5'."""
    return f"{round(value, 2):g}"


def code(source: str) -> Markup:
    """Python source as highlighted HTML; pygments escapes what it is given."""
    shown = clean(source, 20_000)
    return Markup(highlight(shown, Python3Lexer(stripnl=False), HtmlFormatter(nowrap=True)))


def code_style() -> Markup:
    """Colours for `code`, by light and by dark."""
    light = HtmlFormatter(style="default").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    plain = re.compile(
        r"^(?:pre|td\.linenos|span\.linenos|\.code \{|\.code \.hll).*$", re.MULTILINE
    )
    return Markup(
        plain.sub("", light)
        + "\n@media (prefers-color-scheme: dark) {\n"
        + plain.sub("", dark)
        + "\n}"
    )


def png(value: object) -> str | None:
    """A notebook's base64 PNG, checked and written anew, or None for anything else."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str) or len(value) > LARGEST_IMAGE * 4 // 3:
        return None
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(data).decode("ascii") if data.startswith(PNG) else None
