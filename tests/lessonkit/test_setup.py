"""Set-up, quiz and progress bar."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from lessonkit import check, progress, quiz, setup

MENDED = """
import sys
from lessonkit import setup
setup.mend_torchvision()
setup.mend_torchvision()
import torch, torchvision
from torchvision import datasets, transforms
print(transforms.ToTensor()(__import__("numpy").zeros((4, 5), "uint8")).shape, datasets.MNIST.__name__)
"""


def test_torchvision_can_be_imported_after_mending_in_a_fresh_process() -> None:
    command = [sys.executable, "-W", "error", "-c", MENDED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("torch.Size([1, 4, 5]) MNIST\n", "")


def test_mending_without_torchvision_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)  # as if it were not installed
    before = len(setup._libraries)
    setup.mend_torchvision()
    assert len(setup._libraries) == before


def test_one_seed_for_three_generators() -> None:
    draws = []
    for _ in range(2):
        setup.seed_everything(7)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]


def test_start_prints_one_line_and_gives_a_device(capsys: pytest.CaptureFixture[str]) -> None:
    device = setup.start()
    assert device == setup.pick_device()
    pattern = r"Ready: Python \S+, lessonkit \S+, numpy \S+, torch \S+, device \S+, seed 42\.\n"
    assert re.fullmatch(pattern, capsys.readouterr().out)


def test_a_quiz_asks_for_letters_and_says_nothing_about_right_or_wrong() -> None:
    quiz.form({"q1": "a", "q2": "D"}, {"q1": "ab", "q2": "abcd"})
    for answers in ({}, {"q1": "?"}, {"q1": ""}, {"q1": "ab"}, {"q1": 1}, {"q1": "e"}):
        with pytest.raises(check.CheckFailed) as caught:
            quiz.form(answers, {"q1": "abcd"})
        assert caught.value.code == "not-answered"
        assert "q1: write one of the letters a, b, c, d in quotes" in str(caught.value)
    with pytest.raises(check.CheckFailed, match="should be dict, not list"):
        quiz.form(["a"], {"q1": "ab"})


def test_a_quiz_tells_right_wrong_and_unanswered_apart() -> None:
    quiz.right({"q1": " B "}, "q1", "b", "section 3")
    for answers, code in (
        ({"q1": "c"}, "wrong-answer"),
        ({}, "not-answered"),
        (None, "not-answered"),
    ):
        with pytest.raises(check.CheckFailed) as caught:
            quiz.right(answers, "q1", "b", "section 3")
        assert caught.value.code == code
    with pytest.raises(check.CheckFailed, match="Read again: section 3"):
        quiz.right({"q1": "c"}, "q1", "b", "section 3")


def test_the_progress_bar_gives_each_item_and_can_be_hidden(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LESSONKIT_PROGRESS", "0")
    assert list(progress.bar(range(3), "epochs")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("LESSONKIT_PROGRESS", "1")
    assert list(progress.bar(iter("ab"), "letters", total=2)) == ["a", "b"]
    assert "letters" in capsys.readouterr().err


def test_settings_for_students_are_not_those_for_grading() -> None:
    code = "import os; from lessonkit import progress; print(list(progress.bar('ab')))"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LESSONKIT_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['a', 'b']\n"
