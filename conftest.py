"""For every pytest run here, `pytest --nbval solutions/` included: the same output each time."""

import os

import pytest

os.environ["LESSONKIT_OFFLINE"] = "1"
os.environ["LESSONKIT_PROGRESS"] = "0"
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["plugins.files", "plugins.second_run"]  # in tests/plugins


@pytest.hookimpl(optionalhook=True)  # xdist may be left out: `-p no:xdist`
def pytest_xdist_make_scheduler(config, log):
    """With `--nbval -n 2`, keep a notebook's cells together, in one process and in their order."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log) if config.getoption("nbval", False) else None
