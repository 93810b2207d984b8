"""A student at work in a real JupyterLab in a real browser: wrong answer, diagnosis, right answer."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_server.serverapp import list_running_servers

ROOT = Path(__file__).resolve().parents[2]
UNIT = "02_numpy_backprop"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

WRONG = 'def half_mse(f, y):\n    """Loss."""\n    return float(((f - y) ** 2).sum(axis=1).mean())'
RIGHT = WRONG.replace("float(", "float(0.5 * ")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: install Debian's package chromium"
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """JupyterLab on a copy of the released notebook; its address."""
    shutil.copy(ROOT / "notebooks" / UNIT / f"{UNIT}.ipynb", tmp_path)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"),
        *("--ServerApp.token=", "--ServerApp.password=", f"--ServerApp.root_dir={tmp_path}"),
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / ".jupyter")}
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(tmp_path / ".lab")
    environment["JUPYTER_RUNTIME_DIR"] = str(tmp_path / ".running")
    notices = tmp_path / ".lab" / "@jupyterlab" / "apputils-extension"
    notices.mkdir(parents=True)
    (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    with (tmp_path / "lab.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            yield address_of(server, tmp_path / ".running")
        finally:
            server.terminate()
            server.wait(20)


def address_of(server: subprocess.Popen[bytes], running: Path) -> str:
    """The address of a server that has taken a free port, as it writes it down; once it answers."""
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        for found in list_running_servers(str(running)):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{found['url']}api", timeout=2).close()
                return str(found["url"]).rstrip("/")
        time.sleep(0.3)
    pytest.fail("JupyterLab does not answer; its log is lab.log in the test's folder")


def test_a_student_sees_the_diagnosis_then_passes_then_sees_a_plot(
    lab: str, tmp_path: Path
) -> None:
    from playwright.sync_api import Locator, expect, sync_playwright

    pictures = Path(os.environ.get("PICTURES", tmp_path))  # `make pictures` keeps the screenshot

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1100, "height": 1400})
        page.goto(f"{lab}/lab/tree/{UNIT}.ipynb?reset")
        notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")

        def cell(text: str) -> Locator:
            """The code cell that holds `text`, scrolled to: JupyterLab draws only what is near."""
            found = notebook.locator(".jp-CodeCell", has_text=text).first
            box = notebook.locator(".jp-WindowedPanel-outer")
            for _ in range(80):
                if found.count():
                    break
                box.evaluate("box => box.scrollBy(0, 500)")
                page.wait_for_timeout(120)
            found.scroll_into_view_if_needed()
            return found

        def run(text: str) -> Locator:
            found = cell(text)
            found.locator(".cm-content").click()
            page.keyboard.press("Control+Enter")
            return found

        def rewrite(text: str, source: str) -> None:
            found = cell(text)
            found.locator(".cm-content").click()
            page.keyboard.press("Control+A")
            page.keyboard.insert_text(source)
            page.keyboard.press("Control+Enter")

        expect(page.locator("h1", has_text="Backpropagation by hand")).to_be_visible(timeout=60_000)
        setup = run("Run this cell first")
        expect(setup.locator(".jp-OutputArea")).to_contain_text("Ready: Python", timeout=60_000)
        run("import numpy as np")

        run("the trap: ")
        plot = run("XOR in the plane")
        picture = plot.locator(".jp-OutputArea img")
        expect(picture).to_be_visible(timeout=30_000)
        assert picture.evaluate("img => img.naturalWidth") > 300
        expect(plot.locator(".jp-OutputArea")).to_contain_text("corners share a class")

        check = 'score = check.Score("The loss", 3)'
        untouched = run(check)
        expect(untouched.locator(".jp-OutputArea")).to_contain_text("[missing]", timeout=30_000)

        rewrite("def half_mse", WRONG)
        failed = run(check)
        expect(failed.locator(".jp-OutputArea")).to_contain_text("[missing-half]", timeout=30_000)
        page.screenshot(path=str(pictures / "student.png"))

        rewrite("def half_mse", RIGHT)
        passed = run(check)
        expect(passed.locator(".jp-OutputArea")).to_contain_text("✓ one sample", timeout=30_000)
        expect(passed.locator(".jp-OutputArea")).not_to_contain_text("missing-half")
        browser.close()
