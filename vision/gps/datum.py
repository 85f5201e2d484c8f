"""Chinese map datums to WGS 84.

GCJ-02 shifts WGS 84 by a smooth, non-linear few hundred metres inside China; BD-09 shifts GCJ-02 once more. The
formulas are those published in eviltransform (https://github.com/googollee/eviltransform, MIT) and used alike by
coordtransform; the inverse is found by iterating the forward shift. CGCS2000 and WGS 84 agree within centimetres.
"""

from __future__ import annotations

import numpy as np

from vision.gps.track import Datum, Floats

# Krasovsky 1940, on which the GCJ-02 formulas rest.
AXIS_M = 6_378_245.0
ECCENTRICITY2 = 0.00669342162296594323
BD_TURN = np.pi * 3000 / 180


def to_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Degrees in, degrees out, within 0.1 m of the exact inverse for GCJ-02, 1 m for BD-09."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    if datum == "bd09":
        lon, lat = _bd09_to_gcj02(lon, lat)
    return _gcj02_to_wgs84(lon, lat) if datum in ("gcj02", "bd09") else (lon, lat)


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Outside China's bounding box the coordinates stay as they are."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    east, north = lon - 105, lat - 35
    ripple = 20 * np.sin(6 * np.pi * east) + 20 * np.sin(2 * np.pi * east)
    root = np.sqrt(np.abs(east))
    d_lat = -100 + 2 * east + 3 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * root
    d_lat += (ripple + 20 * np.sin(np.pi * north) + 40 * np.sin(np.pi / 3 * north)) * 2 / 3
    d_lat += (160 * np.sin(np.pi / 12 * north) + 320 * np.sin(np.pi / 30 * north)) * 2 / 3
    d_lon = 300 + east + 2 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * root
    d_lon += (ripple + 20 * np.sin(np.pi * east) + 40 * np.sin(np.pi / 3 * east)) * 2 / 3
    d_lon += (150 * np.sin(np.pi / 12 * east) + 300 * np.sin(np.pi / 30 * east)) * 2 / 3
    magic = 1 - ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    meridian_m = AXIS_M * (1 - ECCENTRICITY2) / magic**1.5
    parallel_m = AXIS_M / np.sqrt(magic) * np.cos(np.radians(lat))
    in_china = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return (
        np.where(in_china, lon + np.degrees(d_lon / parallel_m), lon),
        np.where(in_china, lat + np.degrees(d_lat / meridian_m), lat),
    )


def gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * BD_TURN)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon, lat
    for _ in range(5):  # each step shrinks the error about a thousandfold
        shifted_x, shifted_y = wgs84_to_gcj02(x, y)
        x, y = x - (shifted_x - lon), y - (shifted_y - lat)
    return x, y


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(5):
        shifted_x, shifted_y = gcj02_to_bd09(x, y)
        x, y = x - (shifted_x - lon), y - (shifted_y - lat)
    return x, y
