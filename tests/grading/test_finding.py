"""Where notebooks lie and what they are called: each is used, or named."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom
from plugins.isolation import need_isolation
from unexecuted import Unexecuted

from autograder.grading import run
from autograder.grading.options import Options
from autograder.intake.folder.collect import left_out, look, units_with_submissions
from autograder.intake.folder.handed_in import MOST_FILES, read
from autograder.intake.folder.items import LARGEST_DIRECTORY, Item, Unfit, members
from autograder.intake.folder.naming import Kind, kind_of, unit_named
from autograder.model import Status

UNITS = ["01_tiny", "02_numpy_backprop", "03_torch_autograd_check", "07_mnist", "07_mnist_more"]
RIGHT_NAME = f"{UNIT}/{UNIT}.ipynb"


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("02_numpy_backprop", "02_numpy_backprop"),
        ("02_Numpy_Backprop", "02_numpy_backprop"),
        ("02-numpy-backprop", "02_numpy_backprop"),
        ("02 numpy backprop", "02_numpy_backprop"),
        ("2_numpy_backprop", "02_numpy_backprop"),
        ("02_numpy_backprop (1)", "02_numpy_backprop"),
        ("02_numpy_backprop(2)", "02_numpy_backprop"),
        ("02_numpy_backprop-2", "02_numpy_backprop"),
        ("LATE_02_numpy_backprop", "02_numpy_backprop"),
        ("Copy of 02_numpy_backprop", "02_numpy_backprop"),
        ("anna_02_numpy_backprop_final", "02_numpy_backprop"),
        ("2026-10-05_02_numpy_backprop", "02_numpy_backprop"),
        ("numpy_backprop", "02_numpy_backprop"),
        ("numpy backprop (3)", "02_numpy_backprop"),
        ("０２", "02_numpy_backprop"),
        ("02", "02_numpy_backprop"),
        ("2", "02_numpy_backprop"),
        ("02 (1)", "02_numpy_backprop"),
        ("Unit 2", "02_numpy_backprop"),
        ("hw02", "02_numpy_backprop"),
        ("07_mnist_more", "07_mnist_more"),
        ("07_mnist", "07_mnist"),
        ("07", None),  # two units have this number
        ("mnist", "07_mnist"),
        ("03_numpy_backprop", None),  # which of the two?
        ("02_numpy_backprop and 03_torch_autograd_check", None),
        ("12", None),
        ("homework", None),
        ("anna", None),
        ("data", None),
        ("", None),
        ("…", None),
    ],
)
def test_a_name_tells_its_unit_or_none(name, unit):
    assert unit_named(name, UNITS) == unit


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.ipynb", Kind.NOTEBOOK),
        ("X.IPYNB", Kind.NOTEBOOK),
        ("x.ipynb.json", Kind.DISGUISED),
        ("x.ipynb.txt", Kind.DISGUISED),
        ("x.ipynb (1)", Kind.DISGUISED),
        ("x.ipynb.download", Kind.DISGUISED),
        ("x.ipynb.html", Kind.OTHER),
        ("x.ipynb.pdf", Kind.OTHER),
        ("x.zip", Kind.PACKED),
        ("x.ipynb.zip", Kind.PACKED),
        ("helpers.py", Kind.OTHER),
        ("._x.ipynb", Kind.JUNK),
        (".x.ipynb", Kind.JUNK),
        ("x.ipynb~", Kind.JUNK),
        ("x.ipynb.bak", Kind.JUNK),
        ("~$x.docx", Kind.JUNK),
        (".ipynb_checkpoints", Kind.JUNK),
        ("__MACOSX", Kind.JUNK),
        ("timestamp.txt", Kind.JUNK),
        (".DS_Store", Kind.JUNK),
    ],
)
def test_a_name_tells_what_a_file_can_be(name, kind):
    assert kind_of(name) is kind


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@dataclass(frozen=True)
class Lay:
    """Files of one student (N: the notebook, X: another one), and what is to come of them."""

    files: dict[str, bytes | str]
    used: str = ""  # the file that is graded
    says: str = ""  # in a remark, or in the reason
    beside: str = ""
    person: bool = False


N, X = b"NOTEBOOK", b"OTHER"
LAID = {
    "right": Lay({RIGHT_NAME: N}, RIGHT_NAME),
    "renamed": Lay({f"{UNIT}/homework.ipynb": N}, f"{UNIT}/homework.ipynb", "named homework.ipynb"),
    "case": Lay({f"{UNIT}/01_TINY.ipynb": N}, f"{UNIT}/01_TINY.ipynb", "named 01_TINY.ipynb"),
    "ending": Lay({f"{UNIT}/{UNIT}.IPYNB": N}, f"{UNIT}/{UNIT}.IPYNB", f"named {UNIT}.IPYNB"),
    "numbered": Lay({f"{UNIT}/{UNIT} (1).ipynb": N}, f"{UNIT}/{UNIT} (1).ipynb", "(1).ipynb"),
    "loose": Lay({f"{UNIT}.ipynb": N}, f"{UNIT}.ipynb", "handed in as 01_tiny.ipynb"),
    "loose-late": Lay({f"LATE_{UNIT}-2.ipynb": N}, f"LATE_{UNIT}-2.ipynb", "LATE_01_tiny-2"),
    "number": Lay({f"01/{UNIT}.ipynb": N}, f"01/{UNIT}.ipynb", "01/01_tiny.ipynb"),
    "number-any": Lay({"01/homework.ipynb": N}, "01/homework.ipynb", "01/homework.ipynb"),
    "folder-case": Lay({f"01_Tiny/{UNIT}.ipynb": N}, f"01_Tiny/{UNIT}.ipynb", "01_Tiny/"),
    "folder-copy": Lay({f"{UNIT} (1)/{UNIT}.ipynb": N}, f"{UNIT} (1)/{UNIT}.ipynb", "(1)/"),
    "json": Lay({f"{UNIT}/{UNIT}.ipynb.json": N}, f"{UNIT}/{UNIT}.ipynb.json", "ipynb.json"),
    "txt": Lay({f"{UNIT}/{UNIT}.ipynb.txt": N}, f"{UNIT}/{UNIT}.ipynb.txt", "ipynb.txt"),
    "bare": Lay({f"{UNIT}/{UNIT}.json": N}, f"{UNIT}/{UNIT}.json", "01_tiny.json"),
    "loose-json": Lay({f"{UNIT}.ipynb.json": N}, f"{UNIT}.ipynb.json", "01_tiny.ipynb.json"),
    "deeper": Lay({f"{UNIT}/{RIGHT_NAME}": N}, f"{UNIT}/{RIGHT_NAME}", f"as {UNIT}/{RIGHT_NAME}"),
    "zip": Lay(
        {f"{UNIT}/work.zip": zipped(**{f"{UNIT}.ipynb": N, "__MACOSX/._x.ipynb": X})},
        f"{UNIT}/work.zip: {UNIT}.ipynb",
        "work.zip: 01_tiny.ipynb",
    ),
    "loose-zip": Lay(
        {f"{UNIT}.zip": zipped(**{f"{UNIT}/a.ipynb": N, f"{UNIT}/helpers.py": b"x"})},
        f"{UNIT}.zip: {UNIT}/a.ipynb",
        "01_tiny.zip",
        "helpers.py",
    ),
    "zip-up": Lay(
        {f"{UNIT}/work.zip": zipped(**{"../../../evil.ipynb": N, "/etc/evil.py": b""})},
        f"{UNIT}/work.zip: ../../../evil.ipynb",
        "evil.ipynb",
    ),
    "zip-empty": Lay({f"{UNIT}/work.zip": zipped(a=b"")}, says="there is: 01_tiny/work.zip"),
    "zip-bad": Lay({f"{UNIT}/work.zip": b"PK\3\4 and no more"}, says="work.zip is no zip"),
    "zip-and-loose": Lay(
        {f"{UNIT}/data.zip": zipped(a=b""), f"{UNIT}.ipynb": N}, f"{UNIT}.ipynb", "data.zip"
    ),
    "apple": Lay(
        {f"{UNIT}/._a.ipynb": X, f"{UNIT}/a.ipynb": N, f"{UNIT}/__MACOSX/b.ipynb": X},
        f"{UNIT}/a.ipynb",
        "named a.ipynb",
    ),
    "checkpoint": Lay(
        {f"{UNIT}/.ipynb_checkpoints/{UNIT}-checkpoint.ipynb": X, RIGHT_NAME: N}, RIGHT_NAME
    ),
    "backup": Lay({f"{UNIT}/{UNIT}.ipynb~": X, f"{UNIT}/b.ipynb": N}, f"{UNIT}/b.ipynb", "b.ipynb"),
    "apple-only": Lay({f"{UNIT}/._a.ipynb": X}, says="there is: 01_tiny/._a.ipynb"),
    "pdf-only": Lay({f"{UNIT}/a.pdf": b"", f"{UNIT}/b.docx": b""}, says="a.pdf, 01_tiny/b.docx"),
    "pdf-loose": Lay({f"{UNIT}.pdf": b""}, says="there is: 01_tiny.pdf"),
    "html": Lay({f"{UNIT}/{UNIT}.ipynb.html": b""}, says="01_tiny.ipynb.html"),
    "two": Lay(
        {f"{UNIT}/a.ipynb": N, f"{UNIT}/b.ipynb": X}, says="there are 2 notebooks", person=True
    ),
    "two-folders": Lay(
        {"01/a.ipynb": N, "01 (1)/a.ipynb": X}, says="01/a.ipynb, 01 (1)/a.ipynb", person=True
    ),
    "twins": Lay(
        {f"{UNIT}/a.ipynb": N, f"{UNIT}/b.ipynb": N},
        f"{UNIT}/a.ipynb",
        "also there as 01_tiny/b.ipynb",
    ),
    "scratch": Lay({RIGHT_NAME: N, f"{UNIT}/scratch.ipynb": X}, RIGHT_NAME, "scratch.ipynb"),
    "copy": Lay({RIGHT_NAME: N, f"{UNIT}/{UNIT} (1).ipynb": N}, RIGHT_NAME, "(1).ipynb"),
    "rival": Lay(
        {RIGHT_NAME: N, f"{UNIT}/{UNIT} (1).ipynb": X}, RIGHT_NAME, "(1).ipynb", person=True
    ),
    "rival-loose": Lay(
        {RIGHT_NAME: N, f"{UNIT}.ipynb": X}, RIGHT_NAME, "01_tiny.ipynb", person=True
    ),
    "helpers": Lay(
        {
            RIGHT_NAME: N,
            f"{UNIT}/helpers.py": b"x",
            f"{UNIT}/.DS_Store": b"",
            f"{UNIT}/z.csv": b"1",
        },
        RIGHT_NAME,
        "came with helpers.py, z.csv: they lay beside",
        "helpers.py z.csv",
    ),
    "helpers-loose": Lay(
        {f"{UNIT}.ipynb": N, "helpers.py": b"x"},
        f"{UNIT}.ipynb",
        "came with helpers.py",
        "helpers.py",
    ),
    "data-folder": Lay(
        {RIGHT_NAME: N, f"{UNIT}/data/a.csv": b""}, RIGHT_NAME, "came with data/a.csv", "data/a.csv"
    ),
    "other-folder": Lay({RIGHT_NAME: N, "01/notes.md": b""}, RIGHT_NAME, "01/notes.md"),
    "video": Lay(
        {RIGHT_NAME: N, f"{UNIT}/film.mp4": b"0" * 9 * 2**20, f"{UNIT}/a.py": b""},
        RIGHT_NAME,
        "not used: film.mp4 (more than 8 MiB in all)",
        "a.py",
    ),
    "odd-name": Lay(
        {RIGHT_NAME: N, f"{UNIT}/a\nb.py": b""}, RIGHT_NAME, "not used: a b.py (a name"
    ),
    "many": Lay(
        {RIGHT_NAME: N} | {f"{UNIT}/{i:02}.txt": b"" for i in range(MOST_FILES + 2)},
        RIGHT_NAME,
        "not used: 32.txt, 33.txt (more than 32 files)",
        " ".join(f"{i:02}.txt" for i in range(MOST_FILES)),
    ),
    "nothing": Lay({"homework.ipynb": N}),
    "empty-folder": Lay({f"{UNIT}/timestamp.txt": b"2026-10-05 12:00:00 UTC"}, says="no notebook"),
}


@pytest.fixture
def laid(room: Classroom) -> Classroom:
    """The class of all of them, with a right answer and with a wrong one for N and X."""
    notebooks = {
        N: json.dumps(room.notebook(ANSWER, **RIGHT)).encode(),
        X: json.dumps(room.notebook(ANSWER, double="def double(x): return x")).encode(),
    }
    for student, lay in LAID.items():
        for name, data in lay.files.items():
            file = room.course.submitted / student / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(with_notebooks(data, notebooks))
    return room


def with_notebooks(data: bytes, notebooks: dict[bytes, bytes]) -> bytes:
    if not data.startswith(b"PK") or not zipfile.is_zipfile(io.BytesIO(data)):
        return notebooks.get(data, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return zipped(**{name: notebooks.get(data, data) for name, data in files.items()})


def test_each_is_used_or_named(laid):
    found = {
        result.student: result
        for result in run.grade(laid.course, UNIT, Options(engine="stock"), workers=Unexecuted())
    }
    for student, lay in LAID.items():
        result, submission = found[student], look(laid.course, student, UNIT)
        said = "\n".join([result.reason, *result.remarks])
        used = submission.notebook.shown if submission.notebook else ""
        assert used == lay.used, student
        assert lay.says in said, (student, said)
        assert bool(result.points) == bool(lay.used), (student, said)
        if lay.person:
            assert result.status is Status.NEEDS_PERSON, student
        elif lay.used:
            assert result.status is Status.GRADED, (student, said)
        else:
            assert result.status in (Status.FAILED, Status.MISSING), (student, said)
        if lay.used:
            assert " ".join(read(submission).files) == lay.beside, student
            assert RIGHT["double"] in json.dumps(laid.autograded(student)).replace("\\n", "\n")
    assert found["right"].remarks == found["checkpoint"].remarks == ()
    assert found["nothing"].status is Status.MISSING


def test_what_is_of_no_unit_is_told(room):
    room.hand_in_right("anna")
    top = room.course.submitted
    for name in ("homework.ipynb", "helpers.py", "99_unknown/a.ipynb", ".DS_Store", "a.zip"):
        file = top / "anna" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"")
    (top / "anna" / "linked").symlink_to("/etc")
    (top / "stray.ipynb").write_bytes(b"")
    told = [line.split(":")[0] for line in left_out(room.course)]
    assert sorted(told) == sorted(
        [
            "anna/homework.ipynb",
            "anna/helpers.py",
            "anna/99_unknown",
            "anna/a.zip",
            "anna/linked",
            "stray.ipynb",
        ]
    )


def test_a_loose_notebook_is_enough_to_have_handed_in_a_unit(room):
    file = room.course.submitted / "anna" / "01" / "x.ipynb"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"{}")
    assert units_with_submissions(room.course, [UNIT]) == [UNIT]


def hostile_zips() -> dict[str, bytes]:
    encrypted = bytearray(zipped(**{"a.ipynb": b"{}"}))
    encrypted[6] |= 1
    encrypted[encrypted.rfind(b"PK\1\2") + 8] |= 1
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.ipynb", b"0" * 1000)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(LARGEST_DIRECTORY // 60):
            archive.writestr(f"{number:020}.txt", b"")
    whole = zipped(**{"a.ipynb": b"{}"})
    end = whole.rfind(b"PK\5\6")
    return {
        "encrypted": bytes(encrypted),
        "lzma": out.getvalue(),
        "many": many.getvalue(),
        "bomb": zipped(**{"a.ipynb": b" " * 150 * 2**20}),
        "cut": whole[: len(whole) // 2],
        "spoiled": whole[:40] + b"\xff\xff\xff" + whole[43:],
        "zip64": whole[:end] + b"PK\6\7" + b"\0" * 16 + whole[end:],
        "directory": whole[: end + 12] + b"\xff\xff\xff\x7f" + whole[end + 16 :],
        "short": b"PK\5\6",
        "none": b"",
    }


def test_a_zip_that_cannot_be_unpacked_is_named(room):
    for name, data in hostile_zips().items():
        room.hand_in(name, data, "work.zip")
    room.hand_in_right("anna")
    for result in run.grade(room.course, UNIT, Options(engine="stock"), workers=Unexecuted()):
        said = "\n".join([result.reason, *result.remarks])
        assert ("too many files" in said) == (result.student in ("many", "directory")), said
        assert ("work.zip" in said) == (result.student != "anna"), (result.student, said)
        assert result.status is (Status.GRADED if result.student == "anna" else Status.FAILED)
    assert not list(room.course.root.rglob("a.ipynb"))


def test_a_zip_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "real.zip").write_bytes(zipped(a=b""))
    link = tmp_path / "work.zip"
    link.symlink_to("real.zip")
    with pytest.raises(Unfit, match="symbolic link"):
        members(Item(link, (link.name,)))


def test_links_and_devices_beside_a_notebook_are_never_read(room, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    folder = room.hand_in_right("anna").parent
    (folder / "a.csv").symlink_to(secret)
    os.mkfifo(folder / "b.csv")
    handed_in = read(look(room.course, "anna", UNIT))
    assert handed_in.files == {}
    said = "\n".join(handed_in.remarks)
    assert "a.csv (the file is a symbolic link)" in said
    assert "b.csv (the file is no ordinary file)" in said


def test_a_folder_or_a_device_in_a_notebooks_place_is_named(room):
    room.hand_in("folder", b"").unlink()
    (room.course.submitted / "folder" / UNIT / f"{UNIT}.ipynb").mkdir()
    pipe = room.hand_in("pipe", b"")
    pipe.unlink()
    os.mkfifo(pipe)
    for student in ("folder", "pipe"):
        with pytest.raises(Unfit, match=r"no ordinary file|cannot be read"):
            read(look(room.course, student, UNIT))


def test_a_file_beside_it_that_has_changed_is_a_new_submission(room):
    file = room.hand_in_right("anna").with_name("helpers.py")
    seen = []
    for text in (None, "a = 1", "a = 2", None):
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text)
        seen.append(read(look(room.course, "anna", UNIT)).sha256)
    assert seen[0] == seen[3]
    assert len(set(seen)) == 3


USES = """
import os
from helpers import twice
assert open("data/data.csv").read() == "2,3"
assert os.path.getsize("large.bin") == 3 * 2**20 + 1
assert "_put" not in globals()

def double(x):
    import helpers
    with open("data/data.csv") as file:
        return twice(x) * (file.read() == "2,3")
"""


@pytest.mark.parametrize("engine", ["stock", "exam"])
def test_files_beside_it_are_there_for_the_notebook_also_after_a_restart(room, engine):
    if engine == "exam":
        need_isolation()
    notebook = room.notebook(ANSWER, **{**RIGHT, "double": USES})
    deadly = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": "import os\nos._exit(1)",
    }
    first = next(i for i, c in enumerate(notebook["cells"]) if c["source"] == RIGHT["mean"])
    notebook["cells"].insert(first, deadly)
    file = room.hand_in("anna", notebook)
    file.with_name("helpers.py").write_text("def twice(x):\n    return 2 * x\n")
    file.with_name("check.py").write_text("raise SystemExit('not the instructor\\'s')")
    (file.parent / "data").mkdir()
    (file.parent / "data" / "data.csv").write_text("2,3")
    file.with_name("large.bin").write_bytes(b"1" * (3 * 2**20 + 1))
    (result,) = run.grade(room.course, UNIT, Options(engine=engine, workers=1))
    assert result.points == 5, result
    assert result.remarks[0].startswith(
        "came with check.py, data/data.csv, helpers.py, large.bin: they"
    )
    assert "b64decode" not in json.dumps(room.autograded("anna"))
