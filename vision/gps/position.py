"""Where the camera was at any moment of a video."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vision.gps.fixes import metres_between
from vision.gps.track import Floats, GpsTrack
from vision.log import Clock

# A fix says nothing of where a car is three seconds later: at a junction it may have turned.
MAX_AGE_S = 3.0
# Standard uncertainty of a phone's or dashcam's fix under open sky (GPS SPS: 4-5 m, 68 %).
DEFAULT_ACCURACY_M = 5.0
# A place no better known than this is none.
MAX_ACCURACY_M = 1000.0
# Between two fixes a car may brake or accelerate this hard; linear interpolation errs by a/2 * t * (T - t).
ACCELERATION_MPS2 = 3.0
# Below, the direction between two fixes is that of their noise.
MIN_SPEED_FOR_HEADING = 1.0


@dataclass(frozen=True, slots=True)
class Positions:
    """One row per asked moment; NaN where no fix is near. Units as in `GpsTrack`."""

    lon: Floats
    lat: Floats
    accuracy_m: Floats
    speed_mps: Floats
    heading_deg: Floats


def position_at(track: GpsTrack, clock: Clock, time_s: Floats) -> Positions:
    """Interpolates the track at log times `time_s` (seconds, sorted or not).

    A track embedded in the video is aligned by its own PTS, any other by its UTC and the clock, whose uncertainty
    then counts as way driven.
    """
    asked = np.atleast_1d(np.asarray(time_s, float))
    times, slack_s = _track_times(track, clock)
    known = np.isfinite(times)
    if not known.any():
        nothing = np.full(len(asked), np.nan)
        return Positions(nothing, nothing, nothing, nothing, nothing)
    times, rows = times[known], np.flatnonzero(known)
    lon, lat = np.unwrap(track.lon[rows], period=360), track.lat[rows]
    speed = _speeds(track.speed_mps[rows], times, lon, lat)
    near = np.min(np.abs(asked[:, None] - _neighbours(times, asked)), axis=1)
    speed_there = np.interp(asked, times, speed)
    accuracy = np.hypot(
        _accuracy(track.accuracy_m[rows], times, asked, speed_there), _moved_within(slack_s, times, lon, lat, asked)
    )
    gone = (near > MAX_AGE_S) | (accuracy > MAX_ACCURACY_M)
    values = (
        (np.interp(asked, times, lon) + 180) % 360 - 180,
        np.interp(asked, times, lat),
        accuracy,
        speed_there,
        _headings(track.heading_deg[rows], times, lon, lat, speed, asked),
    )
    return Positions(*(np.where(gone, np.nan, value) for value in values))


def _track_times(track: GpsTrack, clock: Clock) -> tuple[Floats, float]:
    if np.isfinite(track.pts_s).any():
        return track.pts_s, 0.0
    if clock.utc_at_zero is None:
        return np.full(len(track), np.nan), 0.0
    return track.utc_s - clock.utc_at_zero.timestamp(), clock.uncertainty_s


def _neighbours(times: Floats, asked: Floats) -> Floats:
    """(N, 2): the track's times before and after each asked one."""
    after = np.searchsorted(times, asked).clip(0, len(times) - 1)
    return np.stack([times[(after - 1).clip(0)], times[after]], axis=1)


def _speeds(given: Floats, times: Floats, lon: Floats, lat: Floats) -> Floats:
    """The receiver's own speeds (Doppler, better than differences), else differences of the positions."""
    if len(times) < 2:
        return given
    steps = metres_between(lon, lat) / np.maximum(np.diff(times), 1e-3)
    differences = np.interp(times, (times[1:] + times[:-1]) / 2, steps)
    return np.where(np.isfinite(given), given, differences)


def _headings(given: Floats, times: Floats, lon: Floats, lat: Floats, speed: Floats, asked: Floats) -> Floats:
    """Degrees clockwise from north, interpolated as unit vectors; NaN where the camera never moved."""
    if len(times) > 1:
        east, north = np.gradient(lon, times) * np.cos(np.radians(lat)), np.gradient(lat, times)
        heading = np.where(np.isfinite(given), np.radians(given), np.arctan2(east, north))
    else:
        heading = np.radians(given)
    moving = np.isfinite(heading) & (speed > MIN_SPEED_FOR_HEADING)
    if not moving.any():
        return np.full(len(asked), np.nan)
    sines, cosines = (np.interp(asked, times[moving], wave(heading[moving])) for wave in (np.sin, np.cos))
    return np.degrees(np.arctan2(sines, cosines)) % 360


def _accuracy(given: Floats, times: Floats, asked: Floats, speed: Floats) -> Floats:
    base = np.interp(asked, times, np.where(np.isfinite(given), given, DEFAULT_ACCURACY_M))
    before, after = _neighbours(times, asked).T
    inside = (asked >= before) & (asked <= after)
    between = ACCELERATION_MPS2 / 2 * np.where(inside, (asked - before) * (after - asked), 0)
    beyond = np.where(inside, 0, np.minimum(np.abs(asked - before), np.abs(asked - after)))
    driven = np.where(np.isfinite(speed), speed, 0) * beyond
    return np.asarray(np.sqrt(base**2 + between**2 + driven**2))


def _moved_within(slack_s: float, times: Floats, lon: Floats, lat: Floats, asked: Floats) -> Floats:
    """Metres to the farthest place where the camera was within `slack_s` seconds of each moment."""
    if slack_s <= 0:
        return np.zeros(len(asked))
    moments = asked + np.linspace(-1, 1, 9)[:, None] * slack_s
    around = np.stack([np.interp(moments, times, lon), np.interp(moments, times, lat)])
    here = np.broadcast_to(around[:, 4:5], around.shape)
    pairs = np.stack([here, around], axis=1)
    return np.asarray(metres_between(pairs[0], pairs[1])[0].max(axis=0))


def first_place(track: GpsTrack | None) -> tuple[float, float] | None:
    """Lon, lat of the track's first fix."""
    if track is None or not len(track) or not math.isfinite(track.lon[0]):
        return None
    return float(track.lon[0]), float(track.lat[0])
