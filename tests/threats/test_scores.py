"""Hostile, for points: whatever is patched, planted, forged or overwritten, wrong stays wrong."""

from __future__ import annotations

import site
import sys
from pathlib import Path

import pytest
from catalogue.scores import heading
from catalogue.threat import Threat
from school import LEFT_BEHIND, Graded, hold

from autograder.course import Course

pytestmark = pytest.mark.xdist_group("scores")


@pytest.fixture(scope="module")
def graded(built: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return hold(heading, built, tmp_path_factory.mktemp("scores"))


@pytest.mark.parametrize("threat", heading.threats, ids=lambda threat: threat.title)
def test_an_attack_earns_nothing_and_costs_nothing(graded: Graded, threat: Threat, enter) -> None:
    enter(heading.title, **graded.of(threat))
    row = graded.rows[threat.student]
    assert (row.points, row.status) == (threat.deserved, threat.status), graded.said(row.student)
    assert not graded.seen(row.student)


def test_nobody_else_is_affected_and_nothing_is_left_behind(graded: Graded) -> None:
    assert graded.affected == []
    assert graded.leftovers == []


def test_no_start_up_file_and_no_shared_cache_was_written() -> None:
    homes = [Path.home(), Path.home() / ".ipython"]
    assert not [h for h in homes if (h / "profile_default/startup/00-gift.py").exists()]
    places = [*site.getsitepackages(), *sys.path, "/tmp", "/var/tmp", "/dev/shm", "/run"]
    folders = [Path(place) for place in places if Path(place).is_dir()]
    packages = [p for f in folders if f.name == "site-packages" for p in f.iterdir() if p.is_dir()]
    everywhere = [*folders, *packages, *(p / "__pycache__" for p in packages)]
    assert not [f for folder in everywhere for f in folder.glob(f"{LEFT_BEHIND}*")]
