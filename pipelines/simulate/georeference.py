"""The rendered street on the map: fixes, areas and places in WGS 84."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gpxpy.gpx
import numpy as np

from pipelines.simulate.mesh import Floats
from vision.geodesy import to_wgs84


@dataclass(frozen=True, slots=True)
class MapFrame:
    """Where the street's (0, 0) lies, and which way +y points: `bearing` in radians, clockwise from north."""

    lon: float
    lat: float
    bearing: float

    def to_map(self, x: Floats | float, y: Floats | float) -> tuple[Floats, Floats]:
        """Longitude and latitude of street points in metres."""
        c, s = np.cos(self.bearing), np.sin(self.bearing)
        x, y = np.asarray(x, float), np.asarray(y, float)
        return to_wgs84((self.lon, self.lat), c * x + s * y, -s * x + c * y)

    def point(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = self.to_map(x, y)
        return round(float(lon), 7), round(float(lat), 7)

    def rectangle(self, x1: float, y1: float, x2: float, y2: float) -> list[list[tuple[float, float]]]:
        """GeoJSON coordinates of a rectangle of the street."""
        corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))
        return [[self.point(x, y) for x, y in corners]]


@dataclass(frozen=True, slots=True)
class MapArea:
    """A rectangle of the street with what GeoJSON says of it."""

    rectangle: tuple[float, float, float, float]
    properties: tuple[tuple[str, str], ...]


def gps_error(rng: np.random.Generator, seconds: int, std_m: float, memory_s: float = 25.0) -> Floats:
    """(N, 2) metres, one row a second: a receiver's error wanders, it does not jump (Gauss-Markov of first order)."""
    keep = float(np.exp(-1.0 / memory_s))
    error = np.empty((seconds, 2))
    error[0] = rng.normal(0, std_m, 2)
    for row in range(1, seconds):
        error[row] = keep * error[row - 1] + rng.normal(0, std_m * np.sqrt(1 - keep**2), 2)
    return error


def write_gpx(path: Path, frame: MapFrame, positions: Floats, start: datetime, error: Floats, hdop: float) -> None:
    """`positions`, `error`: (N, 2) street metres at each whole second from `start`."""
    lon, lat = frame.to_map(positions[:, 0] + error[:, 0], positions[:, 1] + error[:, 1])
    segment = gpxpy.gpx.GPXTrackSegment()
    for second, (east, north) in enumerate(zip(lon, lat, strict=True)):
        time = (start + timedelta(seconds=second)).astimezone(UTC)
        segment.points.append(
            gpxpy.gpx.GPXTrackPoint(round(float(north), 7), round(float(east), 7), time=time, horizontal_dilution=hdop)
        )
    log = gpxpy.gpx.GPX()
    log.creator = "Street Patrol simulation"
    track = gpxpy.gpx.GPXTrack()
    track.segments.append(segment)
    log.tracks.append(track)
    path.write_text(log.to_xml(), encoding="utf-8")


def write_areas(path: Path, frame: MapFrame, areas: Sequence[MapArea]) -> None:
    """A GeoJSON FeatureCollection of polygons."""
    features = [
        {
            "type": "Feature",
            "properties": dict(area.properties),
            "geometry": {"type": "Polygon", "coordinates": frame.rectangle(*area.rectangle)},
        }
        for area in areas
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, indent=1), encoding="utf-8")
