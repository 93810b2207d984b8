"""One unit, built in memory: from its source to the instructor's, student's and solution notebooks."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.build.leaks import leaks, secrets, toolkit_leaks
from autograder.build.release import CODE_STUB, release, to_text
from autograder.build.rules import check, draft_of
from autograder.build.rules.finding import Finding
from autograder.build.rules.syntax import parse
from autograder.build.solution import solution
from autograder.build.source import Place, Source
from autograder.build.steps import cell_ids, instructor
from autograder.course import Course, is_solution
from autograder.errors import UserError


@dataclass(frozen=True)
class Built:
    """A unit's three notebooks; the solution is not yet executed."""

    unit: str
    place: Place
    instructor: NotebookNode
    released: NotebookNode
    solution: NotebookNode


def place_of(course: Course, unit: str, source: Source) -> Place:
    """Where the cells of a unit stand in its source."""
    ids = cell_ids(source.notebook, unit)
    name = os.path.relpath(source.path, course.root)
    lines = dict(zip(ids, source.lines, strict=True))
    return Place(name, tuple(source.text.splitlines()), lines)


def contained(stub: str, answer: str) -> str:
    """The first line of a stub that is not found, in order, in the answer; '' if all are."""
    todo = {line.strip() for line in CODE_STUB.splitlines()}
    rest = iter(line.strip() for line in answer.splitlines())
    for line in stub.splitlines():
        if line.strip() and line.strip() not in todo and line.strip() not in rest:
            return line.strip()
    return ""


def stubs(built: Built) -> list[Finding]:
    """Stubs that do not parse, or that are not contained in their solutions."""
    found = []
    for stub, answer in zip(built.released.cells, built.solution.cells, strict=True):
        if not is_solution(stub):
            continue
        file, line = built.place.name, built.place.lines.get(stub.id, 1)
        tree = parse(stub.source)
        if isinstance(tree, SyntaxError):
            found.append(
                Finding(
                    file,
                    line,
                    f"what students get of {stub.id!r} does not parse: {tree.msg}.",
                    "Put whole statements between BEGIN and END SOLUTION, and indent BEGIN like them.",
                )
            )
        foreign = contained(stub.source, answer.source)
        if foreign:
            found.append(
                Finding(
                    file,
                    line,
                    f"the stub of {stub.id!r} has a line that its solution lacks: {foreign}",
                    "What students are given must be a part of the solution, in the same order.",
                )
            )
    return found


def leaking(built: Built) -> list[Finding]:
    """Secrets in the student's notebook, and hidden tests in the solution."""
    secret = secrets(built.instructor)
    hidden = [item for item in secret if item.hidden]
    pairs = [("the student's notebook", pair) for pair in leaks(to_text(built.released), secret)]
    pairs += [("the solution", pair) for pair in leaks(to_text(built.solution), hidden)]
    return [
        Finding(
            built.place.name,
            built.place.line(where, item.line),
            f"cell {where!r} of {what} gives away a line of {item.cell!r}: {item.line}",
            "Say it in other words, leave a piece of it out (`…`), or move it between BEGIN and END.",
        )
        for what, (where, item) in pairs
    ]


def toolkit(course: Course) -> dict[str, str]:
    """The texts that students get with lessonkit, by their names from the course's folder."""
    texts = {}
    for path in sorted((course.root / "lessonkit").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            texts[os.path.relpath(path, course.root)] = path.read_text("utf-8", errors="replace")
    return texts


def leaking_toolkit(built: Built, files: dict[str, str]) -> list[Finding]:
    """Lines of the unit's solutions and hidden tests that the students' toolkit holds."""
    return [
        Finding(
            leak.file,
            leak.line,
            f"students' toolkit gives away a line of {leak.secret.cell!r} "
            f"({built.place.at(leak.secret.cell, leak.secret.line)}): {leak.secret.line}",
            "Write it in another way in the toolkit, or show it in the unit outside of BEGIN and END. "
            "(What everybody writes alike goes into IDIOM in autograder/build/leaks.py.)",
        )
        for leak in toolkit_leaks(files, secrets(built.instructor))
    ]


def complain(findings: list[Finding]) -> None:
    """Raise one UserError for all findings, if there are any."""
    if findings:
        count = f"{len(findings)} authoring mistake{'' if len(findings) == 1 else 's'}"
        lines = "\n".join(str(finding) for finding in sorted(set(findings)))
        raise UserError(f"{count}:\n{lines}", "Mend them and run `autograder build` again.")


def mistakes(course: Course, unit: str, draft: bool = False) -> tuple[list[Finding], Built | None]:
    """A unit's authoring mistakes, and its notebooks where they can be made.

    draft  its answers need not be there yet
    """
    written = draft_of(course, unit)
    findings = check(written, draft)
    if findings:
        return findings, None
    notebook = instructor(written.source.notebook, course, unit)
    built = Built(
        unit,
        place_of(course, unit, written.source),
        notebook,
        release(notebook),
        solution(notebook),
    )
    findings = stubs(built) + leaking(built) + leaking_toolkit(built, toolkit(course))
    return findings, None if findings else built


def build_units(course: Course, units: list[str], draft: bool = False) -> list[Built]:
    """The units' notebooks. Raises one UserError with all authoring mistakes in all of them."""
    pairs = [mistakes(course, unit, draft) for unit in units]
    complain([finding for findings, _ in pairs for finding in findings])
    return [built for _, built in pairs if built is not None]


def build_unit(course: Course, unit: str) -> Built:
    """One unit's notebooks, not written anywhere."""
    return build_units(course, [unit])[0]
