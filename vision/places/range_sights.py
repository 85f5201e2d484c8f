"""What sightings of a track tell of how far away it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from vision.log import Floats, GroundCamera
from vision.overlap import whole
from vision.places.rest import BORDER_PX
from vision.places.rest_passing import NOD_RAD, edge_error
from vision.places.track_path import TrackPath
from vision.sizes import TYPICAL

# Two-wheelers are boxed with their riders or without; waste is as tall as it is.
SIZED: Final = {CLASS_ID[name]: TYPICAL[name].mean[2] for name in ("person", "car", "bus", "truck")}
MOST: Final = 16  # sightings, spread over all; more tell little more, as their errors are alike


@dataclass(frozen=True, slots=True)
class RangeSights:
    """(M,) sightings that tell: of things that are whole in the picture.

    Attributes:
        rows: of the track. time_s: of them.
        by_foot, by_size: logarithms of distances in metres.
        reach: distance over the camera's height: how much a slope matters.
        foot_error, size_error: of these logarithms by errors of edges. nod_error: of `by_foot` by the camera's nods.
        side_error: radians, of the direction by errors of both sides.
    """

    rows: NDArray[np.intp]
    time_s: Floats
    by_foot: Floats
    by_size: Floats
    reach: Floats
    foot_error: Floats
    size_error: Floats
    nod_error: Floats
    side_error: Floats


def range_sights(path: TrackPath, class_id: int, camera: GroundCamera, size: tuple[int, int]) -> RangeSights:
    """`by_size` of what is not in `SIZED` is that of a thing one metre tall.

    Args:
        size: width and height of the picture.
    """
    top, low = camera.level_rows(path.boxes.astype(float)).T
    rows = np.flatnonzero(np.isfinite(path.x) & np.isfinite(low - top) & whole(path.boxes, size, BORDER_PX))
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST, len(rows))).round().astype(np.intp))]
    foot, boxes = path.forward[rows], path.boxes[rows].astype(float)
    high, wide = np.maximum(low - top, 2.0)[rows], boxes[:, 2] - boxes[:, 0]
    below, edge = camera.focal_px * camera.height_m / foot, edge_error(high, size[0])
    return RangeSights(
        rows,
        path.time_s[rows],
        np.log(foot),
        np.log(camera.focal_px * SIZED.get(class_id, 1.0) / high),
        foot / camera.height_m,
        edge / below,
        edge / high,
        NOD_RAD * camera.focal_px / below,
        edge_error(wide, size[0]) / np.sqrt(2.0) / camera.focal_px,
    )
