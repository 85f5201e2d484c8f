"""How fast cars come nearer, which tells whether a speed that the road no longer shows goes on.

Smooth tarmac between parked cars has no corners to follow, for seconds. How far away a car is follows from how tall it
appears, so how fast it comes nearer is the camera's own speed if it stands. That alone would take a lorry that is
overtaken for the street; that two cars come nearer as fast as the camera was last seen to drive, hardly ever happens
unless it still does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.camera.known_heights import CAR, HEIGHT_M, Sights, whole_cars
from vision.log import Floats, GroundCamera
from vision.motion.egomotion import EgoMotion, nearest_s

SPAN_S: Final = 1.5  # over which a speed is read
FEWEST_LOOKS: Final = 4
SIZE_ERROR: Final = 0.03  # of a box's height, from look to look
WORST_MPS: Final = 1.0  # standard uncertainty
LONGEST_S: Final = 4.0  # to the time at which the road showed the speed
FEWEST_CARS: Final = 2
SAME: Final = 0.35  # as a logarithm: heights of single cars, and those of the camera, are off by a tenth each


@dataclass(frozen=True, slots=True)
class Approaches:
    """(M,) speeds at which single cars come nearer, metres per second, and the time span in which each was read."""

    first_s: Floats
    last_s: Floats
    mps: Floats


def bridged(
    ego: EgoMotion, frame_s: Floats, sights: Sights, look_s: Floats, camera: GroundCamera, size: tuple[int, int]
) -> EgoMotion:
    """With the speed held where the road does not show it, but cars come nearer as fast as it last did, or soon will.

    Args:
        sights, look_s: boxes of looks at whole pictures, and the time of each look. size: of the picture.
    """
    known = np.isfinite(ego.speed_mps)
    if known.all() or not known.any():
        return ego
    held = np.interp(frame_s, frame_s[known], ego.speed_mps[known])
    near = np.flatnonzero(~known & (nearest_s(frame_s, frame_s[known]) <= LONGEST_S))
    seen = approaches(sights, look_s, camera, size)
    goes_on = near[_agreeing(seen, frame_s[near], held[near]) >= FEWEST_CARS]
    speed = ego.speed_mps.copy()
    speed[goes_on] = held[goes_on]
    return replace(ego, speed_mps=speed)


def _agreeing(seen: Approaches, time_s: Floats, mps: Floats) -> NDArray[np.intp]:
    """(N,) how many cars come nearer as fast as the camera would drive at N sorted times."""
    count = np.zeros(len(time_s), np.intp)
    logs = np.log(np.maximum(mps, 1e-3))
    first, last = np.searchsorted(time_s, seen.first_s), np.searchsorted(time_s, seen.last_s, side="right")
    for low, high, each in zip(first.tolist(), last.tolist(), np.log(seen.mps).tolist(), strict=True):
        count[low:high] += np.abs(logs[low:high] - each) < SAME
    return count


def approaches(sights: Sights, look_s: Floats, camera: GroundCamera, size: tuple[int, int]) -> Approaches:
    """Of all cars that come nearer, read anew each `SPAN_S`."""
    use = whole_cars(sights, size)
    thing, time_s = sights.thing[use], look_s[sights.look[use]]
    high = (sights.boxes[use, 3] - sights.boxes[use, 1]).astype(float)
    away = camera.focal_px * HEIGHT_M[CAR] / high
    span = np.floor(time_s / SPAN_S).astype(int)
    order = np.lexsort([span, thing])  # stable: looks stay in the order of time
    begins = np.flatnonzero(np.diff(thing[order]) | np.diff(span[order])) + 1
    found = []
    for rows in np.split(order, begins):
        mps = _approach(time_s[rows], away[rows])
        if mps is not None:
            found.append((time_s[rows[0]], time_s[rows[-1]], mps))
    return Approaches(*np.array(found, np.float64).reshape(-1, 3).T)


def _approach(time_s: Floats, away: Floats) -> float | None:
    """Least squares; None where it is not read well enough, or nothing comes nearer."""
    if len(time_s) < FEWEST_LOOKS:
        return None
    weight = (SIZE_ERROR * away) ** -2.0
    since = time_s - np.average(time_s, weights=weight)
    power = max(float((weight * since**2).sum()), 1e-9)  # 0 where all are of one look
    mps = -float((weight * since * away).sum()) / power
    return mps if power**-0.5 < WORST_MPS and mps > 0 else None
