"""Pictures of flat roads with painted rectangles, seen by a known camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.log import GroundCamera

Rectangle = tuple[float, float, float, float]  # forward from and to, left from and to, metres


def road_picture(
    camera: GroundCamera,
    size: tuple[int, int],
    painted: list[Rectangle],
    *,
    asphalt: float = 90.0,
    paint: float = 190.0,
    noise: float = 3.0,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """Grey (H, W); bright sky above the horizon. `size`: width, height."""
    width, height = size
    picture = np.full((height, width), asphalt, np.float32)
    picture[: round(camera.horizon_y)] = 200.0
    for near, far, right, left in painted:
        forward = np.array([near, near, far, far])
        x, y = camera.to_image(forward, np.array([right, left, left, right]))
        corners = np.round(np.stack([x, y], axis=1) * 16).astype(np.int32)
        cv2.fillConvexPoly(picture, corners, paint, cv2.LINE_AA, 4)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    picture += np.random.default_rng(seed).normal(0.0, noise, picture.shape).astype(np.float32)
    return picture.clip(0, 255).astype(np.uint8)


def crosswalk(
    near: float, far: float, right: float, bars: int, *, width: float = 0.45, gap: float = 0.6
) -> list[Rectangle]:
    """Bars from `right` on to the left."""
    starts = right + np.arange(bars) * (width + gap)
    return [(near, far, float(start), float(start + width)) for start in starts]
