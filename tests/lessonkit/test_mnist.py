"""MNIST without a network: from the files that the course brings along, and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from lessonkit import data
from lessonkit.setup import mend_torchvision

mnist_module = sys.modules["lessonkit.data.mnist"]  # `data.mnist` is the function
SHIPPED = Path(__file__).parents[2] / "data" / "mnist"

FRESH = """
import json, sys
attempts = []
network = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request")
sys.addaudithook(lambda event, args: attempts.append(event) if event in network else None)
from lessonkit import data, setup
setup.mend_torchvision()
from torchvision import transforms
digits = data.mnist(train=True, transform=transforms.ToTensor())
picture, label = digits[0]
print(json.dumps([attempts, len(digits), len(data.mnist(train=False)), list(picture.shape), label]))
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files, which `data.mnist` reads in this test."""
    folder = tmp_path / "mnist"
    shutil.copytree(SHIPPED, folder)
    monkeypatch.setattr(mnist_module, "shipped", lambda: (folder, mnist_module.IN_CHECKOUT))
    return folder


def test_a_fresh_process_reads_the_digits_without_network_and_without_warning() -> None:
    environment = {**os.environ, "LESSONKIT_OFFLINE": "1"}
    command = [sys.executable, "-W", "error", "-c", FRESH]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], 6000, 4000, [1, 28, 28], 3]
    assert done.stderr == ""


def test_it_is_torchvisions_own_class() -> None:
    digits = data.mnist()
    from torchvision import datasets

    assert type(digits) is datasets.MNIST
    assert digits.data.shape == (6000, 28, 28)
    assert digits.data.dtype == torch.uint8
    assert sorted(digits.targets.unique().tolist()) == list(range(10))


def test_training_and_test_digits_do_not_overlap() -> None:
    known, new = (data.mnist(train=train).data.flatten(1).numpy() for train in (True, False))
    assert not {row.tobytes() for row in known} & {row.tobytes() for row in new}


def test_nothing_is_left_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    data.mnist()
    left = [path.name for path in tmp_path.iterdir()]
    assert [name for name in left if not name.startswith("torchinductor")] == []  # torch's own


def test_a_folder_of_ones_own_is_used_and_may_be_used_again(tmp_path: Path) -> None:
    assert len(data.mnist(root=tmp_path)) == 6000
    assert len(data.mnist(root=tmp_path, train=False)) == 4000
    raw = tmp_path / "shipped" / "MNIST" / "raw"
    assert sorted(f"{file.name}.gz" for file in raw.iterdir()) == sorted(mnist_module.FILES)


@pytest.mark.parametrize("name", mnist_module.FILES)
def test_a_damaged_file_is_named_with_how_to_get_it_back(files: Path, name: str) -> None:
    content = bytearray((files / name).read_bytes())
    content[len(content) // 2] ^= 1
    (files / name).write_bytes(content)
    with pytest.raises(data.MnistUnreadable) as caught:
        data.mnist()
    assert f"{files} are not usable: {name} is damaged." in str(caught.value)
    assert "git checkout -- data/mnist" in str(caught.value)


def test_a_file_that_was_cut_off_is_damaged(files: Path) -> None:
    images = files / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:1000])
    with pytest.raises(data.MnistUnreadable, match=r"train-images-idx3-ubyte\.gz is damaged"):
        data.mnist()


def test_all_bad_files_are_named_at_once(files: Path) -> None:
    (files / "t10k-labels-idx1-ubyte.gz").unlink()
    (files / "train-labels-idx1-ubyte.gz").write_bytes(b"")
    missing = "train-labels-idx1-ubyte.gz is damaged; t10k-labels-idx1-ubyte.gz is missing"
    with pytest.raises(data.MnistUnreadable, match=re.escape(missing)):
        data.mnist()


def test_a_folder_in_the_place_of_a_file_cannot_be_read(files: Path) -> None:
    (files / "t10k-labels-idx1-ubyte.gz").unlink()
    (files / "t10k-labels-idx1-ubyte.gz").mkdir()
    with pytest.raises(data.MnistUnreadable, match=r"t10k-labels\S+ cannot be read \(Is a dir"):
        data.mnist()


def test_an_installed_toolkit_without_its_digits_says_to_install_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "site-packages" / "lessonkit" / "data" / "mnist.py"
    monkeypatch.setattr(mnist_module, "__file__", str(place))
    with pytest.raises(data.MnistUnreadable, match="%pip uninstall --yes lessonkit"):
        mnist_module.shipped()
    (place.parent.parent / "mnist").mkdir(parents=True)
    assert mnist_module.shipped() == (place.parent.parent / "mnist", mnist_module.INSTALLED)


def test_digits_that_were_downloaded_are_read_and_not_replaced(tmp_path: Path) -> None:
    mend_torchvision()
    mnist_module.unpack(tmp_path)
    labels = tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    before = labels.stat().st_mtime_ns
    assert len(mnist_module.downloaded(True, None, tmp_path)) == 6000
    data.mnist(root=tmp_path)
    assert labels.stat().st_mtime_ns == before


def test_a_damaged_download_says_what_to_delete(tmp_path: Path) -> None:
    mend_torchvision()
    mnist_module.unpack(tmp_path)
    images = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:5000])
    with pytest.raises(data.MnistUnreadable, match=f"Delete the folder {tmp_path / 'MNIST'}"):
        mnist_module.downloaded(True, None, tmp_path)


def test_a_download_that_fails_leaves_the_courses_own_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mend_torchvision()
    from torchvision import datasets

    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setattr(mnist_module, "online", lambda _: True)
    monkeypatch.setenv("LESSONKIT_OFFLINE", "0")
    assert len(data.mnist(root=tmp_path)) == 6000
    assert "the course's own digits are used" in capsys.readouterr().out


def test_a_host_that_does_not_answer_is_offline_and_costs_little_time() -> None:
    start = time.monotonic()
    assert not mnist_module.online("https://192.0.2.1/", 0.3)
    assert not mnist_module.online("https://no-such-host.invalid/", 0.3)
    assert time.monotonic() - start < 2
