"""Written answers: where students write them, and what they put into them. And how files are encoded."""

from __future__ import annotations

import base64
import io

from autograder.build.release import TEXT_STUB
from situations.desk import WORDS, Catalogue, Desk, as_bytes, code, find, place, text, turn_into

catalogue = Catalogue()
case = catalogue.case
MARKED = {"written": True, "seen": (WORDS,), "person": None}


def with_cell(desk: Desk, cell: dict, by: int) -> None:
    notebook = desk.notebook()
    notebook["cells"].insert(place(notebook, "explain") + by, cell)
    desk.write(notebook)


for name, cell, by in (
    ("below its question", text(WORDS), 1),
    ("below its question, as raw", text(WORDS, "raw"), 1),
    ("below its question, as code", code(WORDS), 1),
    ("below its question, as a comment", code(f"# {WORDS}"), 1),
    ("below its question, as a text in code", code(f'"""{WORDS}"""'), 1),
    ("above its question", text(WORDS), 0),
    ("above its question, as raw", text(WORDS, "raw"), 0),
    ("two cells below its question", text(WORDS), 2),
):
    case(f"a written answer {name}", **MARKED)(
        lambda desk, cell=cell, by=by: with_cell(desk, cell, by)
    )


@case("a written answer at the end of the notebook", **MARKED)
def at_the_end(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"].append(text(f"Answer to the question: {WORDS}"))
    desk.write(notebook)


@case("a written answer in the text above its question", **MARKED)
def in_the_text_above(desk: Desk) -> None:
    notebook = desk.notebook()
    notebook["cells"][place(notebook, "explain") - 1]["source"] += f"\n\n{WORDS}"
    desk.write(notebook)


for kind in ("code", "raw"):
    for keep in (False, True):
        kept = "kept" if keep else "lost"

        def became(desk: Desk, kind: str = kind, keep: bool = keep) -> None:
            notebook = desk.notebook(WORDS)
            turn_into(find(notebook, "explain"), kind, keep)
            desk.write(notebook)

        case(f"a written answer became {kind}, metadata {kept}", **MARKED)(became)


@case("a written answer without its question, metadata lost", **MARKED)
def without_question(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "explain")
    cell["source"] = WORDS
    turn_into(cell, "markdown")
    desk.write(notebook)


@case("a written answer whose id was renamed", **MARKED)
def renamed(desk: Desk) -> None:
    notebook = desk.notebook(WORDS)
    find(notebook, "explain")["metadata"]["nbgrader"]["grade_id"] = "explained"
    desk.write(notebook)


@case("a written answer in place of the stub", written=True, quiet=True, seen=(WORDS,))
def in_place(desk: Desk) -> None:
    notebook = desk.notebook()
    cell = find(notebook, "explain")
    cell["source"] = cell["source"].replace(TEXT_STUB, WORDS)
    desk.write(notebook)


@case("a written answer split in two, metadata in both", **MARKED)
def split(desk: Desk) -> None:
    notebook = desk.notebook(f"{WORDS}\n\nAnd the second half of it.")
    at = place(notebook, "explain")
    cell = notebook["cells"][at]
    head, tail = cell["source"].split("And the second", 1)
    notebook["cells"].insert(at + 1, {**cell, "id": "half", "source": f"And the second{tail}"})
    cell["source"] = head
    desk.write(notebook)


def image(kind: str, size: int = 4) -> str:
    from PIL import Image

    stream = io.BytesIO()
    Image.effect_noise((size, size), 90).convert("RGB").save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


def with_attachment(desk: Desk, name: str, bundle: dict) -> None:
    notebook = desk.notebook(f"{WORDS}\n\n![a](attachment:{name})")
    find(notebook, "explain")["attachments"] = {name: bundle}
    desk.write(notebook)


for kind in ("png", "jpeg", "gif", "webp"):
    case(f"a picture attached as {kind}", **MARKED | {"says": ()})(
        lambda desk, kind=kind: with_attachment(desk, f"a.{kind}", {f"image/{kind}": image(kind)})
    )


@case("a picture attached as a list of lines", **MARKED)
def attached_as_lines(desk: Desk) -> None:
    data = image("png", 64)
    lines = [data[n : n + 76] + "\n" for n in range(0, len(data), 76)]
    with_attachment(desk, "a.png", {"image/png": lines})


@case("a picture of 9 MiB attached", **MARKED)
def attached_large(desk: Desk) -> None:
    with_attachment(desk, "a.png", {"image/png": image("png", 1800)})


@case("a vector picture attached", **MARKED | {"says": ("a.svg",)})
def attached_svg(desk: Desk) -> None:
    with_attachment(desk, "a.svg", {"image/svg+xml": "<svg><script>alert(1)</script></svg>"})


@case("a picture of 1.2 MiB within the text, as Colab does, words after it", **MARKED)
def data_uri(desk: Desk) -> None:
    picture = "A" * 1_200_000
    desk.write(desk.notebook(f"![x](data:image/png;base64,{picture})\n\n{WORDS}"))


@case("formulas, links and tables in a written answer", written=True, quiet=True, seen=(WORDS,))
def formulas(desk: Desk) -> None:
    desk.write(desk.notebook(f"$$x^2$$ <https://example.com>\n\n|a|b|\n|-|-|\n|1|2|\n\n{WORDS}"))


ACCENT = "\n\nÜbung = 0.5  # die Hälfte"


def with_identifier(desk: Desk) -> str:
    notebook = desk.notebook()
    find(notebook, "half_mse")["source"] = (
        "größe = 0.5\n\ndef half_mse(f, y):\n"
        "    return float(größe * ((f - y) ** 2).sum(axis=1).mean())"
    )
    return as_bytes(notebook).decode()


for name, encode, says in (
    ("UTF-8 with a mark", lambda t: b"\xef\xbb\xbf" + t.encode(), ()),
    ("UTF-16 with a mark", lambda t: t.encode("utf-16"), ()),
    ("UTF-16, big end first, with a mark", lambda t: b"\xfe\xff" + t.encode("utf-16-be"), ()),
    ("UTF-16 without a mark", lambda t: t.encode("utf-16-le"), ()),
    ("UTF-32 with a mark", lambda t: t.encode("utf-32"), ()),
    ("Windows' own encoding", lambda t: t.encode("cp1252", "replace"), ()),
    ("Latin 1", lambda t: t.encode("latin-1", "replace"), ()),
    ("Windows' line ends", lambda t: t.replace("\n", "\r\n").encode(), ()),
    ("old line ends", lambda t: t.replace("\n", "\r").encode(), ()),
    ("blank lines before and after", lambda t: f"\n\n{t}\n\n".encode(), ()),
    ("zero bytes at the end", lambda t: t.encode() + b"\x00" * 200, ()),
):
    case(f"a file in {name}", person=None, says=says)(
        lambda desk, encode=encode: (desk.write(encode(with_identifier(desk))), None)[1]
    )


for name, spoil in (
    ("cut in the middle", lambda data: data[: len(data) // 2]),
    ("empty", lambda data: b""),  # noqa: ARG005
    ("of blanks", lambda data: b"  \n"),  # noqa: ARG005
    ("of a list", lambda data: b"[]"),  # noqa: ARG005
    ("of a page", lambda data: b"<!DOCTYPE html><html><body>Log in</body></html>"),  # noqa: ARG005
    ("with a merge's marks", lambda data: b"<<<<<<< HEAD\n" + data),
    ("nested too deeply", lambda data: b"[" * 100_000),  # noqa: ARG005
):
    case(f"a damaged file: {name}", points=None, person=None, says=("",))(
        lambda desk, spoil=spoil: (desk.write(spoil(as_bytes(desk.notebook()))), None)[1]
    )
