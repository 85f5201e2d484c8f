"""Positions in boxes of a camera's own: BlackVue's NMEA text, 70mai's and Navitel's tables."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vision.footage.iso_boxes import children, top_boxes
from vision.gps.fixes import Fix
from vision.gps.nmea import from_degrees_minutes, parse_nmea

MAI_RECORD = struct.Struct("<4I c I c I 10x")
NAVITEL_RECORD = struct.Struct("<dd 4x H 6B B 3x")


def read_blackvue_box(path: Path, duration_s: float) -> list[Fix]:
    """`free` / `gps `: lines `[unix ms]$GPRMC,...`, unix time by the camera's own clock."""
    del duration_s
    with path.open("rb") as file:
        for free in (box for box in top_boxes(file) if box.kind == b"free"):
            for box in children(file, free):
                if box.kind == b"gps ":
                    return parse_nmea(box.read(file).decode("latin-1"))
    return []


def read_70mai_box(path: Path, duration_s: float) -> list[Fix]:
    """Top level `GPS ` of the Pro models: 36 byte records, see https://github.com/mzdun/dashcam-gps (70mai.cc, MIT)."""
    del duration_s
    with path.open("rb") as file:
        table = next((box.read(file) for box in top_boxes(file) if box.kind == b"GPS "), b"")
    return list(_mai_fixes(table))


def _mai_fixes(table: bytes) -> Iterator[Fix]:
    usable = table[: len(table) // MAI_RECORD.size * MAI_RECORD.size]
    for _, has_fix, seconds, metres_per_hour, north, lat, east, lon in MAI_RECORD.iter_unpack(usable):
        if north not in (b"N", b"S") or east not in (b"E", b"W"):
            continue
        yield Fix(
            lon=_degrees(lon) * (1 if east == b"E" else -1),
            lat=_degrees(lat) * (1 if north == b"N" else -1),
            pts_s=float(seconds),
            speed_mps=metres_per_hour / 3600,
            valid=has_fix == 1,
        )


def _degrees(packed: int) -> float:
    """DDMMmmm: degrees, minutes, thousandths of a minute."""
    return packed // 100_000 + packed % 100_000 / 60_000


def read_navitel_box(path: Path, duration_s: float) -> list[Fix]:
    """`gps0` after `moov` (Navitel, iBOX, DuDuBell): degrees and minutes, metres, km/h, UTC, course / 2."""
    del duration_s
    with path.open("rb") as file:
        table = next((box.read(file) for box in top_boxes(file) if box.kind == b"gps0"), b"")
    fixes = []
    for lat, lon, kmh, year, month, day, hour, minute, second, course in NAVITEL_RECORD.iter_unpack(
        table[: len(table) // NAVITEL_RECORD.size * NAVITEL_RECORD.size]
    ):
        try:
            utc_s = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
        except ValueError:
            utc_s = math.nan
        heading = 2.0 * course if course < 180 else math.nan
        fixes.append(Fix(from_degrees_minutes(lon), from_degrees_minutes(lat), utc_s, math.nan, kmh / 3.6, heading))
    return _with_pts(fixes)


def _with_pts(fixes: list[Fix]) -> list[Fix]:
    """One record a second from the start of the recording."""
    return [replace(fix, pts_s=float(number)) for number, fix in enumerate(fixes)]
