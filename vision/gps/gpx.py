"""GPX 1.0 and 1.1."""

from __future__ import annotations

import math
from datetime import UTC
from pathlib import Path

import gpxpy
import gpxpy.gpx

from vision.errors import GpsError
from vision.gps.fixes import Fix

# A receiver's range error in metres per unit of dilution (GPS SPS performance standard, 95 % figures halved).
RANGE_ERROR_M = 4.0


def read_gpx(path: Path) -> list[Fix]:
    try:
        document = gpxpy.parse(path.read_text(encoding="utf-8-sig", errors="replace"))
    except (gpxpy.gpx.GPXException, ValueError) as error:
        raise GpsError(f"{path.name} is not a GPX file: {error}", advice="export the track again as GPX 1.1") from error
    points = [_fix(point) for track in document.tracks for segment in track.segments for point in segment.points]
    return points or [_fix(point) for route in document.routes for point in route.points]


def _fix(point: gpxpy.gpx.GPXTrackPoint | gpxpy.gpx.GPXRoutePoint) -> Fix:
    time = point.time
    dilution = point.horizontal_dilution
    return Fix(
        lon=point.longitude,
        lat=point.latitude,
        utc_s=math.nan if time is None else (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp(),
        speed_mps=_number(getattr(point, "speed", None)),
        heading_deg=_number(getattr(point, "course", None)),
        accuracy_m=math.nan if dilution is None else RANGE_ERROR_M * dilution,
        valid=point.type_of_gpx_fix != "none",
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value
