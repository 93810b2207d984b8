"""Files and folders as people and systems leave them: names, places, wrappings, what lies beside."""

from __future__ import annotations

import io
import shutil
import zipfile

from situations.desk import WORDS, Catalogue, Desk, as_bytes, find

catalogue = Catalogue()
case = catalogue.case
UNIT = "02_numpy_backprop"
APPLEDOUBLE = b"\x00\x05\x16\x07Mac OS X        "
HELPERS = b"def half_mse(f, y):\n    return float(0.5 * ((f - y) ** 2).sum(axis=1).mean())\n"

for name, place in {
    "renamed": f"{UNIT}/{UNIT} (1).ipynb",
    "named by the student": f"{UNIT}/homework anna.ipynb",
    "with capitals": f"{UNIT}/{UNIT.upper()}.ipynb",
    "with a capital ending": f"{UNIT}/{UNIT}.IPYNB",
    "with blanks at the end": f"{UNIT}/{UNIT} .ipynb",
    "a copy": f"{UNIT}/{UNIT}-Copy1.ipynb",
    "without its unit's folder": f"{UNIT}.ipynb",
    "without its unit's folder, renamed": f"{UNIT} (2).ipynb",
    "in a folder of the unit's number": f"02/{UNIT}.ipynb",
    "in a folder of the unit's name": f"numpy_backprop/{UNIT}.ipynb",
    "in a folder in another case": f"02_Numpy_Backprop/{UNIT}.ipynb",
    "in a folder with blanks": f"02 numpy backprop/{UNIT}.ipynb",
    "in a folder with hyphens": f"02-numpy-backprop/{UNIT}.ipynb",
    "in a folder that was copied": f"{UNIT} (1)/{UNIT}.ipynb",
    "in a folder within its folder": f"{UNIT}/{UNIT}/{UNIT}.ipynb",
    "with .json at the end": f"{UNIT}/{UNIT}.ipynb.json",
    "with .txt at the end": f"{UNIT}/{UNIT}.ipynb.txt",
    "as .json": f"{UNIT}/{UNIT}.json",
    "late, as learning platforms mark it": f"{UNIT}/LATE_{UNIT}.ipynb",
    "numbered, as learning platforms do": f"{UNIT}/{UNIT}-2.ipynb",
}.items():
    case(f"the notebook {name}", person=None, says=("",))(
        lambda desk, place=place: (desk.write(desk.notebook(), place), None)[1]
    )


@case("macOS's own file beside a renamed notebook", person=None)
def appledouble(desk: Desk) -> None:
    desk.write(desk.notebook(), f"{UNIT}/{UNIT} (1).ipynb")
    desk.write(APPLEDOUBLE, f"{UNIT}/._{UNIT} (1).ipynb")


@case("macOS's own file beside the notebook", quiet=True)
def appledouble_beside(desk: Desk) -> None:
    desk.write(desk.notebook())
    desk.write(APPLEDOUBLE, f"{UNIT}/._{UNIT}.ipynb")
    desk.write(b"", f"{UNIT}/.DS_Store")


@case("Jupyter's checkpoints beside the notebook", quiet=True)
def checkpoints(desk: Desk) -> None:
    desk.write(desk.notebook())
    desk.write(b"{}", f"{UNIT}/.ipynb_checkpoints/{UNIT}-checkpoint.ipynb")


@case("an editor's backup beside a renamed notebook", person=None)
def backup(desk: Desk) -> None:
    desk.write(desk.notebook(), f"{UNIT}/mine.ipynb")
    desk.write(desk.notebook(), f"{UNIT}/mine.ipynb~")


@case("the notebook and a copy of it, alike", person=None)
def copy_alike(desk: Desk) -> None:
    desk.write(desk.notebook())
    desk.write(desk.notebook(), f"{UNIT}/{UNIT}-Copy1.ipynb")


@case("two copies of the notebook, alike, both renamed", person=None)
def copies_alike(desk: Desk) -> None:
    desk.write(desk.notebook(), f"{UNIT}/a.ipynb")
    desk.write(desk.notebook(), f"{UNIT}/b.ipynb")


def zipped(desk: Desk, place: str, **more: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(place, as_bytes(desk.notebook()))
        for name, data in more.items():
            archive.writestr(name, data)
    return stream.getvalue()


@case("the notebook in a zip", person=None, says=(f"{UNIT}.zip",))
def in_a_zip(desk: Desk) -> None:
    desk.write(zipped(desk, f"{UNIT}.ipynb"), f"{UNIT}/{UNIT}.zip")


@case("exported as a script", points=None, person=None, says=(f"{UNIT}.py",))
def as_script(desk: Desk) -> None:
    desk.write(b"# %%\nprint(1)\n", f"{UNIT}/{UNIT}.py")


@case("exported as a page", points=None, person=None, says=(f"{UNIT}.html",))
def as_page(desk: Desk) -> None:
    desk.write(b"<html></html>", f"{UNIT}/{UNIT}.html")


@case("helpers.py beside the notebook", person=None)
def helpers_beside(desk: Desk) -> None:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = "from helpers import half_mse"
    desk.write(notebook)
    desk.write(HELPERS, f"{UNIT}/helpers.py")


@case("helpers.py beside a notebook without its unit's folder", person=None)
def helpers_above(desk: Desk) -> None:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = "from helpers import half_mse"
    desk.write(notebook, f"{UNIT}.ipynb")
    desk.write(HELPERS, "helpers.py")


@case("a table beside the notebook", person=None)
def table_beside(desk: Desk) -> None:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = (
        "import csv\nHALF = float(next(csv.reader(open('half.csv')))[0])\n\n"
        "def half_mse(f, y):\n    return float(HALF * ((f - y) ** 2).sum(axis=1).mean())"
    )
    desk.write(notebook)
    desk.write(b"0.5,1\n", f"{UNIT}/half.csv")


@case("a package beside the notebook", person=None, says=("tools",))
def package_beside(desk: Desk) -> None:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = "from tools.helpers import half_mse"
    desk.write(notebook)
    desk.write(HELPERS, f"{UNIT}/tools/helpers.py")


def picture() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(stream, "PNG")
    return stream.getvalue()


@case(
    "a picture beside the notebook, shown in the written answer", written=True, seen=("photo.png",)
)
def picture_beside(desk: Desk) -> None:
    desk.write(desk.notebook(f"{WORDS}\n\n![photo](photo.png)"))
    desk.write(picture(), f"{UNIT}/photo.png")


for name, content, says in (
    ("in UTC, as nbgrader writes it", "2026-10-05 11:22:33.000000 UTC", ()),
    ("in ISO 8601", "2026-10-05T11:22:33+02:00", ()),
    ("in a zone nobody can be sure of", "2026-10-05 11:22:33 CEST", ("timestamp",)),
    ("day first", "05.10.2026", ("timestamp",)),
    ("as a huge number", "1e400", ("timestamp",)),
    ("as many digits", "9" * 400, ("timestamp",)),
    ("as a decimal that overflows", "1" * 30 + ".5", ("timestamp",)),
    ("as words", "yesterday evening", ("timestamp",)),
    ("empty", "", ("timestamp",)),
    ("as NaN", "NaN", ("timestamp",)),
):
    case(f"a timestamp {name}", says=says, quiet=not says)(
        lambda desk, content=content: (
            desk.write(desk.notebook()),
            desk.write(content.encode(), f"{UNIT}/timestamp.txt"),
            None,
        )[2]
    )


@case("a folder in the notebook's place", points=None, person=None)
def folder_in_its_place(desk: Desk) -> None:
    (desk.folder / UNIT / f"{UNIT}.ipynb").mkdir(parents=True)


@case("a link in the notebook's place", points=None, person=None)
def link_in_its_place(desk: Desk) -> None:
    (desk.folder / UNIT).mkdir(parents=True)
    (desk.folder / UNIT / f"{UNIT}.ipynb").symlink_to("/etc/passwd")


@case("a notebook beside nothing else that can be read", person=None)
def beside_a_pipe(desk: Desk) -> None:
    import os

    desk.write(desk.notebook())
    os.mkfifo(desk.folder / UNIT / "pipe")
    shutil.copy("/bin/true", desk.folder / UNIT / "program")
