"""Where a test's gradebook is kept: in the course's folder, or in a real PostgreSQL server.

A course's copy needs a gradebook of its own, as full as the one that it was copied with: `own`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from autograder.course import Course

in_both_databases = pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)],
    indirect=True,
    scope="session",
)


class Database(Protocol):
    def own(self, course: Course) -> None:
        """Give the course a gradebook that no other copy of it writes to."""


class SQLite:
    """gradebook.db was copied with its folder."""

    def own(self, course: Course) -> None:
        pass


class PostgreSQL:
    """A server for one session of tests, in a folder of its own, on a port of its own."""

    def __init__(self, tools: Path, folder: Path) -> None:
        self.tools, self.folder = tools, folder
        self.user = "postgres" if os.geteuid() == 0 else None  # the server refuses to be root
        self.names = (f"course{n}" for n in count())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if self.user:
            shutil.chown(folder, self.user, self.user)
        self._run("initdb", "--auth=trust", "--username=grader", "--encoding=UTF8", "--no-sync")

    def _run(self, tool: str, *arguments: str) -> None:
        """One of PostgreSQL's own tools on our data, as a user that it accepts."""
        done = subprocess.run(
            [self.tools / tool, "--pgdata", self.folder / "data", *arguments],
            cwd=self.folder,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        log = self.folder / "log"
        assert done.returncode == 0, f"{tool}: {log.read_text() if log.exists() else ''}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """At once, whoever is connected: as it is when somebody pulls the plug."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def url(self, name: str) -> str:
        return f"postgresql://grader@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template1") -> str:
        """A new database, as full as its template; its URL."""
        name = next(self.names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def own(self, course: Course) -> None:
        """A copy of the database that the course's configuration names; it then names the copy."""
        before = course.gradebook
        server, _, name = before.rpartition("/")
        ours = server == self.url("").rstrip("/")
        url = self.create(name) if ours else self.create()
        config = course.root / "nbgrader_config.py"
        config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}\n")


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A server that is gone afterwards. Skips the test where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))  # Debian's place
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # not pytest's own folder: that is closed to other users
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = PostgreSQL(Path(initdb).parent, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
