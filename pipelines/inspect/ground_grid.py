"""The road as a grid in metres, seen by the log's camera. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats, GroundCamera

STEP_M: Final = 10.0
LANE_M: Final = 3.5  # between lines along the road: about a lane
LANES: Final = 4  # on either side
NEAREST_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class GridLine:
    """Start and end in native pixels; `metres`: its distance ahead, NaN for a line along the road."""

    start: tuple[float, float]
    end: tuple[float, float]
    metres: float


def grid_lines(camera: GroundCamera, height: int, reach_m: float) -> list[GridLine]:
    """Lines every 10 m ahead up to `reach_m` and every 3.5 m to the sides, from the picture's lower edge on.

    Ends may lie beside the picture. Empty where the camera sees no road: the horizon is below the picture.
    """
    if camera.horizon_y >= height - 1:
        return []
    near = max(NEAREST_M, camera.focal_px * camera.height_m / (height - camera.horizon_y))
    if near >= reach_m:
        return []
    side = LANES * LANE_M
    across = [
        _line(camera, (metres, side), (metres, -side), metres)
        for metres in np.arange(STEP_M, reach_m + 1e-6, STEP_M).tolist()
        if metres >= near
    ]
    sides = np.arange(-LANES, LANES + 1) * LANE_M
    return across + [_line(camera, (near, left), (reach_m, left), np.nan) for left in sides.tolist()]


def reach_of(forward_m: Floats) -> float:
    """Metres ahead that are worth drawing: nine of ten observations lie within, 20 to 60."""
    known = forward_m[np.isfinite(forward_m)]
    far = float(np.percentile(known, 90)) if len(known) else 0.0
    return float(np.clip(np.ceil(far / STEP_M) * STEP_M, 20.0, 60.0))


def _line(camera: GroundCamera, start: tuple[float, float], end: tuple[float, float], metres: float) -> GridLine:
    x, y = camera.to_image(np.array([start[0], end[0]]), np.array([start[1], end[1]]))
    return GridLine((float(x[0]), float(y[0])), (float(x[1]), float(y[1])), metres)
