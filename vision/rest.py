"""Did a thing stand in the world while it was seen? A probability, from how well its motion can be told from none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from vision.log import Floats, GroundCamera
from vision.overlap import Boxes

# What moves on a street moves at a few metres per second; walking pace is slow already.
MOVING_MPS: Final = 5.0
CREEP_MPS: Final = 0.25  # detectors' boxes wander this much
WINDOW_S: Final = 2.0
TOLD_MPS: Final = 4.0  # an uncertainty from which nothing can be told
EGO_SCALE: Final = 0.12  # relative error of the camera's speed against distances by the foot row
# In passing, a box's foot wanders along the thing: from the rear bumper to the near wheel to the front one.
WANDER_M: Final = (0.8, 0.4)  # along and across the way
EGO_YAW_RPS: Final = 0.01
EDGE_PX: Final = 3.0
# Upright size in metres, which turns pixels of a box into metres at its place.
_HEIGHT: Final = {"person": 1.68, "bicycle": 1.2, "motorcycle": 1.3, "car": 1.5, "bus": 3.0, "truck": 2.8}
HEIGHT_M: Final[NDArray[np.float64]] = np.array([_HEIGHT.get(name, np.nan) for name in CLASS_ID])
OTHER_HEIGHT_M: Final = 0.5


@dataclass(frozen=True, slots=True)
class Path:
    """(N,) what is known of a track at each sighting. `x, y`: local frame, metres; `heading`: the camera's."""

    time_s: Floats
    boxes: Boxes
    forward: Floats
    x: Floats
    y: Floats
    heading: Floats
    ego_mps: Floats


@dataclass(frozen=True, slots=True)
class Motion:
    """`at_rest`: 0..1, NaN where it cannot be told. `speed_mps`: NaN unknown."""

    at_rest: float
    speed_mps: float


def motion_of(path: Path, class_id: int, camera: GroundCamera, size: tuple[int, int]) -> Motion:
    """How a track moved in the world. `size`: width and height of the picture."""
    whole = _whole(path.boxes, size)
    speeds, odds = [], []
    for rows in _windows(path.time_s, whole):
        stood = float(np.nanmax(path.ego_mps[rows], initial=0.0)) < 0.1 and not np.isnan(path.ego_mps[rows]).any()
        velocity, deviation = (
            _seen_from_one_place(path, rows, class_id, camera) if stood else _seen_in_passing(path, rows, camera)
        )
        if np.isnan(velocity).any() or deviation[0] > TOLD_MPS * 2 or deviation[1] > TOLD_MPS:
            continue
        speeds.append(float(np.hypot(velocity[0], velocity[1])))
        odds.append(_log_odds(velocity, deviation))
    if not odds:
        return Motion(np.nan, np.nan)
    # "Whenever it was seen": a low quantile, as one window in many may be disturbed.
    least = float(np.quantile(odds, 0.15))
    return Motion(float(1 / (1 + np.exp(-np.clip(least, -30, 30)))), float(np.median(speeds)))


def _whole(boxes: Boxes, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Boxes not cut by the picture's edges, whose foot and size are true."""
    return np.asarray(
        (boxes[:, 0] > EDGE_PX)
        & (boxes[:, 1] > EDGE_PX)
        & (boxes[:, 2] < size[0] - EDGE_PX)
        & (boxes[:, 3] < size[1] - EDGE_PX)
    )


def _windows(times: Floats, use: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Rows of stretches of about `WINDOW_S`, overlapping by half; a short track is one stretch."""
    rows = np.flatnonzero(use)
    if len(rows) < 3:
        return []
    first, last = times[rows[0]], times[rows[-1]]
    starts = np.arange(first, max(last - WINDOW_S, first) + 1e-6, WINDOW_S / 2)
    cut = [rows[(times[rows] >= start - 1e-6) & (times[rows] <= start + WINDOW_S + 1e-6)] for start in starts]
    return [part for part in cut if len(part) >= 3 and times[part[-1]] - times[part[0]] >= 0.3]


def _slope(times: Floats, values: Floats, deviation: Floats) -> tuple[float, float]:
    """Slope of the weighted line through the values, and its standard uncertainty."""
    weight = 1 / deviation**2
    middle = np.average(times, weights=weight)
    spread = float((weight * (times - middle) ** 2).sum())
    slope = float((weight * (times - middle) * values).sum() / spread)
    # A detector's errors go on from frame to frame: a third of the sightings count as independent.
    return slope, float(np.sqrt(3.0 / spread))


def _seen_from_one_place(
    path: Path, rows: NDArray[np.intp], class_id: int, camera: GroundCamera
) -> tuple[Floats, Floats]:
    """Velocity across and along the line of sight by the box's motion and growth; the optics hardly matter."""
    times, boxes = path.time_s[rows], path.boxes[rows].astype(float)
    high = np.maximum(boxes[:, 3] - boxes[:, 1], 2.0)
    metres = float(np.nan_to_num(HEIGHT_M[class_id], nan=OTHER_HEIGHT_M)) / float(np.median(high))
    jitter = np.full(len(rows), 1.0) + 0.03 * high
    across, across_dev = _slope(times, (boxes[:, 0] + boxes[:, 2]) / 2 * metres, jitter * metres)
    down, down_dev = _slope(times, boxes[:, 3] * metres, jitter * metres)
    growth, growth_dev = _slope(times, np.log(high), 0.03 + 2.0 / high)
    depth = camera.focal_px * metres
    return np.array([across, down, growth * depth]), np.array([across_dev, down_dev, growth_dev * depth])


def _seen_in_passing(path: Path, rows: NDArray[np.intp], camera: GroundCamera) -> tuple[Floats, Floats]:
    """Velocity along and across the camera's way by the foot points on the road."""
    rows = rows[~np.isnan(path.x[rows])]
    if len(rows) < 3 or np.ptp(path.time_s[rows]) < 0.3 or np.isnan(path.ego_mps[rows]).all():
        return np.full(2, np.nan), np.full(2, np.nan)
    times, boxes, depth = path.time_s[rows], path.boxes[rows].astype(float), path.forward[rows]
    turn = float(np.median(path.heading[rows]))
    along = path.x[rows] * np.cos(turn) + path.y[rows] * np.sin(turn)
    across = path.y[rows] * np.cos(turn) - path.x[rows] * np.sin(turn)
    high, wide = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    depth_dev = depth**2 / (camera.focal_px * camera.height_m) * (1.0 + 0.03 * high)
    side_dev = depth / camera.focal_px * (1.0 + 0.04 * wide)
    ahead, ahead_dev = _slope(times, along, depth_dev)
    aside, aside_dev = _slope(times, across, side_dev)
    ego = float(np.nanmean(path.ego_mps[rows]))
    wander = np.array(WANDER_M) / float(np.ptp(times))
    wrong = np.array([EGO_SCALE * ego, EGO_YAW_RPS * float(depth.mean())])
    deviation = np.sqrt(np.array([ahead_dev, aside_dev]) ** 2 + wrong**2 + wander**2)
    return np.array([ahead, aside]), deviation


def _log_odds(velocity: Floats, deviation: Floats) -> float:
    """Log of how much better "it stands" explains the velocity than "it moves, at some speed"."""
    rest = deviation**2 + CREEP_MPS**2
    moving = rest + MOVING_MPS**2
    return float((0.5 * np.log(moving / rest) - 0.5 * velocity**2 * (1 / rest - 1 / moving)).sum())
