"""Feedback and reports are safe to open: a real browser runs nothing of what a student put into them."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalogue.desk import UNIT
from catalogue.machine import LINK, PAYLOADS, heading
from school import Graded

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
pytestmark = [
    pytest.mark.xdist_group("machine"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine: install Debian's package chromium"
    ),
]


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[Path], list[str]]]:
    """Open a page in a real browser; returns the signs that something in it ran, or was fetched."""
    from playwright.sync_api import Page, sync_playwright

    def look(page: Page, file: Path) -> list[str]:
        signs: list[str] = []
        page.on("dialog", lambda dialog: (signs.append("a dialog"), dialog.dismiss()))
        page.on("request", lambda request: signs.append(f"fetched {request.url[:80]}"))
        page.goto(file.as_uri(), wait_until="load")
        page.wait_for_timeout(300)
        for link in page.locator("a").all():
            if (link.get_attribute("href") or "").startswith("javascript:"):
                link.click()
                page.wait_for_timeout(200)
        signs.remove(f"fetched {file.as_uri()[:80]}")
        if page.title().startswith("ran"):
            signs.append("the title was changed")
        if page.url != file.as_uri():
            signs.append(f"it led to {page.url}")
        return [sign for sign in signs if not sign.startswith("fetched data:")]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)

        def visit(file: Path) -> list[str]:
            page = browser.new_page()
            try:
                return look(page, file)
            finally:
                page.close()

        yield visit
        browser.close()


def test_no_script_runs_in_any_page(attacked: Graded, opened: Callable[[Path], list[str]]) -> None:
    assert attacked.report
    for student, page in attacked.pages.items():
        if "document.title" in page:
            file = attacked.course.feedback / student / UNIT / f"{UNIT}.html"
            assert opened(file) == [], student
    assert sum("document.title" in page for page in attacked.pages.values()) >= 8
    assert opened(attacked.course.reports / f"{UNIT}.html") == []


@pytest.mark.parametrize("name", [*PAYLOADS, "a link"])
def test_the_same_script_runs_in_a_page_that_lets_it(
    name: str, tmp_path: Path, opened: Callable[[Path], list[str]]
) -> None:
    """The control: the browser does run what the pages above hold."""
    file = tmp_path / "page.html"
    link = f'<a href="{LINK}">x</a>'
    file.write_text(f"<!doctype html><title>x</title>{PAYLOADS.get(name, link)}")
    assert opened(file) != []


def test_the_same_scripts_run_in_nbgraders_own_feedback_page(
    attacked: Graded, tmp_path: Path, opened: Callable[[Path], list[str]]
) -> None:
    """The other control, and the reason why this course writes pages of its own."""
    shutil.copytree(attacked.course.root, tmp_path / "course", symlinks=True, ignore=specials)
    name = next(t.student for t in heading.threats if t.title == "scripts in markdown")
    (tmp_path / "course" / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.source_directory = '.build/source'\n"
    )
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", UNIT, "--student", name, "--force"],
        cwd=tmp_path / "course",
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert opened(tmp_path / "course" / "feedback" / name / UNIT / f"{UNIT}.html") != []


def specials(folder: str, names: list[str]) -> list[str]:
    """What cannot be copied: pipes, sockets and devices."""
    modes = {name: (Path(folder) / name).lstat().st_mode for name in names}
    kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    return [name for name, mode in modes.items() if not any(is_kind(mode) for is_kind in kinds)]
