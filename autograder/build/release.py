"""From the instructor's notebook to the student's, through nbgrader's own steps.

These are the steps of `nbgrader generate_assignment`, without the one that writes to the gradebook:
running that command on `.build/source` gives the same bytes.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
)
from traitlets.config import Config

CODE_STUB = "# TODO: your code here\nraise NotImplementedError"
TEXT_STUB = "*Your answer here.*"

STEPS = (
    IncludeHeaderFooter,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)


def settings() -> Config:
    """What the steps need to know; nbgrader_config.py says the same to nbgrader."""
    config = Config()
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    config.Exporter.default_preprocessors = []
    return config


def release(instructor: NotebookNode) -> NotebookNode:
    """The student's notebook: stubs for solutions, no hidden tests, test cells locked."""
    notebook = copy.deepcopy(instructor)
    resources: dict[str, Any] = {}
    config = settings()
    for step in STEPS:
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def prepare(instructor: dict[str, Any]) -> dict[str, Any]:
    """What a submission is restored on: the instructor's notebook with stubs for solutions.

    These are nbgrader's own steps up to the point where it saves cells to the gradebook: hidden
    tests are in place, and checksums tell what a student left untouched.
    """
    notebook = nbformat.reads(json.dumps(instructor), as_version=4)
    resources: dict[str, Any] = {}
    for step in STEPS[: STEPS.index(ComputeChecksums) + 1]:
        notebook, resources = step(config=settings()).preprocess(notebook, resources)
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    return plain


def to_text(notebook: NotebookNode) -> str:
    """A notebook as the text of its file, as nbgrader and Jupyter write it."""
    nbformat.validate(notebook)
    text, _ = NotebookExporter(config=settings()).from_notebook_node(notebook)
    return str(text)
