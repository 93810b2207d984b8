"""The same submissions, graded by plain nbgrader: `python tests/threats/stock.py RESULTS.json`.

Each threat is graded by the real command, `nbgrader autograde`, with nbgrader's own settings but for
a shorter time limit, in namespaces where everything but a copy of the course is read-only. What would
still harm the machine is left out, and says so. Results are kept as they come: run again, it goes on.
Needs root and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalogue import credit, machine, scores, secrets, unlucky
from catalogue.desk import RIGHT, UNIT, Bait, Desk, cell, load
from catalogue.threat import Threat
from nbgrader.api import Gradebook
from school import CANARY, Listener, build_course, differences, digests, strangers

from autograder.course import Course, is_test

HERE = Path(__file__).resolve().parent
HEADINGS = (unlucky.heading, scores.heading, secrets.heading, machine.heading)
TOOLS = str(Path(sys.executable).parent)
CELL_SECONDS = 10
WALL_SECONDS = 100
NEIGHBOUR, NEXT = "a-neighbour", "z-neighbour"  # one graded before, one whose turn comes after
CONFIG = f"""
c = get_config()
c.CourseDirectory.source_directory = ".build/source"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.db_url = "sqlite:///gradebook.db"
c.Execute.timeout = {CELL_SECONDS}
"""
Line = dict[str, Any]


class Stock:
    """A course in which plain nbgrader has graded one honest student; each threat gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listener = Listener()
        self.key = folder / "key"
        self.key.write_text("CANARY-key")
        self.template = build_course(folder / "template")
        (self.template.root / "nbgrader_config.py").write_text(CONFIG)
        credit.write(self.template)
        book = f"sqlite:///{self.template.root}/gradebook.db"
        for unit in (UNIT, credit.CREDIT):
            self.nbgrader(self.template, "generate_assignment", unit, "--force", f"--db={book}")
            self.keep(self.template)
        for student in (NEIGHBOUR, NEXT):
            self.desk(self.template, student).hand_in()
        self.nbgrader(self.template, "autograde", UNIT, f"--student={NEIGHBOUR}")
        self.keep(self.template)

    def desk(self, course: Course, student: str) -> Desk:
        return Desk(course, student, Bait(self.listener.port, self.key, NEIGHBOUR))

    def copy(self) -> Course:
        """The course anew, always in the same place."""
        root = self.folder / "course"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template.root, root)
        return Course(root)

    @property
    def out(self) -> Path:
        """Where a run leaves what came of it."""
        return self.folder / "out"

    def keep(self, course: Course) -> None:
        """Go on with the course as the last run has left it."""
        shutil.rmtree(course.root)
        shutil.copytree(self.out / "course", course.root, symlinks=True)

    def nbgrader(self, course: Course, *arguments: str) -> bool:
        """Run one of nbgrader's commands in a jail; whether it ended in time."""
        shutil.rmtree(self.out, ignore_errors=True)
        room = self.folder / "room"
        for folder in (self.out, room):
            folder.mkdir(exist_ok=True)
        packages = sysconfig.get_path("purelib")
        jail = [str(HERE / "jail.sh"), str(course.root), str(room), str(self.out), packages]
        spaces = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc")
        command = ["unshare", *spaces, "sh", *jail, TOOLS, "--"]
        environment = {**os.environ, "THREATS_TOKEN": "CANARY-environment"}
        running = subprocess.Popen(
            [*command, sys.executable, "-m", "nbgrader", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            running.wait(WALL_SECONDS)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            running.kill()
            running.wait()

    def grade(self, threat: Threat) -> Line:
        """Hand one threat in, and see what nbgrader makes of it."""
        if threat.stock:
            return {"got": "not run", "note": threat.stock}
        self.listener.heard.clear()
        course = self.copy()
        threat.make(self.desk(course, threat.student))
        before = digests(course.root)
        if not self.nbgrader(course, "autograde", UNIT, f"--student={threat.student}"):
            return {"got": "no end", "note": f"stopped after {WALL_SECONDS} s", "affected": True}
        return self.line(course, before, threat.student)

    def line(self, course: Course, before: dict[str, str], student: str) -> Line:
        after = Course(self.out / "course")
        changed = differences(before, digests(after.root))
        ours = ("gradebook.db", ".nbgrader.log", "__pycache__")
        affected = [c for c in changed if not c.startswith(ours)]
        affected += strangers(after)
        theirs = (c.autograded / NEIGHBOUR for c in (course, after))
        if len({str(digests(folder)) for folder in theirs}) > 1:
            affected.append("the neighbour's graded notebook was changed")
        affected += (self.out / "written").read_text().split() if self.wrote() else []
        kept = marks(after)
        if kept.get(NEIGHBOUR) != 10:
            affected.append(f"the neighbour has {kept.get(NEIGHBOUR)}")
        code = (self.out / "code").read_text().strip()
        seen = self.seen(after, student)
        if code != "0":  # was it this one alone, or does the class stop here?
            self.nbgrader(course, "autograde", UNIT)
            if NEXT not in marks(Course(self.out / "course")):
                affected.append("the next student was not graded")
        got = kept.get(student, "no score")
        return {"got": got, "seen": sorted(seen), "affected": affected, "note": f"exit code {code}"}

    def wrote(self) -> bool:
        text = (self.out / "written").read_text()
        return "threats" in text or "00-gift" in text

    def seen(self, course: Course, student: str) -> set[str]:
        """Canaries in the student's own cells, and in all that was sent."""
        file = course.autograded / student / UNIT / f"{UNIT}.ipynb"
        texts = [part.decode("latin-1") for part in self.listener.heard]
        texts += ["CANARY-sent"] if self.listener.heard else []
        if file.is_file():
            texts += [json.dumps(c) for c in load(file)["cells"] if not is_test(c)]
        return {canary for text in texts for canary in CANARY.findall(text)}

    def feedback(self) -> Line:
        """What one's own feedback page shows, after an ordinary wrong hand-in."""
        course = self.copy()
        self.desk(course, "student").attack()
        self.nbgrader(course, "autograde", UNIT, "--student=student")
        got = marks(Course(self.out / "course")).get("student", "no score")
        self.keep(course)
        self.nbgrader(course, "generate_feedback", UNIT, "--student=student")
        page = self.out / "course" / "feedback" / "student" / UNIT / f"{UNIT}.html"
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
        return {"got": got, "seen": sorted(set(CANARY.findall(text))), "affected": []}

    def credits(self) -> dict[str, Line]:
        """What each kind of number earns."""
        course = self.copy()
        file = course.submitted / "student" / credit.CREDIT / f"{credit.CREDIT}.ipynb"
        file.parent.mkdir(parents=True)
        notebook = load(course.notebooks / credit.CREDIT / file.name)
        cell(notebook, "double")["source"] = RIGHT["double"]
        file.write_text(json.dumps(notebook), encoding="utf-8")
        self.nbgrader(course, "autograde", credit.CREDIT)
        with Gradebook(f"sqlite:///{self.out}/course/gradebook.db") as book:
            found = book.find_submission_notebook(credit.CREDIT, credit.CREDIT, "student")
            scores = {grade.name: grade.auto_score for grade in found.grades}
        return {
            f"{value} as partial credit": {"got": scores.get(f"double-{number}") or "no score"}
            for number, value in enumerate(credit.VALUES)
        }

    def regrade(self) -> Line:
        """A right hand-in, graded; then one that kills the kernel."""
        course = self.copy()
        desk = self.desk(course, "student")
        desk.hand_in()
        self.nbgrader(course, "autograde", UNIT, "--student=student")
        self.keep(course)
        deadly = "import os\nos._exit(1)"
        desk.hand_in(double=deadly, scale=deadly, mean=deadly)
        self.nbgrader(course, "autograde", UNIT, "--student=student", "--force")
        return {"got": marks(Course(self.out / "course")).get("student", "no score")}


def marks(course: Course) -> dict[str, float]:
    """Student -> points of the tests, for those who have been graded."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(UNIT)}


def lines(stock: Stock, known: dict[str, Line], only: str) -> Iterator[dict[str, Line]]:
    """Each threat's line that is not known yet, as it comes."""
    special = {"expected values, from one's own feedback page": stock.feedback}
    special["a regrade that kills the kernel"] = stock.regrade
    for title, run in special.items():
        if title not in known:
            yield {title: run()}
    if f"{next(iter(credit.VALUES))} as partial credit" not in known:
        yield stock.credits()
    for heading in HEADINGS:
        for threat in heading.threats:
            new = threat.title not in known and threat.title not in special
            if new and re.search(only, threat.title):
                yield {threat.title: stock.grade(threat)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="threats in this run")
    parser.add_argument("--only", default="", help="threats whose title matches this pattern")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # tidy up then too
    os.environ["PATH"] = os.pathsep.join([TOOLS, os.environ["PATH"]])  # nbgrader calls alembic
    known = json.loads(chosen.results.read_text()) if chosen.results.is_file() else {}
    folder = Path(tempfile.mkdtemp(prefix="stock-", dir="/var/tmp"))
    stock = Stock(folder)
    try:
        for _, line in zip(range(chosen.most), lines(stock, known, chosen.only), strict=False):
            known |= line
            chosen.results.write_text(json.dumps(known, indent=1, ensure_ascii=False))
            print(*line.items(), sep="\n", flush=True)
    finally:
        stock.listener.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
