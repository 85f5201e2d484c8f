"""How far a GPS log's clock is from a video's, told from the way the camera was seen to drive.

The path seen in the pictures is laid over the fixes with every offset in question. Where the drive brakes, stops or
turns only one offset makes them fit; where it goes on evenly all do, and then the offset cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.geodesy import to_local
from vision.gps.track import GpsTrack
from vision.log import Floats
from vision.motion.egomotion import EgoMotion
from vision.timing.path_likelihood import (
    PLACE_NOISE,
    VELOCITY_NOISE,
    Complexes,
    Measured,
    Noise,
    drive_likelihood,
    path_likelihood,
)

COARSE_S: Final = 0.5
FINE_S: Final = 0.05
REACH_S: Final = 3.0  # around the best coarse offset; one that is less certain than this counts as not told
FEWEST_FIXES: Final = 7
SHORTEST_S: Final = 6.0
OVERLAP: Final = 0.5  # share of the video, or of the log if that is shorter, that must be covered
APART_S: Final = 0.45  # receivers filter: fixes closer in time than this repeat each other's errors
MOST_SPEEDS: Final = 0.8  # share of fixes with a speed from which speeds are compared rather than places
SURE: Final = 3.0  # log likelihood: 20 times as likely as any other offset, or as another drive altogether
# Log likelihood: 3.5 standard deviations, as the noise is only a model. The interval that surely holds the truth.
WITHIN: Final = 6.0
ONE_PICTURE_S: Final = 0.05
# What the optics, only guessed, do to the path: turns seen too small or large by the error of the focal length, and a
# speed seen too large while braking, as the nose dips (4 degrees per g are usual) and the road is taken to be farther.
TURN_GAINS: Final = (0.8, 1.0, 1.25)
NODS: Final = (0.0, 0.03, 0.06)  # relative error of speed per m/s^2 of braking
ACCELERATION_OVER_S: Final = 0.5
HARDEST_MPS2: Final = 4.0


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """`seconds` to add to the times of the fixes so that they are on the video's clock, NaN where it cannot be told.

    Attributes:
        uncertainty_s: half width of the interval in which the true offset surely lies.
        why_not: the reason where it cannot be told, else empty.
    """

    seconds: float
    uncertainty_s: float
    why_not: str = ""

    @property
    def told(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class _Path:
    """Where the camera was seen to be (complex metres of unknown scale), going on evenly before and after."""

    time_s: Floats
    place: Complexes

    def seen(self, times: Floats, velocity: bool, plain: bool) -> Complexes:
        """Places, velocities (over a second) or speeds at times."""
        if not velocity:
            return self._at(times)
        moved = self._at(times + 0.5) - self._at(times - 0.5)
        return np.abs(moved).astype(complex) if plain else moved

    def _at(self, times: Floats) -> Complexes:
        real, imaginary = (np.interp(times, self.time_s, part) for part in (self.place.real, self.place.imag))
        return np.asarray(real + 1j * imaginary)


def clock_offset(
    frame_s: Floats, visual: EgoMotion, gps: GpsTrack, fix_s: Floats, search_s: tuple[float, float]
) -> ClockOffset:
    """Compare what was seen with what GPS says.

    Args:
        visual: ego motion at (F,) `frame_s`, from pictures alone; its speed may be off by a constant factor.
        fix_s: (N,) times of the fixes of `gps` on the video's clock as far as it is known, NaN unknown.
        search_s: least and greatest offset in question, seconds.
    """
    measured = _measured(gps, fix_s)
    if measured is None or len(frame_s) < 2:
        return _cannot("there are too few fixes with a time")
    if not np.isfinite(visual.x_m).all() or np.ptp(visual.x_m) + np.ptp(visual.y_m) == 0:
        return _cannot("the pictures show no drive")
    first_s, last_s = float(frame_s[0]), float(frame_s[-1])
    needed_s = max(SHORTEST_S, OVERLAP * min(last_s - first_s, float(np.ptp(measured.time_s))))
    offsets = np.arange(search_s[0], search_s[1] + COARSE_S / 2, COARSE_S)
    evidence = np.full(len(offsets), -np.inf)
    path = _path(frame_s, visual, 1.0, 0.0)
    for at, rows in _overlapping(measured.time_s, offsets, first_s, last_s, needed_s):
        evidence[at] = _evidence(measured, rows, path, offsets[at])
    best = int(np.argmax(evidence))
    if not np.isfinite(evidence[best]):
        return _cannot("video and fixes do not overlap for long enough")
    found = _refined(measured, frame_s, visual, float(offsets[best]))
    # The more offsets are in question the likelier is one that fits by chance.
    sure = SURE + float(np.log(max(np.ptp(offsets), 1.0)))
    rivals = evidence[np.abs(offsets - offsets[best]) > REACH_S]
    if evidence[best] < sure:
        return _cannot("the fixes do not show the drive that the pictures show")
    if len(rivals) and evidence[best] - rivals.max() < sure:
        return _cannot("more than one offset fits")
    return found


def _cannot(why: str) -> ClockOffset:
    return ClockOffset(float("nan"), float("inf"), why)


def _measured(gps: GpsTrack, fix_s: Floats) -> Measured | None:
    """The receiver's own velocities where it gives them, else its places; thinned out."""
    rows = np.flatnonzero(np.isfinite(fix_s) & np.isfinite(gps.lon) & np.isfinite(gps.lat))
    rows = rows[np.argsort(fix_s[rows], kind="stable")]
    rows = rows[_spread(fix_s[rows])]
    if len(rows) < FEWEST_FIXES:
        return None
    speed, heading = gps.speed_mps[rows], gps.heading_deg[rows]
    if np.isfinite(speed).mean() >= MOST_SPEEDS:
        given = np.isfinite(speed)
        directed = bool(np.isfinite(heading[given & (speed > 1.0)]).all())
        course = np.radians(90.0 - np.nan_to_num(heading)) if directed else np.zeros(len(rows))
        velocity = np.asarray(speed * np.exp(1j * course), np.complex128)
        return Measured(fix_s[rows][given], velocity[given], True, VELOCITY_NOISE)
    x, y = to_local((float(gps.lon[rows[0]]), float(gps.lat[rows[0]])), gps.lon[rows], gps.lat[rows])
    return Measured(fix_s[rows], x + 1j * y, False, PLACE_NOISE)


def _spread(times: Floats) -> NDArray[np.intp]:
    """Rows that are at least `APART_S` apart."""
    kept: list[int] = []
    for row, time_s in enumerate(times.tolist()):
        if not kept or time_s - times[kept[-1]] >= APART_S:
            kept.append(row)
    return np.array(kept, np.intp)


def _overlapping(
    times: Floats, offsets: Floats, first_s: float, last_s: float, needed_s: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Offsets that put the same fixes into the video, and those fixes, if they are enough."""
    first, last = np.searchsorted(times, first_s - offsets), np.searchsorted(times, last_s - offsets, side="right")
    for begin, end in np.unique(np.stack([first, last], axis=1), axis=0).tolist():
        if end - begin >= FEWEST_FIXES and times[end - 1] - times[begin] >= needed_s:
            yield np.flatnonzero((first == begin) & (last == end)), np.arange(begin, end)


def _evidence(measured: Measured, rows: NDArray[np.intp], path: _Path, offsets: Floats) -> Floats:
    """(M,) log likelihood ratio of the path with the offsets and of any drive."""
    seen = path.seen(measured.time_s[rows] + offsets[:, None], measured.velocity, measured.plain)
    with_path = [path_likelihood(measured, rows, seen, noise) for noise in measured.noise]
    without = [drive_likelihood(measured, rows, noise) for noise in measured.noise]
    return np.asarray(np.max(with_path, axis=0) - max(without))


def _refined(measured: Measured, frame_s: Floats, visual: EgoMotion, about: float) -> ClockOffset:
    """The same fixes for all offsets near by, whatever the optics do to the path."""
    offsets = about + np.arange(-REACH_S, REACH_S + FINE_S / 2, FINE_S)
    within = (measured.time_s + about >= frame_s[0]) & (measured.time_s + about <= frame_s[-1])
    rows = np.flatnonzero(within)

    def likelihood(turn_gain: float, nod: float, noise: Noise) -> Floats:
        path = _path(frame_s, visual, turn_gain, nod)
        seen = path.seen(measured.time_s[rows] + offsets[:, None], measured.velocity, measured.plain)
        return path_likelihood(measured, rows, seen, noise)

    noise = max(measured.noise, key=lambda each: float(likelihood(1.0, 0.0, each).max()))
    # Averaged, not maximised: a path that fits a little better by chance should not decide.
    profile = np.logaddexp.reduce([likelihood(gain, nod, noise) for gain, nod in product(TURN_GAINS, NODS)], axis=0)
    possible = np.flatnonzero(profile >= profile.max() - WITHIN)
    if possible[0] == 0 or possible[-1] == len(offsets) - 1:
        return _cannot("the drive is too even")
    mean = float(np.average(offsets, weights=np.exp(profile - profile.max())))
    farther = max(float(offsets[possible[-1]]) - mean, mean - float(offsets[possible[0]]))
    return ClockOffset(mean, farther + ONE_PICTURE_S)


def _path(frame_s: Floats, visual: EgoMotion, turn_gain: float, nod: float) -> _Path:
    """The seen path if turning was seen `turn_gain` times too small and braking made the speed seen too large."""
    ahead = np.hypot(np.diff(visual.x_m), np.diff(visual.y_m))
    step = np.diff(frame_s)
    ahead = ahead * (1 + nod * _acceleration(frame_s, ahead / step))
    heading = turn_gain * visual.heading_rad
    moved = ahead * np.exp(1j * (heading[1:] + heading[:-1]) / 2)
    place = np.concatenate([[0], np.cumsum(moved)])
    rates = moved[[0, -1]] / step[[0, -1]] * 2 * REACH_S
    times = np.concatenate([[frame_s[0] - 2 * REACH_S], frame_s, [frame_s[-1] + 2 * REACH_S]])
    return _Path(times, np.concatenate([[place[0] - rates[0]], place, [place[-1] + rates[1]]]))


def _acceleration(frame_s: Floats, speed: Floats) -> Floats:
    """(F - 1,) m/s^2 between the frames, over about a second."""
    middle = (frame_s[1:] + frame_s[:-1]) / 2
    around = [np.interp(middle + side, middle, speed) for side in (-ACCELERATION_OVER_S, ACCELERATION_OVER_S)]
    return np.clip((around[1] - around[0]) / (2 * ACCELERATION_OVER_S), -HARDEST_MPS2, HARDEST_MPS2)
