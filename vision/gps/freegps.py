"""`freeGPS ` blocks, which cameras with Novatek chips (VIOFO, Vantrue, 70mai...) write between the pictures.

Layouts as documented by ExifTool (QuickTimeStream.pl, ProcessFreeGPS) and dashcamigo (src/parsers/internal/freegps.ts,
freegps-70mai.ts, AGPL-3.0); offsets count from the magic word. A `gps ` box in `moov` lists the blocks (version, count,
then offset and size of each); older firmware writes none, so the file is searched.
"""

from __future__ import annotations

import math
import mmap
import re
import statistics
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from vision.footage.iso_boxes import children, top_boxes
from vision.gps.fixes import Fix
from vision.gps.nmea import KNOT_MPS, from_degrees_minutes, parse_nmea

MAGIC = b"freeGPS "
BLOCK_BYTES = 512
# The first block lies within the first second of video; 64 MiB without one means that there is none.
SEARCHED_FOR_FIRST = 64 << 20
RMC = re.compile(rb"\$G[A-Z]RMC,[\x20-\x7e]+")
# Where the six 32 bit words hour, minute, second, year, month, day start; the rest follows at once.
CLOCK_AT = (44, 16, 12, 60)
RECORD = struct.Struct("<6Iccc x 4f")
RECORD_BYTES = RECORD.size


def read_freegps(path: Path, duration_s: float) -> list[Fix]:
    """Blocks come evenly over the video, usually one a second; `duration_s` NaN: take them for one a second."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        listed = list(_listed(path, data))
        fixes = [_decode(data[at : at + BLOCK_BYTES]) for at in (listed or _found(data))]
    known = [fix for fix in fixes if fix is not None]
    spacing = _spacing(known, duration_s)
    return [replace(fix, pts_s=number * spacing) for number, fix in enumerate(known)]


def decode_record(data: bytes) -> Fix | None:
    """The record all layouts share: clock, A or V, hemispheres, degrees and minutes, knots, course."""
    if len(data) < RECORD_BYTES:
        return None
    hour, minute, second, year, month, day, status, north, east, lat, lon, knots, course = RECORD.unpack_from(data)
    if status not in (b"A", b"V") or north not in (b"N", b"S") or east not in (b"E", b"W"):
        return None
    return Fix(
        lon=from_degrees_minutes(lon) * (1 if east == b"E" else -1),
        lat=from_degrees_minutes(lat) * (1 if north == b"N" else -1),
        utc_s=_utc_s(year, month, day, hour, minute, second),
        speed_mps=knots * KNOT_MPS,
        heading_deg=course,
        valid=status == b"A",
    )


def _listed(path: Path, data: mmap.mmap) -> Iterator[int]:
    with path.open("rb") as file:
        for moov in (box for box in top_boxes(file) if box.kind == b"moov"):
            for box in (box for box in children(file, moov) if box.kind == b"gps "):
                table = box.read(file)[8:]
                for offset, _ in struct.iter_unpack(">II", table[: len(table) // 8 * 8]):
                    if data[offset + 4 : offset + 12] == MAGIC:
                        yield offset + 4


def _found(data: mmap.mmap) -> Iterator[int]:
    at = data.find(MAGIC, 0, SEARCHED_FOR_FIRST)
    while at >= 0:
        yield at
        at = data.find(MAGIC, at + len(MAGIC))


def _decode(block: bytes) -> Fix | None:
    if sentence := RMC.search(block):
        return next(iter(parse_nmea(sentence.group().decode("ascii"))), None)
    if (fix := _decode_70mai(block)) is not None:
        return fix
    return next((fix for at in CLOCK_AT if (fix := decode_record(block[at:])) is not None), None)


def _decode_70mai(block: bytes) -> Fix | None:
    """70mai A810, M500...: degrees * 1e7; its clock is not to be trusted, its speed of an unknown scale."""
    if len(block) < 39:
        return None
    tag, zero, _, mirror = struct.unpack_from("<4H", block, 8)
    status, lat, lon, course = struct.unpack_from("<ciii", block, 26)
    if tag != mirror or zero or status not in (b"A", b"V") or abs(lat) > 90e7 or abs(lon) > 180e7:
        return None
    return Fix(lon / 1e7, lat / 1e7, heading_deg=float(course), valid=status == b"A")


def _utc_s(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float:
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _spacing(fixes: list[Fix], duration_s: float) -> float:
    """Seconds of video between blocks: by their own clock where it ticks, else spread over the video."""
    steps = [b.utc_s - a.utc_s for a, b in pairwise(fixes) if 0 <= b.utc_s - a.utc_s < 60]
    if steps and statistics.median(steps) > 0:
        return statistics.median(steps)
    return duration_s / len(fixes) if fixes and math.isfinite(duration_s) else 1.0
