"""`timestamp.txt`: what nbgrader and ISO 8601 say is read, and nothing is guessed."""

from __future__ import annotations

from datetime import datetime

import pytest
from nbgrader.utils import parse_utc

from autograder.intake.folder.collect import read_timestamp
from autograder.intake.folder.timestamps import parse

NOON = datetime(2026, 10, 5, 12)
READ = [
    ("2015-02-02 15:58:23.948203 UTC", datetime(2015, 2, 2, 15, 58, 23, 948203)),
    ("2026-10-05 12:00:00 UTC", NOON),
    ("2026-10-05 12:00:00.000000 utc\n", NOON),
    ("2026-10-05 12:00:00 GMT", NOON),
    ("2026-10-05 12:00:00", NOON),  # nbgrader takes it for UTC
    ("2026-10-05 12:00", NOON),
    ("  2026-10-05T12:00:00Z  ", NOON),
    ("2026-10-05t12:00:00z", NOON),
    ("2026-10-05T12:00:00.0Z", NOON),
    ("2026-10-05T12:00:00,000Z", NOON),
    ("2026-10-05T14:00:00+02:00", NOON),
    ("2026-10-05T14:00:00+0200", NOON),
    ("2026-10-05T14:00:00+02", NOON),
    ("2026-10-05 06:30:00 -05:30", NOON),
    ("2026-10-05 14:00:00.000000 +0200", NOON),
    ("20261005T120000Z", NOON),
    (
        "2026-01-05 13:00:00 CET",
        datetime(2026, 1, 5, 12),
    ),  # nbgrader of a course in Berlin, in winter
    ("2026-10-06 01:00:00 +13:00", NOON),
]
NOT_READ = [
    "2026-10-05 14:00:00 CEST",  # dateutil would drop the zone without a word
    "2026-07-05 14:00:00 CET",  # there is none in July
    "2015-02-02 15:58:23.948203 PST",
    "2026-10-05 14:00:00 IST",  # Indian, Irish or Israeli
    "2026-10-05 14:00:00 ../../etc/passwd",
    "2026-10-05 14:00:00 /etc/localtime",
    "2026-10-05 14:00:00 Europe/Berlin x",
    "05.10.2026",
    "05.10.2026 12:00",
    "10/05/2026 12:00:00",
    "5 Oct 2026 12:00",
    "Mon Oct  5 12:00:00 2026",
    "2026-W41-1T12:00:00Z",  # nbgrader cannot read it either
    "2026-10-05",  # which moment of it?
    "12:00",
    "1791201600",
    "yesterday",
    "",
    " \n",
    "2026-13-45 12:00:00 UTC",
    "2026-02-30 12:00:00 UTC",
    "2026-10-05 25:00:00 UTC",
    "0001-01-01 00:00:00 +23:59",
    "9999-12-31 23:59:59 -23:59",
    "0.0E-9999999999",  # dateutil: decimal.InvalidOperation
    "1" * 300,
    "9" * 12 + ":00",
    "2026-10-05 12:00:00 +99:99",
    "2026-10-05 12:00:00 UTC UTC",
    "\x00",
    "２０２６-10-05 12:00:00",
    "2026-10-05 12:00:00 \ud800",
]


@pytest.mark.parametrize(("text", "time"), READ)
def test_a_time_without_doubt_is_read(text, time):
    assert parse(text) == time


@pytest.mark.parametrize("text", [text for text, _ in READ if text.endswith(("UTC", "Z"))])
def test_it_is_read_as_nbgrader_reads_it(text):
    assert parse(text) == parse_utc(text)


@pytest.mark.parametrize("text", NOT_READ)
def test_anything_else_is_named_and_not_guessed(text, tmp_path):
    file = tmp_path / "timestamp.txt"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    time, (remark,) = read_timestamp(file)
    assert time is None
    assert "timestamp.txt cannot be read" in remark
    shown = " ".join(text.split()).replace("\x00", "").replace("\ud800", "")[:50]
    assert shown in remark


def test_a_timestamp_in_windows_utf_16_is_read(tmp_path):
    file = tmp_path / "timestamp.txt"
    file.write_bytes("2026-10-05 12:00:00 UTC\r\n".encode("utf-16"))
    assert read_timestamp(file) == (NOON, ())


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "timestamp.txt").mkdir()
    assert read_timestamp(tmp_path / "timestamp.txt")[0] is None
    (tmp_path / "large").mkdir()
    file = tmp_path / "large" / "timestamp.txt"
    file.write_bytes(b"2026-10-05 12:00:00 UTC" + b" " * 2000)
    time, (remark,) = read_timestamp(file)
    assert time is None
    assert "1000 bytes" in remark
    assert read_timestamp(tmp_path / "nowhere" / "timestamp.txt") == (None, ())
