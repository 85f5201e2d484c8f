"""Between WGS 84 and a local plane of metres, for distances of a drive (tens of kilometres)."""

from __future__ import annotations

from typing import Final

import numpy as np

from vision.log import Floats

# Radii of curvature of the WGS 84 ellipsoid (NIMA TR8350.2): a = 6378137 m, e^2 = 0.00669437999014.
SEMI_MAJOR_M: Final = 6378137.0
ECCENTRICITY_2: Final = 0.00669437999014


def _metres_per_degree(latitude: float) -> tuple[float, float]:
    sin2 = float(np.sin(np.radians(latitude)) ** 2)
    across = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_2 * sin2)
    along = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / (1 - ECCENTRICITY_2 * sin2) ** 1.5
    return float(np.radians(across * np.cos(np.radians(latitude)))), float(np.radians(along))


def to_local(origin: tuple[float, float], lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of `origin` (lon, lat)."""
    east, north = _metres_per_degree(origin[1])
    return (np.asarray(lon, float) - origin[0]) * east, (np.asarray(lat, float) - origin[1]) * north


def to_wgs84(origin: tuple[float, float], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Degrees (lon, lat) of points given in metres east and north of `origin`."""
    east, north = _metres_per_degree(origin[1])
    return origin[0] + np.asarray(x, float) / east, origin[1] + np.asarray(y, float) / north
