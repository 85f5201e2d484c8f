"""Text log lines of number, latitude, longitude, altitude, speed and time (C-Astral Bramor), as ExifTool reads them."""

from __future__ import annotations

import re
from pathlib import Path

from vision.gps.fixes import Fix
from vision.gps.nmea import parse_nmea
from vision.gps.times import to_utc_s

LINE = re.compile(
    r"^\s*\d+\s+\d+\s+(-?\d+\.\d+)\s+(-?\d+\.\d+)\s+-?\d+\s+[\d.]+\s+(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)", re.MULTILINE
)


def read_log(path: Path) -> list[Fix]:
    """A `.log` file: NMEA, else these lines. The unit of their speed is not documented: it is left out."""
    text = path.read_text(encoding="latin-1")
    rows = LINE.findall(text)
    return parse_nmea(text) or [Fix(float(lon), float(lat), utc_s=to_utc_s(time)) for lat, lon, time in rows]
