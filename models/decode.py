"""What every back end does around the network: pad the picture, pick the rows worth returning."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections

STRIDE: Final = 32
FLOOR: Final = 0.05  # lowest confidence returned, so that a tracker may use weak boxes too
MOST: Final = 300  # boxes returned of one picture at most, the strongest ones
GREY: Final = 114  # what the network saw around pictures when it was trained


def padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The (H, W, 3) picture with grey added right and below up to multiples of the network's stride."""
    height, width = picture.shape[:2]
    bottom, right = -height % STRIDE, -width % STRIDE
    if not bottom and not right:
        return np.ascontiguousarray(picture)
    canvas = np.full((height + bottom, width + right, 3), GREY, np.uint8)
    canvas[:height, :width] = picture
    return canvas


def detections_from(rows: NDArray[np.float32], width: int, height: int, floor: float = FLOOR) -> Detections:
    """Detections of the raw (anchors, 4 + classes) output; boxes are clipped to the width x height picture.

    An anchor counts once, for its best class: one thing is not reported as a car and as a truck.
    """
    class_id = rows[:, 4:].argmax(axis=1)
    confidence = np.take_along_axis(rows, class_id[:, None] + 4, axis=1)[:, 0]
    keep = np.flatnonzero(confidence >= floor)
    keep = keep[np.argsort(-confidence[keep], kind="stable")][:MOST]
    boxes = rows[keep, :4].clip(0.0, np.array([width, height, width, height], np.float32))
    seen = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])  # others lie wholly in the padding
    keep = keep[seen]
    return Detections(boxes[seen], confidence[keep], class_id[keep].astype(np.int16))
