"""The velocity along the way of a thing that a driving camera sees only beyond the side of its picture.

What stands close to the way is often seen late, when its near end has left the picture already. The lower edge of such
a box then lies where the picture's border meets its side, wherever it goes, and says how far beside the way that is.
The edge towards the middle of the picture is a part of the thing itself, its far corner: the direction to it and the
distance beside the way say where along the way it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats
from vision.places.rest_passing import SCALE
from vision.places.slope import slope

EDGE_PX: Final = 2.0  # a detector's error, of a picture 640 wide
BESIDE_M: Final = 0.5  # where along a thing's side, between its wheels, the lower edge is; tells best of 0.3 to 1.0
EVEN_MPS: Final = 0.2  # the camera's way itself
AHEAD_RAD: Final = 0.05  # directions nearer to the way than this say nothing of where along it
NEAREST_M: Final = 0.5
FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Leaving:
    """(N,) sightings of one thing at the same side of the picture; "outward" is to that side.

    Attributes:
        way, outward: metres of the camera itself along its way, and outward of it, from anywhere.
        edge_rad: direction of the edge towards the middle of the picture, outward of the way.
        beside_m: metres outward from the camera to the road seen at the picture's border; where the border does not cut
            the thing, NaN.
    """

    time_s: Floats
    way: Floats
    outward: Floats
    edge_rad: Floats
    beside_m: Floats


def velocity_along(seen: Leaving, focal_px: float, width: int) -> tuple[float, float] | None:
    """Metres per second along the way and their standard uncertainty; None where directions do not tell.

    Args:
        width: of the picture, pixels, as `focal_px` is.
    """
    told = seen.edge_rad > AHEAD_RAD
    if told.sum() < FEWEST or np.isnan(seen.beside_m).all():
        return None
    outward = seen.outward - seen.outward.mean()
    # Of a thing whose near end is still in the picture the border's road lies beyond it: the least is the nearest.
    beside = max(float(np.nanmin(seen.beside_m + outward)), NEAREST_M)
    away = np.maximum(beside - outward, NEAREST_M)[told]
    ahead = 1.0 / np.tan(seen.edge_rad[told])
    deviation = away * (1.0 + ahead**2) * EDGE_PX * width / 640 / focal_px
    moved, noise = slope(seen.time_s[told], seen.way[told] + away * ahead, deviation)
    per_metre, _ = slope(seen.time_s[told], ahead, deviation)  # beside the way that the thing is taken to be
    beside_std = np.hypot(BESIDE_M, SCALE * beside)
    return moved, float(np.sqrt(noise**2 + (per_metre * beside_std) ** 2 + EVEN_MPS**2))
