"""Road points of made-up tracks for tests."""

from __future__ import annotations

import numpy as np

from vision.log import Floats
from vision.places.smoothing import Points, Smoothed, agility, smooth

STEP_S = 1 / 6


def points(*places: Floats, noise_m: float = 0.3, step_s: float = STEP_S) -> Points:
    """Tracks whose road points (N, 2) are seen evenly, each known to `noise_m`."""
    count = np.array([len(each) for each in places])
    times = np.concatenate([np.arange(size) * step_s for size in count])
    covariance = np.tile(np.eye(2) * noise_m**2, (len(times), 1, 1))
    return Points(np.cumsum(count) - count, times, np.concatenate(places), covariance)


def driving(velocity: tuple[float, float], count: int = 30) -> Floats:
    return np.asarray(np.arange(count)[:, None] * STEP_S * np.array(velocity) + [5.0, -2.0])


def smoothed(seen: Points, *stood: bool) -> Smoothed:
    tracks = len(seen.first)
    stands = np.array(stood or [False] * tracks)
    return smooth(seen, agility(np.full(tracks, 10.0), np.full(tracks, 2.5), stands))
