"""The second look at a signal head: an enlarged window around its box, from which a small network reads its state."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID

SIDE: Final = 40  # pixels of the network's input: a head of 25 px is seen at its own size
MARGIN: Final = 1.6  # window per longer side of the box, so that a badly placed head still lies inside
SMALLEST: Final = 8  # pixels of a window at least
STATES: Final = ("red", "yellow", "green", "off", "none")
NONE: Final = STATES.index("none")  # not a head that faces the camera
STATE_CLASS: Final[NDArray[np.int16]] = np.array([CLASS_ID[f"light_{name}"] for name in STATES[:NONE]], np.int16)


def windows_of(boxes: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N, 3) left, top and side in whole pixels of the square windows around boxes; they may leave the picture."""
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    side = np.maximum(np.round(size.max(axis=1, initial=0.0) * MARGIN), SMALLEST)
    return np.column_stack([np.round(centre - side[:, None] / 2), side]).astype(np.int64)


def cut_windows(picture: NDArray[np.uint8], windows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(N, SIDE, SIDE, 3) the windows at the network's size; the picture's border is continued outwards."""
    if not len(windows):
        return np.zeros((0, SIDE, SIDE, 3), np.uint8)
    return np.stack([_cut(picture, int(left), int(top), int(side)) for left, top, side in windows])


def _cut(picture: NDArray[np.uint8], left: int, top: int, side: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    inner = picture[max(top, 0) : max(top + side, 1), max(left, 0) : max(left + side, 1)]
    before, above = max(-left, 0), max(-top, 0)
    after, below = side - before - inner.shape[1], side - above - inner.shape[0]
    if inner.size == 0 or min(before, above, after, below) < 0:
        inner = picture[: min(side, height), : min(side, width)]
        before, above, after, below = 0, 0, side - inner.shape[1], side - inner.shape[0]
    if before or above or after or below:
        inner = np.asarray(cv2.copyMakeBorder(inner, above, below, before, after, cv2.BORDER_REPLICATE), np.uint8)
    how = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(inner, (SIDE, SIDE), interpolation=how), np.uint8)
