"""The pinhole over a flat road: where its numbers come from when nobody measured them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from vision.log import Floats, GroundCamera, Mounting
from vision.overlap import Boxes

# Dashcams are sold as 120-170 degrees measured along the diagonal of the sensor; their pictures, cut to 16:9 and
# straightened, show about 100 degrees across. Fixed street cameras have lenses of about 65.
MOVING_HFOV_DEG: Final = 100.0
FIXED_HFOV_DEG: Final = 65.0
DASHCAM_HEIGHT_M: Final = 1.3
POLE_HEIGHT_M: Final = 5.0

# Mean heights of what stands upright on the road, in metres (cars: EU registrations about 1.5; adults about 1.68).
HEIGHT_M: Final = {CLASS_ID["car"]: 1.52, CLASS_ID["person"]: 1.68}
WIDEST_DEG, NARROWEST_DEG = 140.0, 40.0
FEWEST_BOXES: Final = 80
LEAST_SPREAD: Final = 0.12  # of the picture's height, between the far and the near ones
FLOW_ROW: Final = 0.035
LOWEST_M, HIGHEST_M = 1.1, 2.8  # windscreens of cars to those of lorries
EDGE_PX: Final = 4.0


def default_camera(width: int, height: int, mounting: Mounting) -> GroundCamera:
    """What is likely before anything was measured; upright pictures have their field of view along the long side."""
    degrees = MOVING_HFOV_DEG if mounting == "moving" else FIXED_HFOV_DEG
    focal = max(width, height) / 2 / np.tan(np.radians(degrees / 2))
    if mounting == "moving":
        return GroundCamera(float(focal), width / 2, height / 2, DASHCAM_HEIGHT_M, "default")
    return GroundCamera(float(focal), width / 2, height * 0.25, POLE_HEIGHT_M, "default")


def fit_camera(
    boxes: Boxes, class_id: NDArray[np.int16], size: tuple[int, int], mounting: Mounting, horizon_y: float | None = None
) -> GroundCamera:
    """Horizon and height from how large cars and people appear at each row, as far as there are enough of them.

    Over a flat road the scale in pixels per metre grows linearly with the row of the foot point:
    `pixels_per_metre(y) = (y - horizon_y) / height_m`, whatever the focal length.

    Args:
        size: width, height of the picture.
        horizon_y: row known from the flow of a drive, to about `FLOW_ROW` of the width.
    """
    rows, scale = _scales(boxes, class_id, size)
    start = default_camera(*size, mounting)
    fitted = _fitted_line(rows, scale, size)
    if mounting == "moving":
        if horizon_y is None and fitted is not None and LOWEST_M <= fitted[1] <= HIGHEST_M:
            return replace(start, horizon_y=fitted[0], height_m=fitted[1], source="traffic")
        if horizon_y is None:
            return _at_height(rows, scale, start, size[1])
        start = replace(start, horizon_y=horizon_y, source="flow")
        return _of_drive(rows, scale, start, FLOW_ROW * size[0]) if len(rows) >= FEWEST_BOXES else start
    if fitted is not None:
        return replace(start, horizon_y=fitted[0], height_m=fitted[1], source="traffic")
    # A dashcam that stands all the time looks fixed; how the sizes of the cars go with their rows tells.
    dashcam = _at_height(rows, scale, default_camera(*size, "moving"), size[1])
    return min((_at_height(rows, scale, start, size[1]), dashcam), key=lambda camera: _misfit(camera, rows, scale))


def _at_height(rows: Floats, scale: Floats, start: GroundCamera, picture_height: int) -> GroundCamera:
    """The horizon by the traffic, the height taken as it is likely."""
    if len(rows) < FEWEST_BOXES / 4:
        return start
    horizon = float(np.median(rows - start.height_m * scale))
    if not 0.0 < horizon < 0.75 * picture_height:
        return start
    return replace(start, horizon_y=horizon, source="traffic, default height")


def _fitted_line(rows: Floats, scale: Floats, size: tuple[int, int]) -> tuple[float, float] | None:
    """Horizon row and camera height by the traffic alone, where it is near and far enough."""
    if len(rows) < FEWEST_BOXES or np.ptp(np.percentile(rows, [5, 95])) < LEAST_SPREAD * size[1]:
        return None
    fitted = _robust_line(rows, scale)
    if fitted is None or not -size[1] < fitted[1] < 0.8 * size[1] or not 0.7 < 1 / fitted[0] < 30.0:
        return None
    return fitted[1], 1 / fitted[0]


def scaled(camera: GroundCamera, factor: float) -> GroundCamera:
    """The camera that sees all ways `factor` times as long, as GPS says they are.

    Ways on the road go with focal length times height; a height known from the traffic is kept.
    """
    measured = "traffic" in camera.source and "default" not in camera.source
    for_focal = factor if measured else float(np.sqrt(factor))
    widest, narrowest = (camera.centre_x / np.tan(np.radians(degrees / 2)) for degrees in (WIDEST_DEG, NARROWEST_DEG))
    focal = float(np.clip(camera.focal_px * for_focal, widest, narrowest))
    height = camera.height_m * factor * camera.focal_px / focal
    return replace(camera, focal_px=focal, height_m=height, source=f"{camera.source}, GPS")


def _of_drive(rows: Floats, scale: Floats, start: GroundCamera, slack: float) -> GroundCamera:
    """Height by the cars' sizes; the horizon gives way where the height would be that of no vehicle."""
    for horizon in sorted(start.horizon_y + np.linspace(-slack, slack, 41), key=lambda row: abs(row - start.horizon_y)):
        below = rows > horizon + 0.02 * slack / FLOW_ROW
        if below.sum() < FEWEST_BOXES / 2:
            continue
        height = float(np.median((rows[below] - horizon) / scale[below]))
        if LOWEST_M <= height <= HIGHEST_M:
            return replace(start, horizon_y=float(horizon), height_m=height, source="flow, traffic")
    return start


def _misfit(camera: GroundCamera, rows: Floats, scale: Floats) -> float:
    """Median factor, as a logarithm, between the sizes expected and seen."""
    if not len(rows):
        return 0.0
    expected = np.maximum((rows - camera.horizon_y) / camera.height_m, 0.1)
    return float(np.median(np.abs(np.log(expected / scale))))


def _scales(boxes: Boxes, class_id: NDArray[np.int16], size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Foot rows and pixels per metre of boxes that lie whole in the picture."""
    width, height = size
    whole = (
        (boxes[:, 0] > EDGE_PX)
        & (boxes[:, 1] > EDGE_PX)
        & (boxes[:, 2] < width - EDGE_PX)
        & (boxes[:, 3] < height - EDGE_PX)
    )
    metres = np.full(len(boxes), np.nan)
    for known, value in HEIGHT_M.items():
        metres[class_id == known] = value
    use = whole & ~np.isnan(metres)
    return boxes[use, 3].astype(float), (boxes[use, 3] - boxes[use, 1]).astype(float) / metres[use]


def _robust_line(rows: Floats, scale: Floats) -> tuple[float, float] | None:
    """Slope and zero of scale = slope * (row - zero), by least squares reweighted with Tukey's biweight."""
    weight = np.ones(len(rows))
    slope, zero = 0.0, 0.0
    for _ in range(15):
        mean_row, mean_scale = np.average(rows, weights=weight), np.average(scale, weights=weight)
        spread = np.average((rows - mean_row) ** 2, weights=weight)
        slope = float(np.average((rows - mean_row) * (scale - mean_scale), weights=weight) / max(spread, 1e-9))
        if slope <= 0:
            return None
        zero = float(mean_row - mean_scale / slope)
        # Heights of cars and people scatter by a share of themselves, so the residual is relative to the size.
        residual = (scale - slope * (rows - zero)) / np.maximum(scale, 1e-6)
        spread_now = 1.4826 * float(np.median(np.abs(residual))) + 1e-6
        weight = (1 - (residual / (4.0 * spread_now)).clip(-1, 1) ** 2) ** 2 / np.maximum(scale, 1e-6) ** 2
        if not weight.any():
            return None
    return (slope, zero) if spread_now < 0.3 else None
