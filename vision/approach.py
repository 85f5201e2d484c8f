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

from vision.egomotion import EgoMotion, nearest_s
from vision.known_heights import CAR, HEIGHT_M, Sights, whole_cars
from vision.log import Floats, GroundCamera

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
    near = ~known & (nearest_s(frame_s, frame_s[known]) <= LONGEST_S)
    seen = approaches(sights, look_s, camera, size)
    meant = (seen.first_s <= frame_s[:, None]) & (frame_s[:, None] <= seen.last_s)
    agree = np.abs(np.log(np.maximum(held, 1e-3)[:, None] / seen.mps)) < SAME
    goes_on = near & ((meant & agree).sum(axis=1) >= FEWEST_CARS)
    return replace(ego, speed_mps=np.where(goes_on, held, ego.speed_mps))


def approaches(sights: Sights, look_s: Floats, camera: GroundCamera, size: tuple[int, int]) -> Approaches:
    """Of all cars that come nearer, read anew each `SPAN_S`."""
    use = whole_cars(sights, size)
    thing, time_s = sights.thing[use], look_s[sights.look[use]]
    high = (sights.boxes[use, 3] - sights.boxes[use, 1]).astype(float)
    away = camera.focal_px * HEIGHT_M[CAR] / high
    span = np.floor(time_s / SPAN_S).astype(int)
    found = []
    for each in np.unique(np.stack([thing, span], axis=1), axis=0).tolist():
        rows = np.flatnonzero((thing == each[0]) & (span == each[1]))
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
    power = float((weight * since**2).sum())
    mps = -float((weight * since * away).sum()) / max(power, 1e-9)
    return mps if power**-0.5 < WORST_MPS and mps > 0 else None
