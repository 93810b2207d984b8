"""What README.md says of marking by hand holds: `jupyter lab` in the course's folder serves formgrader."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from classroom import ANSWER, UNIT, Classroom

TOKEN = "a-token-of-this-test"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[Classroom, str]]:
    """A graded course, and the address of a JupyterLab that was started in its folder."""
    room = Classroom(tmp_path / "course")
    room.hand_in_right("right")
    room.grade()
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--port=0"]
    log = tmp_path / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, f"--IdentityProvider.token={TOKEN}"],
            cwd=room.course.root,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield room, address(server, log)
    finally:
        server.terminate()
        server.wait(timeout=60)


def address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Where a server says that it listens."""
    for _ in range(600):
        for word in log.read_text(errors="replace").split():
            if word.startswith("http://127.0.0.1:") and "/lab" in word:
                return word.split("/lab")[0]
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def get(url: str) -> tuple[int, str]:
    """Status and text of a page."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_formgrader_shows_the_written_answer_that_is_to_be_marked(
    lab: tuple[Classroom, str],
) -> None:
    room, url = lab
    status, page = get(f"{url}/formgrader")
    assert status == 200, page
    assert "formgrader" in page
    status, text = get(f"{url}/formgrader/api/assignment/{UNIT}")
    assert status == 200, text
    assert json.loads(text)["num_submissions"] == 1
    status, text = get(f"{url}/formgrader/api/submitted_notebooks/{UNIT}/{UNIT}")
    assert status == 200, text
    found: dict[str, Any] = json.loads(text)[0]
    assert found["student"] == "right"
    assert found["needs_manual_grade"]
    status, page = get(f"{url}/formgrader/submissions/{found['id']}")
    assert status == 200, page
    assert ANSWER in page
    assert room.course.root.is_dir()
