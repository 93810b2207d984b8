"""The limits as settings: options of the command line, and traits for nbgrader and Jupyter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from traitlets import Float, HasTraits, Integer

from autograder.course import nbgrader_settings
from autograder.errors import UserError
from autograder.model import Limits

KNOWN = {each.name: each for each in fields(Limits)}


def help_on(name: str) -> str:
    """What a limit is of, in which unit: "memory beyond what is imported already, in MiB"."""
    about = KNOWN[name].metadata
    return about["what"] + (f", in {about['unit']}" if about["unit"] else "")


def listed() -> str:
    """All limits with their defaults, for a help text."""
    return "; ".join(f"{name} ({help_on(name)}: {each.default:g})" for name, each in KNOWN.items())


def limits_from(words: Iterable[str]) -> Limits:
    """The limits that words such as "memory=2048" set; the last word on a limit counts.

    Raises UserError for an unknown name, and for a value that is not a number above 0.
    """
    chosen: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in KNOWN:
            raise UserError(
                f"There is no limit {word!r}." if equals else f"{word!r} sets no limit.",
                f"Write NAME=NUMBER with one of: {', '.join(KNOWN)}.",
            )
        whole = isinstance(KNOWN[name].default, int)
        try:
            chosen[name] = int(value) if whole else float(value)
            Limits(**{name: chosen[name]})
        except ValueError:
            kind = "whole number" if whole else "number"
            raise UserError(
                f"{name}={value.strip()} is no limit.",
                f"{name} is a {kind} above 0: {help_on(name)}.",
            ) from None
    return Limits(**chosen)


def configured(root: Path) -> list[str]:
    """The limits that the course's nbgrader_config.py sets, as words for `limits_from`."""
    settings = nbgrader_settings(root).get("ExecuteInExam", {})
    return [f"{name}={settings[name]}" for name in KNOWN if name in settings]


def seconds_trait(name: str) -> Any:
    return Float(getattr(Limits(), name), min=0.1, help=f"Limit: {help_on(name)}.").tag(config=True)


def size_trait(name: str) -> Any:
    return Integer(getattr(Limits(), name), min=1, help=f"Limit: {help_on(name)}.").tag(config=True)


class LimitTraits(HasTraits):
    """Each limit as a trait of its name: for what nbgrader and Jupyter configure."""

    cell_seconds = seconds_trait("cell_seconds")
    notebook_seconds = seconds_trait("notebook_seconds")
    cpu_seconds = seconds_trait("cpu_seconds")
    memory = size_trait("memory")
    processes = size_trait("processes")
    file_size = size_trait("file_size")
    scratch = size_trait("scratch")
    output = size_trait("output")

    @property
    def limits(self) -> Limits:
        return Limits(**{name: getattr(self, name) for name in KNOWN})
