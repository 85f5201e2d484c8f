"""Times as people and programs write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from service.errors import BadQuery

_AGO = re.compile(r"(\d{1,6})([mhdw])")
_LOST_PLUS = re.compile(r".*\d:\d\d\S* \d\d(:?\d\d)?")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def rfc3339(time: datetime) -> str:
    """UTC with milliseconds and a Z, as all our JSON and CSV has it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str, now: datetime) -> datetime:
    """RFC 3339 with an offset, or an age such as 90m, 12h, 7d, 2w. Raises `BadQuery`."""
    advice = "write 2026-11-24T08:00:00Z, or an age such as 12h, 7d, 2w"
    if _LOST_PLUS.fullmatch(text):
        raise BadQuery(f"{text!r} is not a time", advice="a + in a URL means a space: write %2B")
    try:
        if ago := _AGO.fullmatch(text):
            return now - int(ago[1]) * _UNITS[ago[2]]
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise BadQuery(f"{text!r} has no time zone", advice=advice)
        return time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuery(f"{text!r} is not a time", advice=advice) from error
