"""When a submission was handed in: what its `timestamp.txt` says, if it says it without doubt.

nbgrader writes "2015-02-02 15:58:23.948203 UTC", with the name of the zone that its course is set
to; others write ISO 8601. A date that is one day to Americans and another to Europeans, or a zone
that several countries give their name to, is no time: late penalties hang on it.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime

FORM = re.compile(r"(\d{4}(-?)\d{2}\2\d{2}[T ]\d{2}[\d:.,]*)\s*(\S*)", re.ASCII | re.IGNORECASE)
OFFSET = re.compile(r"[+-]\d{2}(?::?\d{2})?", re.ASCII)
ZERO = ("", "z", "utc", "gmt")  # nbgrader, too, takes a time without a zone for UTC


def parse(text: str) -> datetime:
    """The time in UTC, without a zone, as nbgrader keeps it. Raises ValueError for anything else."""
    match = FORM.fullmatch(text.strip())
    if not match:
        raise ValueError("neither nbgrader's form nor ISO 8601")
    time, zone = datetime.fromisoformat(match[1].upper()), match[3]
    if zone.casefold() in ZERO:
        return time
    if OFFSET.fullmatch(zone):
        zoned = datetime.fromisoformat(time.isoformat() + zone)
    else:
        zoned = named(time, zone)
    try:
        return zoned.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("out of range") from None


def named(time: datetime, zone: str) -> datetime:
    """`time` in a zone known by this name, which is also what the zone calls itself at that time."""
    try:
        zoned = time.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("no zone that everybody knows by this name") from error
    if zoned.tzname() != zone:  # "CET" in July
        raise ValueError("the zone has another name at that time")
    return zoned
