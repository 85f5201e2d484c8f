"""Where a track was seen, look by look, from a camera whose motion is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.egomotion import to_local_frame
from vision.log import Floats, GroundCamera
from vision.overlap import Boxes


@dataclass(frozen=True, slots=True)
class TrackPath:
    """(N,) what is known of a track at each sighting.

    Attributes:
        boxes: (N, 4) native pixels.
        forward: metres ahead at which the box's lower edge meets the road, NaN where that is not seen.
        x, y: the same point in the local frame, metres. heading, ego_mps: the camera's.
    """

    time_s: Floats
    boxes: Boxes
    forward: Floats
    x: Floats
    y: Floats
    heading: Floats
    ego_mps: Floats

    def left(self, camera: GroundCamera) -> Floats:
        """(N,) metres to the left of the camera at which the boxes stand."""
        boxes = self.boxes.astype(float)
        return camera.to_ground((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3])[1]


def camera_way(path: TrackPath, rows: NDArray[np.intp], camera: GroundCamera) -> tuple[Floats, Floats, Floats]:
    """Where the camera is at some sightings: metres from anywhere along the direction in which it looks halfway, and to
    the left of it; and the radians that it looks to the left of that direction.
    """
    heading = path.heading[rows]
    turn = float(np.median(heading))
    x, y = to_local_frame(path.x[rows], path.y[rows], heading, -path.forward[rows], -path.left(camera)[rows])
    return x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn), heading - turn
