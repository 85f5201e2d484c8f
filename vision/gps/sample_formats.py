"""Cameras that write one position into each sample of a metadata stream; layouts by dashcamigo (AGPL-3.0) and ExifTool.

Each function gets a stream's samples and gives nothing if they are not of its kind.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from datetime import UTC, datetime

from vision.gps.fixes import Fix
from vision.gps.nmea import KNOT_MPS, from_degrees_minutes, parse_nmea
from vision.gps.samples import Sample

MPH = 1609.344 / 3600
SEMICIRCLE_DEG = 180 / 2**31
GARMIN = struct.Struct("<4s 4x H 2x ii")
SIGMASTAR = struct.Struct("<dd 4x HH BBBB B")
SIGMASTAR_BASES, SIGMASTAR_FIX = (0x047E, 0x067E), 0x0100
SIGMASTAR_BYTES = 40
VUEROID = struct.Struct("<52x BB 2x fff")
VUEROID_BYTES = 72
RATIONAL = struct.Struct("<qq")


def fixes_of_nmea_text(samples: list[Sample]) -> list[Fix]:
    """Subtitles that hold RMC sentences, with or without their `$` (Thinkware, and many unnamed cameras)."""
    fixes = []
    for sample in samples:
        text = sample.data[2:].decode("latin-1")
        if "RMC," in text:
            sentences = text if "$G" in text else text.replace("GPRMC,", "$GPRMC,").replace("GNRMC,", "$GNRMC,")
            fixes += [replace(fix, pts_s=sample.pts_s) for fix in parse_nmea(sentences)]
    return fixes


def fixes_of_garmin(samples: list[Sample]) -> list[Fix]:
    """`PNDM`: speed in miles per hour, latitude and longitude in semicircles."""
    fixes = []
    for sample in samples:
        at = sample.data[:8].find(b"PNDM")
        if at < 0 or len(sample.data) < at + GARMIN.size:
            continue
        _, mph, lat, lon = GARMIN.unpack_from(sample.data, at)
        fixes.append(Fix(lon * SEMICIRCLE_DEG, lat * SEMICIRCLE_DEG, pts_s=sample.pts_s, speed_mps=mph * MPH))
    return fixes


def fixes_of_sigmastar(samples: list[Sample]) -> list[Fix]:
    """`ssmd` of 40 bytes (Neoline): degrees, km/h, flags, day and time without month and year, course / 2."""
    if any(len(sample.data) != SIGMASTAR_BYTES for sample in samples):
        return []
    fixes = []
    for sample in samples:
        lat, lon, kmh, flags, _, _, _, _, course = SIGMASTAR.unpack_from(sample.data)
        if flags & ~SIGMASTAR_FIX not in SIGMASTAR_BASES:
            return []
        heading = 2.0 * course if 0 < course < 180 else math.nan  # 0: not updated
        valid = bool(flags & SIGMASTAR_FIX)
        fixes.append(Fix(lon, lat, pts_s=sample.pts_s, speed_mps=kmh / 3.6, heading_deg=heading, valid=valid))
    return fixes


def fixes_of_vueroid(samples: list[Sample]) -> list[Fix]:
    """72 bytes at 20 Hz: north, east, km/h, degrees and minutes; its clock is local time."""
    if any(len(sample.data) != VUEROID_BYTES for sample in samples):
        return []
    fixes = []
    for sample in samples:
        north, east, kmh, lat, lon = VUEROID.unpack_from(sample.data)
        if not (0 <= lat <= 9000 and 0 <= lon <= 18_000 and 0 <= kmh < 400) or north > 1 or east > 1:
            return []
        fixes.append(
            Fix(
                lon=from_degrees_minutes(lon) * (1 if east else -1),
                lat=from_degrees_minutes(lat) * (1 if north else -1),
                pts_s=sample.pts_s,
                speed_mps=kmh / 3.6,
                valid=bool(lat and lon),
            )
        )
    return fixes


def fixes_of_wolfbox(samples: list[Sample]) -> list[Fix]:
    """Pairs of value and scale: with a date at 0x68 (G900, Redtiger), or with a fix flag at 0."""
    dated = [fix for sample in samples if (fix := _wolfbox_dated(sample)) is not None]
    if dated:
        return dated
    flagged = [fix for sample in samples if (fix := _wolfbox_flagged(sample)) is not None]
    return flagged if any(fix.valid for fix in flagged) else []


def _wolfbox_dated(sample: Sample) -> Fix | None:
    data = sample.data
    if len(data) < 0xF8:
        return None
    day, month, year = struct.unpack_from("<3I", data, 0x68)
    try:
        hour, minute, second = struct.unpack_from("<3I", data, 0xA0)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    if year < 2000:
        return None
    return Fix(
        lon=from_degrees_minutes(_rational(data, 0xC0)),
        lat=from_degrees_minutes(_rational(data, 0xB0)),
        utc_s=moment.timestamp(),
        pts_s=sample.pts_s,
        speed_mps=_rational(data, 0x48) * KNOT_MPS,
        heading_deg=_rational(data, 0x58),
    )


def _wolfbox_flagged(sample: Sample) -> Fix | None:
    data = sample.data
    if len(data) < 0x78 or data[0] not in (0, 1) or any(data[1:4]):
        return None
    scales = [RATIONAL.unpack_from(data, at)[1] for at in (0x28, 0x38)]
    has_fix = data[0] == 1
    if has_fix and any(scale <= 0 or 10 ** round(math.log10(scale)) != scale for scale in scales):
        return None
    return Fix(
        lon=from_degrees_minutes(_rational(data, 0x38)),
        lat=from_degrees_minutes(_rational(data, 0x28)),
        pts_s=sample.pts_s,
        speed_mps=_rational(data, 0x48) * KNOT_MPS,
        heading_deg=_rational(data, 0x58),
        valid=has_fix,
    )


def _rational(data: bytes, at: int) -> float:
    value, scale = RATIONAL.unpack_from(data, at)
    return value / scale if scale else math.nan
