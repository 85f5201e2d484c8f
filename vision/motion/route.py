"""The drive on the map: visual motion, which is smooth, carried by GPS, which knows the scale and the place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vision.geodesy import to_local
from vision.gps.track import GpsTrack
from vision.log import Clock, Floats
from vision.motion.egomotion import EgoMotion, nearest_s

SMOOTH_S: Final = 4.0  # GPS wanders slowly; over a few seconds the visual path is better
MOVED_MPS: Final = 1.5  # slower than this GPS gives no heading
FEW: Final = 3
DEFAULT_ACCURACY_M: Final = 5.0
TICK_S: Final = 0.01
NEAR_S: Final = 1.5  # within which a fix's speed is the drive's
GAP_S: Final = 10.0  # between fixes further apart nothing is known


@dataclass(frozen=True, slots=True)
class Fixes:
    """GPS on the log's clock: (N,) seconds, metres from `origin`, m/s, heading counterclockwise from east.

    `rate`: seconds of the receiver's clock per second of the video's, 1 where these are not bound to each other.
    """

    time_s: Floats
    x: Floats
    y: Floats
    speed: Floats
    heading: Floats
    accuracy: Floats
    origin: tuple[float, float]
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Route:
    """The drive at the frames.

    Attributes:
        ego: pose in metres east and north of `origin`. accuracy_m: how well the place is known.
        reckoned: speed and seen turning added up, from anywhere: what stands keeps its place in it for seconds, where
            `ego` follows the wandering of GPS, and loses it over minutes.
    """

    ego: EgoMotion
    reckoned: EgoMotion
    accuracy_m: Floats
    origin: tuple[float, float]


def fix_times(gps: GpsTrack, clock: Clock) -> Floats:
    """(N,) seconds on the video's clock: those that the fixes are bound to, else by their UTC; NaN unknown."""
    times = gps.pts_s.astype(float)
    if clock.utc_at_zero is None:
        return times
    return np.where(np.isnan(times), gps.utc_s - clock.utc_at_zero.timestamp(), times)


def fixes_in(gps: GpsTrack, clock: Clock, first_s: float, last_s: float) -> Fixes | None:
    """The fixes of a video's time span; None when there are too few or no clock ties them to it."""
    times = fix_times(gps, clock)
    near = (times >= first_s - 2.0) & (times <= last_s + 2.0) & ~np.isnan(gps.lon) & ~np.isnan(gps.lat)
    rows = np.flatnonzero(near)
    rows = rows[np.argsort(times[rows], kind="stable")]
    rows = rows[np.append(True, np.diff(times[rows]) > 0)] if len(rows) else rows
    if len(rows) < FEW:
        return None
    origin = (float(gps.lon[rows[0]]), float(gps.lat[rows[0]]))
    x, y = to_local(origin, gps.lon[rows], gps.lat[rows])
    east, north = _velocity(x, y, times[rows])
    speed = np.where(np.isnan(gps.speed_mps[rows]), np.hypot(east, north), gps.speed_mps[rows])
    course = np.radians(90.0 - gps.heading_deg[rows])
    heading = np.where(np.isnan(course), np.arctan2(north, east), course)
    accuracy = np.where(np.isnan(gps.accuracy_m[rows]), DEFAULT_ACCURACY_M, gps.accuracy_m[rows])
    return Fixes(times[rows], x, y, speed, heading, accuracy, origin, _rate(gps.pts_s[rows], gps.utc_s[rows]))


def _rate(pts_s: Floats, utc_s: Floats) -> float:
    """Over half of the fixes at a time, which whole seconds and a late fix do not sway."""
    both = np.isfinite(pts_s) & np.isfinite(utc_s)
    half = int(both.sum()) // 2
    if half < FEW:
        return 1.0
    pts, utc = pts_s[both], utc_s[both]
    return float(np.median((utc[half:] - utc[:-half]) / np.maximum(pts[half:] - pts[:-half], TICK_S)))


def route(frame_s: Floats, visual: EgoMotion, fixes: Fixes) -> Route:
    """Fuse. Speed and place are those of GPS; turning and stopping are seen sooner by the camera."""
    fixes = _without_frozen(fixes, frame_s, visual)
    speed = np.interp(frame_s, fixes.time_s, fixes.speed)
    scale = scale_by(fixes, frame_s, visual)
    known = ~np.isnan(visual.speed_mps)
    if known.mean() > 0.8 and not np.isnan(scale):
        seen = np.interp(frame_s, frame_s[known], visual.speed_mps[known]) * scale
        off = fixes.speed - np.interp(fixes.time_s, frame_s, seen)
        speed = np.maximum(0.0, _carried(frame_s, seen, fixes.time_s, off))
    speed = np.where(visual.standing, 0.0, speed)
    reckoned = _reckoned(frame_s, speed, visual.heading_rad, visual)
    heading = _heading(frame_s, visual, fixes)
    ego = _reckoned(frame_s, speed, heading, visual)
    x, y = ego.x_m, ego.y_m
    x, y = (
        _carried(frame_s, path, fixes.time_s, fixed - _extended(fixes.time_s, frame_s, path, rate))
        for path, fixed, rate in ((x, fixes.x, speed * np.cos(heading)), (y, fixes.y, speed * np.sin(heading)))
    )
    return Route(replace(ego, x_m=x, y_m=y), reckoned, _accuracy(frame_s, fixes), fixes.origin)


def _carried(frame_s: Floats, seen: Floats, fix_s: Floats, off: Floats) -> Floats:
    """What was seen, carried by how far fixes are off it. The difference is what is interpolated: where fixes are far
    apart, as in a tunnel, what is seen goes on.
    """
    return seen + _smooth(frame_s, np.interp(frame_s, fix_s, off))


def _reckoned(frame_s: Floats, speed: Floats, heading: Floats, visual: EgoMotion) -> EgoMotion:
    step = speed * np.diff(frame_s, prepend=frame_s[:1])
    x, y = np.cumsum(step * np.cos(heading)), np.cumsum(step * np.sin(heading))
    return replace(visual, x_m=x, y_m=y, heading_rad=heading, speed_mps=speed)


def _without_frozen(fixes: Fixes, frame_s: Floats, visual: EgoMotion) -> Fixes:
    """Without those that say again where the one before was, while the camera was seen to drive: a receiver that lost
    the sky goes on with its last place.
    """
    same = (np.diff(fixes.x, prepend=np.nan) == 0) & (np.diff(fixes.y, prepend=np.nan) == 0)
    seen = np.interp(fixes.time_s, frame_s, np.where(visual.standing, 0.0, np.nan_to_num(visual.speed_mps)))
    frozen = same & (seen > MOVED_MPS)
    if not frozen.any():
        return fixes
    names = ("time_s", "x", "y", "speed", "heading", "accuracy")
    return replace(fixes, **{name: getattr(fixes, name)[~frozen] for name in names})


def _extended(at: Floats, times: Floats, values: Floats, rate: Floats) -> Floats:
    """Interpolated, and beyond the ends going on at the rate there."""
    within = np.clip(at, times[0], times[-1])
    return np.asarray(np.interp(within, times, values) + np.interp(within, times, rate) * (at - within))


def scale_by(fixes: Fixes, frame_s: Floats, visual: EgoMotion) -> float:
    """True metres per metre of the visual path; NaN when it could not be compared."""
    true = np.interp(frame_s, fixes.time_s, fixes.speed)
    seen = visual.speed_mps
    both = ~np.isnan(seen) & (seen > 1.0) & (true > MOVED_MPS) & (nearest_s(frame_s, fixes.time_s) <= NEAR_S)
    return float(np.median(true[both] / seen[both])) if both.sum() >= 10 else float("nan")


def _heading(frame_s: Floats, visual: EgoMotion, fixes: Fixes) -> Floats:
    """Turning as seen, drift taken out by the course of GPS where it moves."""
    seen = np.unwrap(visual.heading_rad)
    moving = fixes.speed > MOVED_MPS
    if moving.sum() < FEW:
        return np.asarray(seen + (fixes.heading[np.argmax(fixes.speed)] - seen[0]))
    times = fixes.time_s[moving]
    apart = np.unwrap(fixes.heading[moving] - np.interp(times, frame_s, seen))
    return np.asarray(seen + _smooth(frame_s, np.interp(frame_s, times, apart)))


def _smooth(times: Floats, values: Floats) -> Floats:
    """Gaussian mean over `SMOOTH_S`, true at the ends for straight lines."""
    smooth = np.empty_like(values)
    for row, time_s in enumerate(times):
        low, high = np.searchsorted(times, [time_s - 2 * SMOOTH_S, time_s + 2 * SMOOTH_S])
        offset = times[low:high] - time_s
        weight = np.exp(-((offset / SMOOTH_S) ** 2) / 2)
        mean = np.average(offset, weights=weight)
        spread = float(np.average((offset - mean) ** 2, weights=weight))
        value = np.average(values[low:high], weights=weight)
        slope = float(np.average((offset - mean) * values[low:high], weights=weight)) / spread if spread > 1e-9 else 0.0
        smooth[row] = value - slope * mean
    return smooth


def _accuracy(frame_s: Floats, fixes: Fixes) -> Floats:
    """Uncertainty of the place; NaN further than `GAP_S` from any fix."""
    accuracy = np.interp(frame_s, fixes.time_s, fixes.accuracy)
    nearest = nearest_s(frame_s, fixes.time_s)
    return np.where(nearest <= GAP_S, accuracy + 0.5 * nearest, np.nan)


def _velocity(x: Floats, y: Floats, times: Floats) -> tuple[Floats, Floats]:
    """(N,) metres per second east and north. A place that is said again is none: a receiver that writes each place ten
    times, or its last one until it sees the sky again, does not stand and jump.
    """
    new = np.append(True, (np.diff(x) != 0) | (np.diff(y) != 0))
    if new.sum() < 2:
        return np.zeros(len(x)), np.zeros(len(x))
    east, north = (np.interp(times, times[new], np.gradient(each[new], times[new])) for each in (x, y))
    return east, north
