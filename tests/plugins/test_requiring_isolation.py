"""Where a machine cannot isolate, tests of isolation skip, and fail with REQUIRE_ISOLATION=1."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from plugins.isolation import REQUIRED, need_isolation

ROOT = Path(__file__).parents[2]
DENIED = (  # a user namespace of its own, in which no further one can be made
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    *('echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"),
)
# One test behind each kind of guard: an autouse fixture, a session's fixture, the school's fixture.
GUARDED = (
    "tests/grading/test_engines.py::test_an_engine_that_does_not_exist_is_an_error",
    "tests/sandbox/test_limits.py",
    "tests/threats/test_secrets.py",
)
# What else may be missing; a skip that names none of these is a fault, whoever adds it.
OTHERS = (
    "Chromium",
    "PostgreSQL",
    "only root",
    "of root alone",
    "is not installed",
    "control group",
)


def run_denied(environment: dict[str, str]) -> tuple[int, dict[str, int], str]:
    """Exit code and counts of outcomes of the guarded tests where no user namespace can be made."""
    command = [*DENIED, sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_") and k != REQUIRED}
    done = subprocess.run(
        [*command, *GUARDED],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
    )
    words = done.stdout.strip().splitlines()[-1].replace(",", "").split()
    counts = {kind: int(n) for n, kind in pairwise(words) if n.isdigit()}
    return done.returncode, counts, done.stdout + done.stderr


def test_what_skips_without_isolation_fails_where_it_is_required() -> None:
    need_isolation()
    code, skipped, text = run_denied({})
    assert code == 0, text
    assert set(skipped) == {"skipped"}, text
    code, failed, text = run_denied({REQUIRED: "1"})
    assert code == 1, text
    assert "skipped" not in failed, text
    assert "passed" not in failed, text
    assert failed.get("errors", failed.get("error")) == skipped["skipped"], text
    assert f"and {REQUIRED} is set" in text


def skips(tree: ast.AST) -> list[str]:
    """The text of each call in a module that skips a test."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and ast.unparse(node.func).split(".")[-1] in ("skip", "skipif", "importorskip", "SkipTest")
    ]


def test_no_test_skips_for_want_of_isolation_in_another_way() -> None:
    found = [
        (str(path.relative_to(ROOT)), text)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path.name != "isolation.py"
        for text in skips(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) >= 6
    assert [one for one in found if not any(words in one[1] for words in OTHERS)] == []


def test_ci_requires_isolation() -> None:
    assert f"export {REQUIRED}=1" in (ROOT / ".ci" / "run").read_text()
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert workflow.index("kernel.apparmor_restrict_unprivileged_userns=0") < workflow.index(
        "bash .ci/run"
    )
