"""In which frames a thing that lies on the ground would have been seen."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import ROAD_USERS, class_ids
from vision.log import GroundCamera, ObservationLog
from vision.motion.egomotion import from_local_frame

_ROAD_USER_IDS: Final = sorted(class_ids(ROAD_USERS))
_MARGIN_PX: Final = 8.0  # by which a thing's foot lies inside the picture that shows it whole


def shown(
    log: ObservationLog, optics: GroundCamera, place: tuple[float, float], width_m: float, least_px: float
) -> NDArray[np.bool_]:
    """(F,) frames of a camera that drives in which something at a place would show at least so large, unhidden.

    Args:
        place: x, y in the local frame. width_m: of the thing; least_px: of its picture, native pixels.
    """
    frames, (x, y) = log.frames, (np.full(len(log.frames.time_s), each) for each in place)
    forward, left = from_local_frame(frames.x_m, frames.y_m, frames.heading_rad, x, y)
    column, row = optics.to_image(forward, left)
    inside = (column >= _MARGIN_PX) & (column <= log.meta.width - _MARGIN_PX) & (row <= log.meta.height - _MARGIN_PX)
    near = forward * least_px <= optics.focal_px * width_m
    found: NDArray[np.bool_] = np.asarray(inside & near)
    for frame in np.flatnonzero(found).tolist():
        found[frame] = not _hidden(log, frame, float(column[frame]), float(row[frame]))
    return found


def _hidden(log: ObservationLog, frame: int, column: float, row: float) -> bool:
    """Whether a road user that stands nearer covers a pixel of the road."""
    seen = log.observations
    rows = slice(*np.searchsorted(seen.frame, [frame, frame + 1]))
    x1, y1, x2, y2 = seen.boxes[rows][np.isin(seen.class_id[rows], _ROAD_USER_IDS)].T
    return bool(((x1 <= column) & (column <= x2) & (y1 <= row) & (row <= y2)).any())
