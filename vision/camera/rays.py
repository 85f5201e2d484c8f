"""Rays through lenses of one family: at angle a from the axis at focal length * tan(k a) / k pixels, k^2 = `bend`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.lens import Floats

TINY: Final = 1e-4
WIDEST_RAD: Final = 1.5  # from the axis


@dataclass(frozen=True, slots=True)
class Rays:
    """Where points are seen.

    Attributes:
        unit: (..., 3) right, down, ahead.
        around_px, outward_px: (...) pixels per radian across the direction from the axis, and along it.
    """

    unit: Floats
    around_px: Floats
    outward_px: Floats


def rays(points: Floats, focal_px: float, bend: float) -> Rays:
    """`points`: (..., 2) pixels from the optical axis. `bend`: 1 for a pinhole, 0 for an equidistant lens."""
    pixels = np.hypot(points[..., 0], points[..., 1])
    k = np.sqrt(abs(bend))
    radius = pixels / focal_px
    if k < TINY:
        angle = radius
    elif bend > 0:
        angle = np.arctan(k * radius) / k
    else:
        angle = np.arctanh(np.minimum(k * radius, 0.999)) / k
    angle = np.clip(angle, 1e-9, WIDEST_RAD)
    per_pixel = np.sin(angle) / np.maximum(pixels, 1e-9)
    unit = np.concatenate([points * per_pixel[..., None], np.cos(angle)[..., None]], axis=-1)
    return Rays(unit, 1.0 / per_pixel, focal_px * (1.0 + bend * radius**2))
