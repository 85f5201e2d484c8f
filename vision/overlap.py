"""How much boxes in a picture overlap: (N, 4) float32 x1 y1 x2 y2 in pixels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
# Shares of a box's sides. Detectors are off by 0.02 to 0.05 of them; half and double of these change nothing measured.
NEARER: Final = 0.05  # by which the lower edge of what stands nearer is lower
TOUCHES: Final = 0.08  # within which edges of two boxes are one


def area(boxes: Boxes) -> NDArray[np.float32]:
    """(N,) square pixels; 0 for boxes that are inside out."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]).clip(0) * (boxes[:, 3] - boxes[:, 1]).clip(0), np.float32)


def free_edges(boxes: Boxes, picture: tuple[int, int], margin_px: float) -> NDArray[np.bool_]:
    """(N, 4) which edges of boxes are a thing's own and not those of the picture (width, height)."""
    low, high = boxes[:, :2] > margin_px, boxes[:, 2:] < np.array(picture) - margin_px
    return np.concatenate([low, high], axis=1)


def hidden_edges(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """(N, 4) which edges of boxes are those of `others` (M, 4) that hide the rest: these stand nearer (their feet are
    lower), reach beyond the edge, and along half of it at least.
    """
    box, other = boxes[:, None], others[None]
    side = np.maximum(box[..., 2:] - box[..., :2], 1.0)
    nearer = other[..., 3] > box[..., 3] + NEARER * side[..., 1]
    shared = np.minimum(box[..., 2:], other[..., 2:]) - np.maximum(box[..., :2], other[..., :2])
    along = (shared / side)[..., ::-1] > 0.5  # an edge across x extends along y
    reach = TOUCHES * side
    low = (other[..., :2] < box[..., :2]) & along
    low &= (other[..., 2:] > box[..., :2] - reach) & (other[..., 2:] < box[..., 2:] + reach)
    high = (other[..., 2:] > box[..., 2:]) & along
    high &= (other[..., :2] < box[..., 2:] + reach) & (other[..., :2] > box[..., :2] - reach)
    return np.asarray((np.concatenate([low, high], axis=-1) & nearer[..., None]).any(axis=1))


def whole(boxes: Boxes, picture: tuple[int, int], margin_px: float) -> NDArray[np.bool_]:
    """(N,) which boxes lie inside the picture (width, height) with all their edges."""
    return np.asarray(free_edges(boxes, picture, margin_px).all(axis=1))


def intersection(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """(N, M) common area of each pair."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = (high - low).clip(0)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float32)


def iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """(N, M) intersection over union; 0 where both are empty."""
    common = intersection(first, second)
    union = area(first)[:, None] + area(second)[None, :] - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0), np.float32)


def cover(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """(N, M) share of the smaller box that lies in the other one."""
    common = intersection(first, second)
    smaller = np.minimum(area(first)[:, None], area(second)[None, :])
    return np.asarray(np.divide(common, smaller, out=np.zeros_like(common), where=smaller > 0), np.float32)


def paired_iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """(N,) intersection over union of each row with the row beside it."""
    sides = (np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2])).clip(0)
    common = np.asarray(sides[:, 0] * sides[:, 1], np.float32)
    union = area(first) + area(second) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0), np.float32)
