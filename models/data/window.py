"""Parts of pictures at native resolution, with the boxes that are seen in them."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.data.boxes import Boxes

LEAST_VISIBLE: Final = 0.4  # a box cut by a window's edge counts while this share of it is inside


def cut_window(boxes: Boxes, width: int, height: int, window: tuple[int, int, int, int]) -> Boxes:
    """Boxes of a width x height picture, as fractions of its window x1 y1 x2 y2 (pixels); slivers are dropped."""
    x1, y1, x2, y2 = window
    pixels = boxes.xyxy * [width, height, width, height]
    inside = pixels.clip([x1, y1, x1, y1], [x2, y2, x2, y2])
    area = np.prod(pixels[:, 2:] - pixels[:, :2], axis=1)
    left = np.prod(inside[:, 2:] - inside[:, :2], axis=1)
    seen = left >= LEAST_VISIBLE * np.maximum(area, 1e-9)
    size = [x2 - x1, y2 - y1, x2 - x1, y2 - y1]
    return Boxes(boxes.class_id[seen], ((inside - [x1, y1, x1, y1]) / size)[seen])


def window_around(
    boxes: Boxes, width: int, height: int, size: int, random: np.random.Generator
) -> tuple[int, int, int, int]:
    """x1 y1 x2 y2 of a window near one of the boxes, anywhere if there is none; smaller than `size` at most."""
    centre = random.uniform(size=2)
    if len(boxes):
        box = boxes.xyxy[random.integers(len(boxes))]
        centre = (box[:2] + box[2:]) / 2 + random.uniform(-0.1, 0.1, 2)
    wide, high = min(size, width), min(size, height)
    x1 = int(np.clip(centre[0] * width - wide / 2, 0, width - wide))
    y1 = int(np.clip(centre[1] * height - high / 2, 0, height - high))
    return x1, y1, x1 + wide, y1 + high
