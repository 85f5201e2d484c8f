"""Makes regions of a picture unreadable, for good, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = 3  # along a plate, across a head's region: fewer than the strokes of one character, or than a face's parts
# Of a standing person the head is an eighth; a fifth leaves room for hair, a helmet, and a bent neck.
STANDING_SHARE = 1 / 5
# Shoulders are two heads wide: where legs are hidden, a box's width still tells how large its head is.
WIDTH_SHARE = 1 / 2
LARGEST_SHARE = 1 / 2
SMALL_PERSON_PX = 28.0  # below this height of a person's box a head is no larger than the box's error
LYING = 1.25  # width by height of a box from which on it is not known where the head is
FEATHER = 0.12  # of a region's shorter side: how softly it ends, outside of what must be hidden
LEAST_FEATHER_PX = 2

Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Regions:
    """What must not be readable: (N, 4) boxes where heads, and where plates are."""

    heads: Boxes
    plates: Boxes

    def scaled(self, scale: NDArray[np.float32] | float) -> Regions:
        """In a picture of another size; `scale`: its pixels per pixel, one number or (4,) for x, y, x, y."""
        factor = np.asarray(scale, np.float32)
        return Regions(self.heads * factor, self.plates * factor)


def heads(persons: Boxes) -> Boxes:
    """Where the heads of persons' boxes may be, (N, 4) x1 y1 x2 y2: a part at the top, without a margin.

    All of the box where it is small, or much wider than tall: of somebody who lies or bends.
    """
    width = persons[:, 2] - persons[:, 0]
    height = persons[:, 3] - persons[:, 1]
    part = np.clip(WIDTH_SHARE * width, STANDING_SHARE * height, LARGEST_SHARE * height)
    hides_all = (height < SMALL_PERSON_PX) | (width > LYING * height)
    found = persons.copy()
    found[:, 3] = persons[:, 1] + np.where(hides_all, height, part)
    return found


def grown(boxes: Boxes, share: float | NDArray[np.float32], pixels: float = 0.0) -> Boxes:
    """Boxes with a margin on each side of `share` of their longer side plus `pixels`."""
    longer = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    margin = (longer * share + pixels)[:, None].astype(np.float32)
    return np.asarray(boxes + margin * np.array([-1, -1, 1, 1], np.float32), np.float32)


def blur(picture: NDArray[np.uint8], regions: Regions, keep: Boxes | None = None) -> None:
    """Blurs regions of an RGB picture in place; boxes in its pixels. `keep`: what must stay, the governing lamp.

    Averaging over a few cells destroys the detail, where a blur by convolution could be undone; the cells are joined
    smoothly, and their edges softened outside the boxes, only to please the eye.
    """
    kept = [(part, picture[part].copy()) for box in _rows(keep) if (part := _part(picture, box))]
    for box in regions.plates:
        _hide(picture, box, max(box[2] - box[0], box[3] - box[1]) / CELLS)
    for box in regions.heads:
        _hide(picture, box, min(box[2] - box[0], box[3] - box[1]) / CELLS)
    for part, pixels in kept:
        picture[part] = pixels


def _hide(picture: NDArray[np.uint8], box: NDArray[np.float32], cell_px: float) -> None:
    feather = max(LEAST_FEATHER_PX, FEATHER * float(min(box[2] - box[0], box[3] - box[1])))
    part = _part(picture, box + np.array([-feather, -feather, feather, feather]))
    if part:
        picture[part] = _blended(picture[part], _cover(part, box, feather), cell_px)


def _rows(boxes: Boxes | None) -> Boxes:
    return np.zeros((0, 4), np.float32) if boxes is None else boxes


def _part(picture: NDArray[np.uint8], box: NDArray[np.floating]) -> tuple[slice, slice] | None:
    """A box as slices inside the picture, whole pixels; None if it lies outside."""
    height, width = picture.shape[:2]
    corners = np.concatenate([np.floor(box[:2]), np.ceil(box[2:])])
    x1, y1, x2, y2 = np.clip(corners, 0, [width, height, width, height]).astype(int).tolist()
    return (slice(y1, y2), slice(x1, x2)) if x2 > x1 and y2 > y1 else None


def _cover(part: tuple[slice, slice], box: NDArray[np.floating], feather: float) -> NDArray[np.float32]:
    """(H, W) how much of a part's pixels is covered: 1 in the box, 0 at `feather` from it, round at its corners."""
    rows, columns = (np.arange(along.start, along.stop) for along in part)
    x = np.maximum(np.maximum(np.floor(box[0]) - columns, columns + 1 - np.ceil(box[2])), 0)
    y = np.maximum(np.maximum(np.floor(box[1]) - rows, rows + 1 - np.ceil(box[3])), 0)
    return np.asarray(np.clip(1 - np.hypot(x[None], y[:, None]) / feather, 0, 1), np.float32)


def _blended(region: NDArray[np.uint8], cover: NDArray[np.float32], cell_px: float) -> NDArray[np.uint8]:
    mixed = region + (_unreadable(region, cell_px).astype(np.float32) - region) * cover[:, :, None]
    return np.round(mixed).astype(np.uint8)


def _unreadable(region: NDArray[np.uint8], cell_px: float) -> NDArray[np.uint8]:
    height, width = region.shape[:2]
    cells = (max(1, int(width / cell_px)), max(1, int(height / cell_px)))
    coarse = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
