"""Where the middle of a vehicle is of which only one side is seen.

What goes behind another, or out of the picture, shows less and less of itself: the middle of what is seen stays behind,
and seems to slow down. Its free side does not. A vehicle is as wide against its height as it was shortly before or
after, when both of its sides were seen; so far from the free side is its other one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.overlap import Boxes
from vision.tracking.sightings import Sightings

SIGHTINGS: Final = 3  # of the whole vehicle, nearest in time
# For which what is seen of a vehicle stays as wide against its height; one that turns at a junction takes 3 to 5 s.
LASTS_S: Final = 2.0


def middles_aside(vehicle: Sightings, time_s: Floats, free: NDArray[np.bool_]) -> Floats:
    """(N,) pixels by which a vehicle's middle is to the right of the middle of what is seen of it; 0 where both of its
    sides are seen, or neither, or not how wide it is.

    Args:
        time_s: (N,) of its sightings. free: (N, 4) which edges of its boxes the picture does not cut.
    """
    own = free & ~vehicle.hidden
    wide, high = _sides(vehicle.boxes)
    whole, part = np.flatnonzero(own.all(axis=1)), np.flatnonzero(own[:, 0] ^ own[:, 2])
    aside = np.zeros(len(wide))
    if not len(whole) or not len(part):
        return aside
    apart = np.abs(time_s[whole] - time_s[part, None])
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :SIGHTINGS]
    near = np.take_along_axis(apart, nearest, axis=1) <= LASTS_S
    slender = np.where(near, (wide / high)[whole][nearest], np.nan)
    known = near.any(axis=1)
    part = part[known]
    missing = np.nanmedian(slender[known], axis=1) * high[part] - wide[part]
    aside[part] = np.maximum(missing, 0.0) / 2.0 * np.where(own[part, 0], 1.0, -1.0)
    return aside


def _sides(boxes: Boxes) -> tuple[Floats, Floats]:
    x1, y1, x2, y2 = boxes.astype(float).T
    return x2 - x1, np.maximum(y2 - y1, 1.0)
