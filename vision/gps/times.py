"""Moments as position logs write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

# Numbers at or above are milliseconds: as seconds they would lie beyond the year 5000.
MILLISECONDS_FROM = 1e11
FORMATS = (
    "%Y/%m/%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S",
)


def to_utc_s(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 text, a usual date and time, or unix (milli)seconds; NaN if it is none.

    Times without a zone are taken as UTC, as receivers write them.
    """
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        return _text_to_utc_s(text)
    if number >= 1e13 and len(text) == 14:
        return _text_to_utc_s(text)
    return number / 1000 if number >= MILLISECONDS_FROM else number


def _text_to_utc_s(text: str) -> float:
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        pass
    for form in FORMATS:
        try:
            return _utc(datetime.strptime(text, form))  # noqa: DTZ007  # the zone is added in _utc
        except ValueError:
            continue
    return math.nan


def _utc(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
