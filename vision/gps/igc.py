"""IGC flight logs: B records under a date record."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from pathlib import Path

from vision.gps.fixes import Fix

DATE = re.compile(r"^HFDTE(?:DATE:)?(\d{6})", re.MULTILINE)
RECORD = re.compile(r"^B(\d{6})(\d{2})(\d{5})([NS])(\d{3})(\d{5})([EW])", re.MULTILINE)


def read_igc(path: Path) -> list[Fix]:
    text = path.read_text(encoding="latin-1")
    day = DATE.search(text)
    fixes = []
    for clock, lat_deg, lat_min, north, lon_deg, lon_min, east in RECORD.findall(text):
        lat = (int(lat_deg) + int(lat_min) / 60_000) * (1 if north == "N" else -1)
        lon = (int(lon_deg) + int(lon_min) / 60_000) * (1 if east == "E" else -1)
        fixes.append(Fix(lon, lat, utc_s=_utc_s(day[1], clock) if day else math.nan))
    return fixes


def _utc_s(day: str, clock: str) -> float:
    try:
        return datetime.strptime(day + clock, "%d%m%y%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return math.nan
