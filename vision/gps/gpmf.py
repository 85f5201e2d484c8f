"""GoPro's GPMF: nested key, type, size, repeat records (https://github.com/gopro/gpmf-parser)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vision.gps.fixes import Fix
from vision.gps.gpx import RANGE_ERROR_M
from vision.gps.samples import Sample
from vision.gps.track import Floats

FIX_2D = 2
YEAR_2000_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
GPS9_RECORD = np.dtype([("numbers", ">i4", 7), ("dilution", ">u2"), ("fix", ">u2")])
NESTED = 0


def read_gpmf_file(path: Path) -> list[Fix]:
    """A raw GPMF stream in a file, e.g. as exported; payloads taken for one a second, as cameras write them."""
    payload = path.read_bytes()
    devices = [data for key, _, data in _records(payload) if key == b"DEVC"]
    return [fix for number, data in enumerate(devices) for fix in _device(data, float(number), 1.0)]


def fixes_of_gpmf(samples: list[Sample]) -> list[Fix]:
    if not samples[0].data.startswith(b"DEVC"):
        return []
    return [
        fix
        for sample in samples
        for key, _, data in _records(sample.data)
        if key == b"DEVC"
        for fix in _device(data, sample.pts_s, sample.duration_s)
    ]


def _records(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(key, type, payload)."""
    at = 0
    while at + 8 <= len(data):
        key, kind, size, repeat = struct.unpack_from(">4sBBH", data, at)
        length = size * repeat
        yield key, kind, data[at + 8 : at + 8 + length]
        at += 8 + (length + 3) // 4 * 4


def _device(data: bytes, pts_s: float, duration_s: float) -> Iterator[Fix]:
    for key, kind, stream in _records(data):
        if key == b"STRM" and kind == NESTED:
            yield from _stream({name: payload for name, _, payload in _records(stream)}, pts_s, duration_s)


def _stream(records: dict[bytes, bytes], pts_s: float, duration_s: float) -> Iterator[Fix]:
    try:
        if b"GPS5" in records:
            yield from _gps5(records, _scale(records, 5), pts_s, duration_s)
        elif b"GPS9" in records:
            yield from _gps9(records[b"GPS9"], _scale(records, 9), pts_s, duration_s)
    except ValueError:
        return  # a payload cut short, or without its scales


def _scale(records: dict[bytes, bytes], count: int) -> Floats:
    """(count,) divisors of a row's numbers. Raises `ValueError` where one is missing or 0."""
    scale = np.frombuffer(records.get(b"SCAL", b""), ">i4")[:count].astype(float)
    if np.count_nonzero(scale) < count:
        raise ValueError(f"{np.count_nonzero(scale)} scales for {count} numbers")
    return scale


def _gps5(records: dict[bytes, bytes], scale: Floats, pts_s: float, duration_s: float) -> Iterator[Fix]:
    """Latitude, longitude, altitude, speed over ground, speed in space; one fix quality and clock for all."""
    rows = np.frombuffer(records[b"GPS5"], ">i4").reshape(-1, 5) / scale
    quality = int.from_bytes(records.get(b"GPSF", b"")[:4], "big")
    dilution = int.from_bytes(records[b"GPSP"][:2], "big") / 100 if b"GPSP" in records else math.nan
    utc_s = _gpsu(records.get(b"GPSU", b""))
    for number, (lat, lon, _, speed, _) in enumerate(rows.tolist()):
        later = number / len(rows) * duration_s
        yield Fix(
            lon, lat, utc_s + later, pts_s + later, speed, accuracy_m=RANGE_ERROR_M * dilution, valid=quality >= FIX_2D
        )


def _gps9(payload: bytes, scale: Floats, pts_s: float, duration_s: float) -> Iterator[Fix]:
    """As GPS5, with days since 2000, seconds of the day, dilution and fix quality in each row (HERO 11 and later)."""
    table = np.frombuffer(payload[: len(payload) // GPS9_RECORD.itemsize * GPS9_RECORD.itemsize], GPS9_RECORD)
    numbers = table["numbers"] / scale[:7]
    dilutions, qualities = table["dilution"] / scale[7], table["fix"] / scale[8]
    for number, (lat, lon, _, speed, _, days, seconds) in enumerate(numbers.tolist()):
        yield Fix(
            lon,
            lat,
            YEAR_2000_S + days * 86_400 + seconds,
            pts_s + number / len(table) * duration_s,
            speed,
            accuracy_m=RANGE_ERROR_M * float(dilutions[number]),
            valid=qualities[number] >= FIX_2D,
        )


def _gpsu(text: bytes) -> float:
    """yymmddhhmmss.sss"""
    try:
        moment = datetime.strptime(text.decode("ascii"), "%y%m%d%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return math.nan
    return moment.timestamp()
