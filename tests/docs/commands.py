"""What a command line in the project's texts may be: held against the real programs and their options.

`fault(text)` says what is wrong with a command line, '' if nothing is. Nothing is run for it: each program is
asked, or read, for the list of what it knows.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from itertools import chain, pairwise
from typing import Any

import typer
from texts import ROOT
from typer.exceptions import TyperException

from autograder.cli import app
from autograder.course import Course
from autograder.engines.choose import ENGINES, SANDBOXES
from autograder.errors import UserError
from autograder.limits import limits_from
from autograder.reports.export import FORMS

# Placeholders of the texts, and something real in their place.
PLACEHOLDERS = {
    "NN": "01",
    "ADDRESS": "tcp://10.0.0.1:8786",
    "N": "2",
    "tcp://…": "tcp://10.0.0.1:1",
}
VALUES = {"--engine": ENGINES, "--sandbox": SANDBOXES, "--format": tuple(FORMS)}
GIT = {"checkout", "clone", "log", "pull", "push", "status", "switch"}
GONE = {"formgrade": "it is a page of JupyterLab"}  # nbgrader still lists it


def commands_of(line: str) -> list[list[str]]:
    """The words of each command of a line; placeholders filled in, `…` and comments left out."""
    commands: list[list[str]] = [[]]
    for word in shlex.split(line, comments=True):
        if word in ("&&", ";"):
            commands.append([])
        elif word not in ("…", "arguments…"):
            commands[-1].append(PLACEHOLDERS.get(word, word))
    return commands


def fault(line: str) -> str:
    """What is wrong with a command line; '' if nothing is."""
    try:
        commands = commands_of(line)
    except ValueError as error:
        return f"no command line: {error}"
    return next((wrong for words in commands if (wrong := fault_of(words))), "")


def fault_of(words: list[str]) -> str:
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if not words:
        return "an empty command"
    program = words[0].removeprefix("%").removeprefix(".venv/bin/")
    if program not in PROGRAMS:
        return f"no program that this project knows: {program}"
    return PROGRAMS[program](words[1:])


# -- ours


@cache
def ours() -> Any:
    """Our command line, as click has it: its commands and their parameters."""
    return typer.main.get_command(app)


def autograder(words: list[str]) -> str:
    if "|" in words:  # a list of subcommands, as in a page's first line
        return next((w for word in words if word != "|" and (w := autograder([word]))), "")
    if not words:
        return ""
    command = ours().commands.get(words[0])
    if command is None:
        return f"autograder has no command {words[0]!r}"
    if len(words) == 1:  # the command's name, without what it needs
        return ""
    try:
        context = command.make_context(words[0], words[1:])
        Course.find(ROOT).select(context.params.get("units"))
        limits_from(context.params.get("limit") or ())
    except (TyperException, UserError) as error:
        return f"autograder {words[0]}: {getattr(error, 'message', error)}"
    return next((w for a, b in pairwise(words) if (w := value(a, b))), "")


def value(option: str, given: str) -> str:
    known = VALUES.get(option)
    return "" if known is None or given in known else f"{option} cannot be {given!r}"


def option_alone(words: list[str]) -> str:
    """`--workers N` in a text: an option that one of our commands, or pytest, takes."""
    known = {
        option: parameter
        for command in ours().commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    option = words[0].split("=")[0]
    if option in known:
        takes = not getattr(known[option], "is_flag", False)
        if len(words) > 1 and not takes:
            return f"{option} takes no value"
        return value(option, words[1]) if len(words) > 1 else ""
    return "" if option in pytest_options() else f"nothing here has an option {option}"


# -- others


@cache
def makefile() -> str:
    return (ROOT / "Makefile").read_text("utf-8")


def make(words: list[str]) -> str:
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile(), re.MULTILINE))
    variables = set(re.findall(r"\$\((?:or \$\()?([A-Z_]+)|ifdef ([A-Z_]+)", makefile()))
    named = {name for pair in variables for name in pair if name}
    for word in words:
        if "=" in word:
            if word.split("=")[0] not in named:
                return f"the Makefile reads no {word.split('=')[0]}"
        elif word not in targets:
            return f"there is no target {word!r} in the Makefile"
    return ""


def nbgrader(words: list[str]) -> str:
    from nbgrader.apps.nbgraderapp import NbGraderApp

    known = {name: what for name, (what, _) in NbGraderApp.subcommands.items()}
    told = {name: text for name, (_, text) in NbGraderApp.subcommands.items()}
    if not words or words[0] not in known:
        return f"nbgrader has no command {words[:1]}"
    if words[0] in GONE or "DEPRECATED" in told[words[0]]:
        return f"nbgrader {words[0]}: {GONE.get(words[0], told[words[0]])}"
    kind = known[words[0]]
    options = {f"--{name}" for name in (*kind.aliases, *kind.flags) if len(name) > 1}
    for word in words[1:]:
        option = word.split("=")[0]
        if option.startswith("--") and "." not in option and option not in options:
            return f"nbgrader {words[0]} has no option {option}"
    return ""


def jupyter(words: list[str]) -> str:
    from jupyter_core.command import list_subcommands

    return "" if words and words[0] in list_subcommands() else f"jupyter has no {words[:1]}"


@cache
def pytest_options() -> set[str]:
    command = [sys.executable, "-m", "pytest", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", text))


def pytest(words: list[str]) -> str:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            if word.split("=")[0] not in pytest_options():
                return f"pytest has no option {word}"
            skip = word in ("-p", "-k", "-m", "-n", "--numprocesses", "--dist")
        elif not (ROOT / word.split("::")[0]).exists():
            return f"there is no {word}"
    return ""


def python(words: list[str]) -> str:
    if words[:1] == ["-m"]:
        if words[1] in ("module", "pytest"):  # "module": any
            return pytest(words[2:]) if words[1] == "pytest" else ""
        found = importlib.util.find_spec(words[1])
        return "" if found else f"there is no module {words[1]}"
    if not words or not (ROOT / words[0]).is_file():
        return f"there is no {words[:1]}"
    return ""


def pip(words: list[str]) -> str:
    """It installs what the course needs, from where it is; lessonkit itself is in no index."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = {*project["dependencies"], *chain(*project["optional-dependencies"].values())}
    names = [word for word in words[1:] if not word.startswith("-")]
    if not words or words[0] not in ("install", "uninstall"):
        return f"pip {words[:1]}"
    if "-r" in words:
        return "" if all((ROOT / name).is_file() for name in names) else f"there is no {names}"
    if words[0] == "uninstall":
        packages |= {"lessonkit", project["name"]}
    lacking = [n for n in names if n not in packages and not n.startswith("git+https://")]
    return f"nothing that pip finds: {lacking}" if lacking or not names else ""


def dask(words: list[str]) -> str:
    known = {entry.name: entry for entry in entry_points(group="dask_cli")}
    if not words or words[0] not in known:
        return f"dask has no command {words[:1]}"
    command = known[words[0]].load()
    options = {option for parameter in command.params for option in parameter.opts}
    wrong = [word for word in words[1:] if word.startswith("--") and word not in options]
    return f"dask {words[0]} has no option {wrong}" if wrong else ""


def git(words: list[str]) -> str:
    if not words or words[0] not in GIT:
        return f"git {words[:1]}"
    paths = words[words.index("--") + 1 :] if "--" in words else []
    return next((f"there is no {path}" for path in paths if not (ROOT / path).exists()), "")


def sysctl(words: list[str]) -> str:
    form = r"(user|kernel)\.[a-z_]+=\d+"
    fits = words[:1] == ["-w"] and all(re.fullmatch(form, word) for word in words[1:])
    return "" if fits else f"sysctl {words}"


def systemd_run(words: list[str]) -> str:
    """`systemd-run --user --scope --property NAME=VALUE COMMAND …`: the command within counts as well."""
    while words and words[0].startswith("-"):
        if words[0] == "--property":
            words = words[1:]
        elif words[0] not in ("--user", "--scope"):
            return f"systemd-run: {words[0]}"
        words = words[1:]
    return fault_of(words)


def pre_commit(words: list[str]) -> str:
    there = (ROOT / ".pre-commit-config.yaml").is_file()
    return "" if there and words == ["install"] else f"pre-commit {words}"


def activate(words: list[str]) -> str:
    return "" if words == [".venv/bin/activate"] else f"nothing to read: {words}"


PROGRAMS: dict[str, Callable[[list[str]], str]] = {
    "autograder": autograder,
    "pre-commit": pre_commit,
    "make": make,
    "nbgrader": nbgrader,
    "jupyter": jupyter,
    "pytest": pytest,
    "python": python,
    "pip": pip,
    "dask": dask,
    "git": git,
    "sysctl": sysctl,
    "systemd-run": systemd_run,
    ".": activate,
}


def is_python(text: str) -> bool:
    """Whether a span is a piece of Python: it parses, with `…` for what is left out."""
    code = re.sub(r"…|\.\.\.", " ___ ", text).replace("−", "-")
    forms = (
        code,
        f"{code} pass",
        code.replace("___", ""),
        f"f({code})",
        f"{code.rstrip(':')}: pass",
    )
    return any(parses(form.strip()) for form in forms)


def parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True
