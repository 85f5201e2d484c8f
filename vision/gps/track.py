"""Where a camera was, and when: the one type every GPS reader returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Datum = Literal["wgs84", "gcj02", "bd09", "cgcs2000"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GpsTrack:
    """Fixes in time order; WGS 84 (readers convert at the edge).

    Attributes:
        utc_s: (N,) seconds since 1970-01-01 UTC; NaN where the source gives none.
        pts_s: (N,) seconds of the video's own clock, for tracks embedded in a video; NaN for sidecar logs.
        lon, lat: (N,) degrees.
        speed_mps, heading_deg: (N,) over ground, heading clockwise from north; NaN where not given.
        accuracy_m: (N,) standard uncertainty; NaN where not given.
        source: reader's name, e.g. "gpx", "nmea", "csv", "embedded".
    """

    utc_s: Floats
    pts_s: Floats
    lon: Floats
    lat: Floats
    speed_mps: Floats
    heading_deg: Floats
    accuracy_m: Floats
    source: str

    def __len__(self) -> int:
        return len(self.lon)


def first_place(track: GpsTrack | None) -> tuple[float, float] | None:
    """Lon, lat of the track's first fix."""
    if track is None or not len(track) or not math.isfinite(track.lon[0]):
        return None
    return float(track.lon[0]), float(track.lat[0])
