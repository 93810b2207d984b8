"""What a student shows becomes an attachment, which a marker sees."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from autograder.intake.notebook.pictures import attachment, illustrate, picture_type


def picture(kind: str, width: int = 2) -> bytes:
    """A real picture, from matplotlib's own library."""
    image = Image.new("RGB", (width, 2), "red")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def letters(data: bytes) -> str:
    return base64.b64encode(data).decode()


PNG = picture("PNG")
SHOWN = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
NOT_SHOWN = ["BMP", "TIFF", "PDF", "ICO"]


@pytest.mark.parametrize("kind", [*SHOWN, *NOT_SHOWN])
def test_a_picture_is_known_by_its_first_bytes(kind):
    assert picture_type(picture(kind)) == SHOWN.get(kind, "")


@pytest.mark.parametrize("kind", SHOWN)
def test_a_picture_in_base64_gets_the_type_that_it_is_of(kind):
    data = letters(picture(kind, 300))
    lines = [data[i : i + 76] + "\n" for i in range(0, len(data), 76)]
    for value in (data, lines, "".join(lines), f" {data}\r\n"):
        assert attachment(value) == {SHOWN[kind]: data}


@pytest.mark.parametrize(
    "value",
    [None, 3, [], "", "<script>", "AAAA", letters(b"<svg/>"), letters(PNG) + "é", "iVBORw0", {}],
)
def test_what_is_no_picture_in_base64_is_none(value):
    assert attachment(value) == {}


def test_a_picture_of_some_size_is_kept_and_one_beyond_all_measure_is_not():
    assert attachment(letters(PNG + bytes(9 * 2**20)))
    assert not attachment(letters(PNG + bytes(25 * 2**20)))


PHOTO = "![my photo](attachment:photo.png)"


@pytest.mark.parametrize(
    ("text", "path", "becomes"),
    [
        ("See ![my photo](photo.png) here.", "photo.png", f"See {PHOTO} here."),
        ("![my photo](./photo.png)", "photo.png", PHOTO),
        ("![my photo](images/photo.png)", "images/photo.png", PHOTO),
        ("![my photo](..\\images\\photo.png)", "photo.png", PHOTO),
        ("![my photo](C:\\Users\\me\\photo.png)", "photo.png", PHOTO),
        ("![my photo](Photo.PNG)", "photo.png", PHOTO),
        ("![my photo](photo.png 'a title')", "photo.png", PHOTO),
        ("![my photo](photo.png?raw=1)", "photo.png", PHOTO),
        ("![my photo](<my photo.png>)", "my photo.png", "![my photo](attachment:my%20photo.png)"),
        ("![my photo](my%20photo.png)", "my photo.png", "![my photo](attachment:my%20photo.png)"),
        ("![my photo](my photo.png)", "my photo.png", "![my photo](attachment:my%20photo.png)"),
        ("![a](photo (1).png)", "photo (1).png", "![a](attachment:photo%20%281%29.png)"),
        ("![](photo.png)", "photo.png", "![picture](attachment:photo.png)"),
        ("<img src='photo.png' width=3>", "photo.png", "![picture](attachment:photo.png)"),
        ('<IMG alt="x"\n src="photo.png"/>', "photo.png", "![picture](attachment:photo.png)"),
        ("<img src=photo.png>", "photo.png", "![picture](attachment:photo.png)"),
        (
            "[photo](photo.png)",
            "photo.png",
            "[photo](photo.png)\n\n![photo.png](attachment:photo.png)",
        ),
        (
            "Look at photo.png!",
            "photo.png",
            "Look at photo.png!\n\n![photo.png](attachment:photo.png)",
        ),
    ],
)
def test_a_file_beside_the_notebook_that_a_text_shows_is_attached(text, path, becomes):
    shown = illustrate(text, {}, {path: PNG, "other.png": PNG + b"other"})
    assert shown.text == becomes
    assert list(shown.attachments.values()) == [{"image/png": letters(PNG)}]
    assert (shown.used, shown.lacking) == ((path,), ())


def test_what_cannot_be_shown_is_named_and_left_as_it_is():
    text = "![a](gone.png) ![b](scan.pdf) ![c](https://x.org/c.png) ![d](attachment:d.png)"
    shown = illustrate(text, {}, {"scan.pdf": b"%PDF-1.4"})
    assert (shown.text, shown.attachments, shown.used) == (text, {}, ())
    assert shown.lacking == (
        "gone.png (not handed in)",
        "scan.pdf (no PNG, JPEG, GIF or WebP, or too large)",
    )


def test_of_two_files_with_one_name_neither_is_guessed():
    files = {"a/photo.png": PNG, "b/photo.png": PNG}
    assert illustrate("![x](c/photo.png)", {}, files).lacking == ("c/photo.png (not handed in)",)
    assert illustrate("![x](b/photo.png)", {}, files).used[0] == "b/photo.png"


def test_a_picture_inside_a_text_becomes_an_attachment_and_the_words_after_it_stay():
    data = letters(PNG + bytes(3 * 2**20))
    shown = illustrate(f"Before ![image.png](data:image/png;base64,{data}) after", {}, {})
    assert shown.text == "Before ![image.png](attachment:picture-1) after"
    assert shown.attachments == {"picture-1": {"image/png": data}}


def test_data_that_is_no_picture_stays_in_the_text():
    text = "![x](data:image/png;base64,AAAA) <img> <img src=''>"
    assert illustrate(text, {}, {}).text == text


def test_an_attachment_without_a_word_in_the_text_is_shown():
    bundle = {"image/png": letters(PNG)}
    shown = illustrate("![x](attachment:a%20b.png)", {"a b.png": bundle, "c[1].png": bundle}, {})
    assert shown.text == "![x](attachment:a%20b.png)\n\n![c1.png](attachment:c%5B1%5D.png)"


def test_pictures_with_one_name_keep_apart():
    one, two = PNG + b"1", PNG + b"2"
    text = "![x](a/p.png) ![y](b/p.png) ![z](a/p.png)"
    shown = illustrate(text, {}, {"a/p.png": one, "b/p.png": two})
    assert shown.text == "![x](attachment:p.png) ![y](attachment:2-p.png) ![z](attachment:p.png)"
    assert {n: b["image/png"] for n, b in shown.attachments.items()} == {
        "p.png": letters(one),
        "2-p.png": letters(two),
    }
