"""A class of attackers and honest neighbours, graded in one run by the real engine, and what came of it."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import html
import io
import json
import os
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
from catalogue.desk import ANSWER, FULL, HONEST, RIGHT, UNIT, WRONG, Bait, Desk, cell, load
from catalogue.threat import Heading, Threat
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.build import build
from autograder.course import Course, is_test
from autograder.grading.options import Options
from autograder.grading.run import grade
from autograder.model import Limits, Status, Verdict
from autograder.records import results
from autograder.records.results import Result
from autograder.records.standing import Row, standing
from autograder.reports.class_table import class_table
from autograder.reports.export import write_export
from autograder.reports.feedback import write_feedback
from autograder.reports.report import write_report
from autograder.sandbox import close_shared

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIMITS = Limits(
    cell_seconds=5,
    notebook_seconds=40,
    cpu_seconds=60,
    memory=512,
    processes=48,
    file_size=16,
    scratch=48,
    output=1,
)
NEIGHBOURS = {"a-neighbour": FULL, "m-neighbour": HONEST, "z-neighbour": FULL}
# In hidden tests, solutions, others' work, the environment and files: in word, and as expected values.
CANARY = re.compile(r"CANARY-[-\w]+|\b(?:524287|131071|65521|32749|16381|8191)(?:\.0*)?\b")
LEFT_BEHIND = "threats-left-behind"  # the name that attackers' processes and files give themselves


def build_course(folder: Path) -> Course:
    """The course of the threats, built."""
    shutil.copytree(HERE / "course", folder)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    course = Course(folder)
    build(course, [UNIT], execute=False, draft=True)
    solution = course.solutions / UNIT / f"{UNIT}.ipynb"
    solution.parent.mkdir(parents=True)
    shutil.copy(course.instructor / UNIT / f"{UNIT}.ipynb", solution)
    return course


class Listener:
    """A server on this machine's loopback: what student code can send out, arrives here."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.sockets = [socket.socket(type=socket.SOCK_STREAM)]
        self.sockets[0].bind(("127.0.0.1", 0))
        self.sockets[0].listen()
        self.port: int = self.sockets[0].getsockname()[1]
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", self.port)),
            (socket.AF_UNIX, f"\0threats-{self.port}"),
        ):
            self.sockets.append(socket.socket(family, socket.SOCK_DGRAM))
            self.sockets[-1].bind(address)
        threading.Thread(target=self._accept, daemon=True).start()
        for datagrams in self.sockets[1:]:
            threading.Thread(target=self._receive, args=(datagrams,), daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.sockets[0].accept()
                with connection:
                    connection.settimeout(2)
                    self.heard.append(b"connected ")
                    with contextlib.suppress(OSError):
                        self.heard.append(connection.recv(65536))

    def _receive(self, datagrams: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = datagrams.recv(65536)
                self.heard += [data] if data else []  # nothing: it is being closed

    def close(self) -> None:
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@dataclass
class Graded:
    """A class after its grading: each student's result, what they can see, what else is different."""

    course: Course
    heard: list[bytes]
    changed: list[str]  # files of the course, beside those that grading writes
    leftovers: list[str] = field(default_factory=list)

    @cached_property
    def rows(self) -> dict[str, Row]:
        return {row.student: row for row in standing(self.course, UNIT).rows}

    @cached_property
    def csv(self) -> dict[str, str]:
        """The exported line of each student."""
        file = write_export(self.course, [UNIT], "csv")[0]
        lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))[1:]
        return {line[0].lstrip("'"): ",".join(line) for line in lines}

    @cached_property
    def pages(self) -> dict[str, str]:
        """The feedback page of each student who handed something in."""
        return {f.parts[-3]: f.read_text("utf-8") for f in write_feedback(self.course, UNIT)}

    @cached_property
    def report(self) -> str:
        return write_report(self.course, UNIT)[0].read_text(encoding="utf-8")

    def autograded(self, student: str) -> dict[str, Any]:
        return load(self.course.autograded / student / UNIT / f"{UNIT}.ipynb")

    def verdicts(self, student: str) -> dict[str, Verdict]:
        """What is kept for the instructor."""
        with Gradebook(self.course.gradebook) as gradebook:
            kept = results.load(gradebook.db, UNIT)[student].verdicts
        return {verdict.grade_id: verdict for verdict in kept}

    def points(self, student: str) -> float:
        return self.rows[student].points

    def said(self, student: str) -> str:
        """Reason, remarks and messages."""
        row = self.rows[student]
        messages = [mark.message for mark in row.marks.values()]
        return "\n".join([row.reason, *row.remarks, *messages])

    def seen(self, student: str) -> set[str]:
        """Canaries in all that a student gets to see, and in all that left the machine's sandbox."""
        if self.rows[student].status is Status.MISSING:
            return set()
        page = html.unescape(re.sub(r"<[^>]+>", "", self.pages[student]))
        texts = [page, self.pages[student], self.said(student), self.csv.get(student, "")]
        for found in self.autograded(student)["cells"]:
            # of a test's source, students are given what is not hidden; of its outputs, all
            shown = found["outputs"] if is_test(found) else found
            texts.append(json.dumps(shown, ensure_ascii=False))
        texts += [part.decode("latin-1") for part in self.heard]
        return {canary for text in texts for canary in CANARY.findall(text)}

    @cached_property
    def affected(self) -> list[str]:
        """What happened to honest neighbours that should not have, in words."""
        found = []
        with Gradebook(self.course.gradebook) as gradebook:
            kept = {s.student.id: s.score for s in gradebook.assignment_submissions(UNIT)}
        for student, points in NEIGHBOURS.items():
            row = self.rows[student]
            if (row.points, row.status, row.reason, row.remarks) != (points, Status.GRADED, "", ()):
                found.append(f"{student}: {row.points:g} of {points:g}, {row.what} {row.remarks}")
            if kept.get(student) != points:
                found.append(f"{student}: {kept.get(student)} in the gradebook")
            if cell(self.autograded(student), "mean")["source"] != RIGHT["mean"]:
                found.append(f"{student}: another notebook in autograded/")
        return found + self.changed + strangers(self.course)

    def of(self, threat: Threat) -> dict[str, Any]:
        """The table's line for a threat."""
        row = self.rows[threat.student]
        return {
            "title": threat.title,
            "deserved": threat.deserved,
            "got": row.points,
            "status": row.status.value,
            "seen": sorted(self.seen(threat.student)),
            "affected": self.affected,
        }


def shown_table(graded: Graded) -> str:
    """The class table, as it is printed."""
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(class_table(standing(graded.course, UNIT)))
    return console.export_text()


def hold(heading: Heading, built: Course, folder: Path) -> Graded:
    """Let a heading's threats and the neighbours hand in, and grade them all in one run."""
    shutil.copytree(built.root, folder / "course")
    course = Course(folder / "course")
    with surroundings(folder) as (listener, bait):
        for student, points in NEIGHBOURS.items():
            desk = Desk(course, student, bait)
            desk.hand_in(**(WRONG if points < FULL else RIGHT))
            notebook = desk.file.read_text().replace(ANSWER, f"{ANSWER} CANARY-neighbour")
            desk.file.write_text(notebook)
        for threat in heading.threats:
            threat.make(Desk(course, threat.student, bait))
        before = digests(course.root)
        leftovers = grade_watched(course)
        after = digests(course.root)
    return Graded(course, listener.heard, differences(before, after), leftovers)


@contextlib.contextmanager
def surroundings(folder: Path) -> Iterator[tuple[Listener, Bait]]:
    """A listener, a file and an environment variable that student code would like to reach."""
    listener = Listener()
    key = folder / "key"
    key.write_text("CANARY-key")
    os.environ["THREATS_TOKEN"] = "CANARY-environment"
    try:
        yield listener, Bait(listener.port, key, "a-neighbour")
    finally:
        del os.environ["THREATS_TOKEN"]
        listener.close()


def grade_watched(course: Course, **options: Any) -> list[str]:
    """Grade the unit; returns what is left on the machine afterwards that was not there before."""
    scratch = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    close_shared()
    before, mounts = children(), Path("/proc/self/mountinfo").read_text()
    inherited, tempfile.tempdir = os.environ.get("TMPDIR"), str(scratch)
    os.environ["TMPDIR"] = str(scratch)
    try:
        run(course, **options)
        close_shared()  # as a grader does when it ends
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if inherited is not None:
            os.environ["TMPDIR"] = inherited
    left = [f"process {p}" for p in children() - before]
    left += [f"process {p}" for p in named(LEFT_BEHIND)]
    names = [str(file.relative_to(scratch)) for file in scratch.rglob("*")]
    left += [f"file {name}" for name in names]
    left += [f"file {file}" for file in Path("/dev/shm").glob(f"*{LEFT_BEHIND}*")]
    if Path("/proc/self/mountinfo").read_text() != mounts:
        left.append("mounts")
    shutil.rmtree(scratch, ignore_errors=True)
    return left


def run(course: Course, **options: Any) -> dict[str, Result]:
    chosen = Options(**{"engine": "exam", "workers": 2, "limits": LIMITS, **options})
    return {result.student: result for result in grade(course, UNIT, chosen)}


def children() -> set[int]:
    """Processes below this one that run; multiprocessing keeps one of its own to the end."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended
            if "resource_tracker" not in " ".join(process.cmdline()):
                found.add(process.pid)
    return found


def named(word: str) -> list[int]:
    """Processes anywhere on this machine with this word in their command line."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()[:1]):
                found.append(process.pid)
    return found


WRITTEN_BY_GRADING = ("autograded", "gradebook.db", ".build/grading.lock")


def digests(folder: Path) -> dict[str, str]:
    """Each file below a folder, beside those that grading writes, with what is in it."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if name.startswith(WRITTEN_BY_GRADING):
            continue
        if file.is_symlink():
            found[name] = f"link to {os.readlink(file)}"
        elif file.is_file():
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
        else:
            found[name] = f"mode {file.lstat().st_mode:o}"
    return found


def strangers(course: Course) -> list[str]:
    """What lies in autograded/ and belongs to nobody who has handed in."""
    handed_in = {folder.name for folder in course.submitted.iterdir()}
    graded = {folder.name for folder in course.autograded.iterdir()}
    return [f"autograded/{name} belongs to nobody" for name in sorted(graded - handed_in)]


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [f"{name} was changed" for name in names if before.get(name) != after.get(name)]
