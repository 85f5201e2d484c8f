"""Painted bars as rectangles on the ground. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.markings.paint import PICTURE_WIDTH, Quads

BLURRED_PX: Final = 2.0  # rows of the picture as looked at, over which an edge is spread


@dataclass(frozen=True, slots=True)
class Bars:
    """N bars in the ground frame of one picture.

    Attributes:
        centre: (N, 2) forward, left in metres. axis: (N, 2) unit vectors along them, forward >= 0.
        length_m, width_m: (N,) along the axis and across it. blur_m: by how much rows may lengthen it along the view.
    """

    centre: Floats
    axis: Floats
    length_m: Floats
    width_m: Floats
    blur_m: Floats

    def __len__(self) -> int:
        return len(self.centre)

    def __getitem__(self, rows: NDArray[Any]) -> Bars:
        return Bars(*(getattr(self, spec.name)[rows] for spec in fields(self)))

    @property
    def normal(self) -> Floats:
        """(N, 2) unit vectors across the bars, a quarter turn left of the axis."""
        return np.stack([-self.axis[:, 1], self.axis[:, 0]], axis=1)

    @property
    def ends(self) -> Floats:
        """(N, 2, 2) the middles of the short sides."""
        half = 0.5 * self.length_m[:, None] * self.axis
        return np.stack([self.centre - half, self.centre + half], axis=1)


def bars_on_ground(quads: Quads, camera: GroundCamera) -> Bars:
    """The bars that lie on the road of this camera; those that reach its horizon are left out.

    Args:
        quads: (N, 4, 2) corners in order round each bar, native pixels.
    """
    forward, left = camera.to_ground(quads[..., 0].astype(float), quads[..., 1].astype(float))
    corners = np.stack([forward, left], axis=2)
    corners = corners[np.isfinite(corners).all(axis=(1, 2))]
    # Vectors between the middles of opposite sides.
    middles = (corners + np.roll(corners, -1, axis=1)) / 2
    spans = np.stack([middles[:, 2] - middles[:, 0], middles[:, 3] - middles[:, 1]], axis=1)
    sizes = np.hypot(spans[..., 0], spans[..., 1])
    rows, longer = np.arange(len(corners)), np.argmax(sizes, axis=1) if len(corners) else np.zeros(0, int)
    length = np.maximum(sizes[rows, longer], 1e-6)
    axis = spans[rows, longer] / length[:, None]
    axis *= np.where(axis[:, :1] < 0, -1.0, 1.0)
    area = 0.5 * np.abs(_cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]))
    centre = corners.mean(axis=1)
    rows_px = BLURRED_PX * max(1.0, 2.0 * camera.centre_x / PICTURE_WIDTH)
    return Bars(centre, axis, length, area / length, rows_px * centre[:, 0] ** 2 / (camera.focal_px * camera.height_m))


def _cross(first: Floats, second: Floats) -> Floats:
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
