"""A clock and a position log held against the drive that the pictures show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from vision.gps.track import GpsTrack
from vision.log import Clock, Floats
from vision.motion.egomotion import EgoMotion
from vision.motion.route import fix_times
from vision.timing.clock_offset import ClockOffset, clock_offset

BEYOND_S: Final = 30.0  # how far outside the stated uncertainty a clock is looked for
# A clock that is known no better than to two hours leaves too many places in a log where the drive may fit by chance.
WIDEST_S: Final = 7200.0
BETTER: Final = 0.5  # of the stated uncertainty: what the pictures tell less surely than this changes nothing


def seen_clock(clock: Clock, gps: GpsTrack, frame_s: Floats, visual: EgoMotion) -> tuple[Clock, GpsTrack]:
    """The clock and the track, put right where the pictures tell the time of the fixes better or contradict it.

    A clock set by hand stands, whatever the pictures say, but its note tells of it. `visual`: ego motion at (F,)
    `frame_s` from pictures alone.
    """
    assumed = clock if clock.utc_at_zero is not None else _first_fix_at_zero(clock, gps)
    search = _search(assumed, clock, gps, frame_s)
    if search is None:
        return clock, gps
    found = clock_offset(frame_s, visual, gps, fix_times(gps, assumed), search)
    if not found.told:
        return clock, gps
    contradicted = abs(found.seconds) > clock.uncertainty_s + found.uncertainty_s
    if clock.source == "manual":
        return (_noted(clock, found, "the pictures contradict it:") if contradicted else clock), gps
    if not contradicted and found.uncertainty_s > BETTER * clock.uncertainty_s:
        return clock, gps
    why = "the pictures contradict this:" if contradicted else "told from the drive:"
    return _moved(assumed, gps, found, why)


def _search(assumed: Clock, clock: Clock, gps: GpsTrack, frame_s: Floats) -> tuple[float, float] | None:
    """Offsets in question; None where there are too many, or no times at all."""
    times = fix_times(gps, assumed)
    if not np.isfinite(times).any() or len(frame_s) < 2:
        return None
    widest = (float(frame_s[0] - np.nanmax(times)), float(frame_s[-1] - np.nanmin(times)))
    bound = np.isfinite(gps.pts_s).any()
    half = BEYOND_S + (0.0 if bound else clock.uncertainty_s)
    low, high = max(widest[0], -half), min(widest[1], half)
    return (low, high) if 0 < high - low <= 2 * WIDEST_S else None


def _first_fix_at_zero(clock: Clock, gps: GpsTrack) -> Clock:
    """A clock to begin the search from where there is none."""
    timed = gps.utc_s[np.isfinite(gps.utc_s)]
    return replace(clock, utc_at_zero=datetime.fromtimestamp(float(timed[0]), UTC)) if len(timed) else clock


def _moved(clock: Clock, gps: GpsTrack, found: ClockOffset, why: str) -> tuple[Clock, GpsTrack]:
    """Fixes that are bound to the pictures move among these; the clock moves where it is theirs."""
    bound = np.isfinite(gps.pts_s)
    theirs = np.isfinite(gps.utc_s).any() and (clock.source == "gps" or not bound.any())
    moved = replace(gps, pts_s=gps.pts_s + found.seconds)
    if clock.utc_at_zero is None or not theirs:
        return _noted(clock, found, why), moved
    zero = clock.utc_at_zero - timedelta(seconds=found.seconds)
    told = replace(clock, utc_at_zero=zero, uncertainty_s=found.uncertainty_s, source="gps")
    return _noted(told, found, why), moved


def _noted(clock: Clock, found: ClockOffset, why: str) -> Clock:
    said = f"{why} GPS fits {found.seconds:+.1f} s later, to {found.uncertainty_s:.1f} s"
    return replace(clock, note=f"{clock.note}; {said}" if clock.note else said)
