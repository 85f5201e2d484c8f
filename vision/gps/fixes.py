"""From the raw fixes of a reader to a track that can be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.errors import GpsError
from vision.gps.datum import to_wgs84
from vision.gps.track import Datum, Floats, GpsTrack

# As mapillary_tools: no car is faster, so one of two fixes further apart is wrong.
MAX_SPEED_MPS = 400 / 3.6
# Some receivers go on with an invented path under weak signal: it is often lost, and the speed that the receiver states
# and the way between its positions differ wildly (SigmaStar dashcams in a garage; populations in dashcamigo's
# sstar-ssmd-extract.ts: lost 0.00-0.01 and differing 0-1 % in the open, lost 0.51-0.87 and differing 15-29 % here).
LOST_SHARE = 0.3
DIFFERING_MPS = 50 / 3.6
DIFFERING_SHARE = 0.1
MIN_PAIRS = 5
MAX_PAIR_S = 8.0
# A receiver's noise between two fixes close in time is no movement.
NOISE_M = 50.0
# Smooth: the way from fix to fix changes by less than this share of itself. Jumps between false fixes do not.
EVEN_SHARE = 0.5
FEWEST_ON_A_PATH = 3
NULL_ISLAND_DEG = 0.01
EARTH_M = 6_371_008.8
# The year 2100: a time beyond, or before 1970, is none, and may be none that a calendar holds.
END_OF_TIME_S = 4_102_444_800.0


@dataclass(frozen=True, slots=True)
class Fix:
    """One position as a reader found it; unknown numbers are NaN, units as in `GpsTrack`.

    `valid`: the receiver itself says that it knew where it was.
    """

    lon: float
    lat: float
    utc_s: float = math.nan
    pts_s: float = math.nan
    speed_mps: float = math.nan
    heading_deg: float = math.nan
    accuracy_m: float = math.nan
    valid: bool = True


def believable_track(fixes: Sequence[Fix], source: str, datum: Datum = "wgs84") -> GpsTrack:
    """The fixes that can be true, in time order, in WGS 84. Raises `GpsError` with the reason when none is left.

    A smooth path whose times cannot be true is returned without these.
    """
    if not fixes:
        raise GpsError(f"the {source} log holds no position", advice="is it a position log?")
    valid = [fix for fix in fixes if fix.valid and math.isfinite(fix.lon) and math.isfinite(fix.lat)]
    if not valid:
        raise GpsError(f"none of the {len(fixes)} positions has a GPS fix", advice="the receiver never saw the sky")
    on_earth = [fix for fix in valid if _is_on_earth(fix)]
    if not on_earth:
        raise GpsError(
            f"all {len(valid)} positions are 0, 0 or out of range", advice="the receiver wrote no real position"
        )
    rows = np.array([_row(fix) for fix in on_earth])
    if _is_invented(rows, lost=len(fixes) - len(valid)):
        raise GpsError(
            f"the receiver lost the sky in {len(fixes) - len(valid)} of {len(fixes)} positions and made up the rest",
            advice="its speeds contradict its positions; the file has no place",
        )
    rows = _in_time_order(rows)
    rows = _without_times(rows) if _has_wrong_times(rows) else _reachable(rows)
    lon, lat = to_wgs84(rows[:, 2], rows[:, 3], datum)
    return GpsTrack(
        utc_s=rows[:, 0],
        pts_s=rows[:, 1],
        lon=lon,
        lat=lat,
        speed_mps=rows[:, 4],
        heading_deg=rows[:, 5],
        accuracy_m=rows[:, 6],
        source=source,
    )


def fixes_of(track: GpsTrack) -> list[Fix]:
    """The fixes of a track, as if just read (WGS 84)."""
    columns = (
        track.lon, track.lat, track.utc_s, track.pts_s, track.speed_mps, track.heading_deg, track.accuracy_m,
    )  # fmt: skip
    return [Fix(*row) for row in np.stack(columns, axis=1).tolist()]


def metres_between(lon: Floats, lat: Floats) -> Floats:
    """(N - 1, ...) metres from each point to the next along the first axis, on the sphere (haversine)."""
    lon, lat = np.radians(lon), np.radians(lat)
    d_lon, d_lat = np.diff(lon, axis=0), np.diff(lat, axis=0)
    half = np.sin(d_lat / 2) ** 2 + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(d_lon / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1))))


def _row(fix: Fix) -> tuple[float, ...]:
    utc_s = fix.utc_s if 0 <= fix.utc_s < END_OF_TIME_S else math.nan
    speed = fix.speed_mps if 0 <= fix.speed_mps <= MAX_SPEED_MPS else math.nan
    heading = fix.heading_deg % 360 if math.isfinite(fix.heading_deg) else math.nan
    accuracy = fix.accuracy_m if fix.accuracy_m > 0 else math.nan
    return utc_s, fix.pts_s, fix.lon, fix.lat, speed, heading, accuracy


def _is_on_earth(fix: Fix) -> bool:
    at_null_island = abs(fix.lon) < NULL_ISLAND_DEG and abs(fix.lat) < NULL_ISLAND_DEG
    return abs(fix.lon) <= 180 and abs(fix.lat) <= 90 and not at_null_island


def _is_invented(rows: Floats, lost: int) -> bool:
    if len(rows) < 2 or lost < LOST_SHARE * (lost + len(rows)):
        return False
    elapsed = np.diff(_times(rows))
    stated = rows[1:, 4]
    pairs = (elapsed > 0) & (elapsed <= MAX_PAIR_S) & np.isfinite(stated)
    if pairs.sum() < MIN_PAIRS:
        return False
    implied = metres_between(rows[:, 2], rows[:, 3])[pairs] / elapsed[pairs]
    return float(np.mean(np.abs(implied - stated[pairs]) > DIFFERING_MPS)) >= DIFFERING_SHARE


def _times(rows: Floats) -> Floats:
    """The clock that most fixes have; the video's own where both are complete."""
    utc, pts = rows[:, 0], rows[:, 1]
    return pts if np.isfinite(pts).sum() >= np.isfinite(utc).sum() else utc


def _in_time_order(rows: Floats) -> Floats:
    """Sorted, one fix per moment; logs without any time keep their order."""
    times = _times(rows)
    if not np.isfinite(times).any():
        return rows
    rows = rows[np.isfinite(times)]
    _, first = np.unique(_times(rows), return_index=True)
    return rows[first]


def _has_wrong_times(rows: Floats) -> bool:
    """A smooth path that no car can drive in its time: the times are in a wrong unit, the places are where it was."""
    times = _times(rows)
    if len(rows) < FEWEST_ON_A_PATH or not np.isfinite(times).any():
        return False
    metres = metres_between(rows[:, 2], rows[:, 3])
    if metres.sum() <= NOISE_M + MAX_SPEED_MPS * np.ptp(times):
        return False
    steps = np.diff(rows[:, 2:4], axis=0)
    changes = np.linalg.norm(np.diff(steps, axis=0), axis=1)
    return bool((changes <= EVEN_SHARE * np.linalg.norm(steps[1:], axis=1)).all())


def _without_times(rows: Floats) -> Floats:
    """Where the camera was, but not when."""
    rows = rows.copy()
    rows[:, :2] = np.nan
    return rows


def _reachable(rows: Floats) -> Floats:
    """The longest stretch without impossible jumps, and what can be reached from it in both directions."""
    times = _times(rows)
    if len(rows) < 2 or not np.isfinite(times).any():
        return rows

    def can_reach(a: int, b: int) -> bool:
        metres = float(metres_between(rows[[a, b], 2], rows[[a, b], 3])[0])
        return metres <= NOISE_M + MAX_SPEED_MPS * float(times[b] - times[a])

    allowed = NOISE_M + MAX_SPEED_MPS * np.diff(times)
    cuts = np.flatnonzero(metres_between(rows[:, 2], rows[:, 3]) > allowed) + 1
    stretches = np.split(np.arange(len(rows)), cuts)
    longest = max(range(len(stretches)), key=lambda number: len(stretches[number]))
    kept = stretches[longest].tolist()
    for stretch in stretches[longest + 1 :]:
        if can_reach(kept[-1], int(stretch[0])):
            kept.extend(stretch.tolist())
    for stretch in reversed(stretches[:longest]):
        if can_reach(int(stretch[-1]), kept[0]):
            kept = stretch.tolist() + kept
    return np.asarray(rows[kept])
