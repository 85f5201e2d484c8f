"""Where a track was seen, look by look, from a camera whose motion is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.motion.egomotion import to_local_frame
from vision.overlap import Boxes

LEAST_FORTH: Final = 0.2  # what is seen across the way says little of where along it


@dataclass(frozen=True, slots=True)
class TrackPath:
    """(N,) what is known of a track at each sighting.

    Attributes:
        boxes: (N, 4) native pixels. hidden: (N, 4) which of their edges are those of something that stands before it.
        forward, left: metres ahead and to the left of the camera at which the middle of the thing's lower edge meets
            the road, NaN where that is not seen.
        x, y: the same point in the local frame, metres. heading, ego_mps: the camera's.
    """

    time_s: Floats
    boxes: Boxes
    forward: Floats
    left: Floats
    x: Floats
    y: Floats
    heading: Floats
    ego_mps: Floats
    hidden: NDArray[np.bool_]


def camera_way(path: TrackPath, rows: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """Where the camera is at some sightings: metres from anywhere along the direction in which it looks halfway, and to
    the left of it; and the radians that it looks to the left of that direction.
    """
    heading = path.heading[rows]
    turn = float(np.median(heading))
    x, y = to_local_frame(path.x[rows], path.y[rows], heading, -path.forward[rows], -path.left[rows])
    return x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn), heading - turn


def onward(oblique: Floats, turned: Floats) -> tuple[Floats, Floats]:
    """(N,) metres along the camera's way, never less than `LEAST_FORTH`, and to the left of it, per metre ahead of the
    camera.

    Args:
        oblique: metres to the left of the camera per metre ahead. turned: radians that it looks to the left of its way.
    """
    cos, sin = np.cos(turned), np.sin(turned)
    return np.maximum(cos - oblique * sin, LEAST_FORTH), sin + oblique * cos
