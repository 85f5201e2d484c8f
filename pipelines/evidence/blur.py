"""Makes regions of a picture unreadable, for good, before anything is written."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = 3  # across a region's longer side: fewer than the strokes of one character of a plate, or than a face's parts
HEAD_SHARE = 1 / 3
SMALL_PERSON_PX = 60.0  # below this height of a person's box the box's top is uncertain by a good part of a head
SIDE_MARGIN = 0.08
TOP_MARGIN = 0.12
FEATHER_PX = 2

Boxes = NDArray[np.float32]


def heads(persons: Boxes) -> Boxes:
    """A generous upper part of persons' boxes, (N, 4) x1 y1 x2 y2: a third, of small ones half."""
    width = persons[:, 2] - persons[:, 0]
    height = persons[:, 3] - persons[:, 1]
    share = np.where(height < SMALL_PERSON_PX, 0.5, HEAD_SHARE)
    found = persons.copy()
    found[:, 0] -= SIDE_MARGIN * width
    found[:, 2] += SIDE_MARGIN * width
    found[:, 1] -= TOP_MARGIN * height
    found[:, 3] = persons[:, 1] + share * height
    return found


def grown(boxes: Boxes, share: float | NDArray[np.float32], pixels: float = 0.0) -> Boxes:
    """Boxes with a margin on each side of `share` of their longer side plus `pixels`."""
    longer = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    margin = (longer * share + pixels)[:, None].astype(np.float32)
    return np.asarray(boxes + margin * np.array([-1, -1, 1, 1], np.float32), np.float32)


def blur(picture: NDArray[np.uint8], boxes: Boxes, keep: Boxes | None = None) -> None:
    """Blurs regions of an RGB picture in place; boxes in its pixels. `keep`: what must stay, the governing lamp.

    Averaging over a few cells destroys the detail, where a blur by convolution could be undone; the cells are joined
    smoothly only to please the eye.
    """
    kept = [(part, picture[part].copy()) for part in _parts(picture, keep)] if keep is not None else []
    for part in _parts(picture, grown(boxes, 0.0, FEATHER_PX)):
        picture[part] = _unreadable(picture[part])
    for part, pixels in kept:
        picture[part] = pixels


def _parts(picture: NDArray[np.uint8], boxes: Boxes) -> list[tuple[slice, slice]]:
    """Boxes as slices inside the picture, whole pixels, empty ones left out."""
    height, width = picture.shape[:2]
    corners = np.concatenate([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1)
    corners = np.clip(corners, 0, [width, height, width, height]).astype(int)
    return [(slice(y1, y2), slice(x1, x2)) for x1, y1, x2, y2 in corners.tolist() if x2 > x1 and y2 > y1]


def _unreadable(region: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = region.shape[:2]
    cell = max(height, width) / CELLS
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    coarse = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
