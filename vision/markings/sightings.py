"""What one look shows of road markings, placed in the local frame. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.markings.bars import Bars, bars_on_ground
from vision.markings.crosswalks import crosswalks
from vision.markings.lane_flow import Flow, across_flow
from vision.markings.paint import PaintLook
from vision.markings.stop_lines import stop_lines
from vision.motion.egomotion import EgoMotion, from_local_frame, to_local_frame
from vision.tables.markings import MarkingKind

Pose = tuple[float, float, float]  # x, y in local metres, heading
BLURRED_PX: Final = 2.0  # rows by which the end of a bar is uncertain
FARTHEST_STD_M: Final = 6.0
BEFORE_M: Final = 8.0  # 1 to 3 m before a crosswalk (GB 5768.3-2009), from middle to middle
ALONE: Final = 0.7  # chosen: a bar before nothing may be a line of another kind, or light between two shadows


@dataclass(frozen=True, slots=True)
class Sighting:
    """One marking in one look. `ends`: (2, 2) local metres. `look`: counts the looks. `frame`: its row."""

    kind: MarkingKind
    look: int
    frame: int
    time_s: float
    ends: Floats
    width_m: float
    std_m: float
    quality: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the looks were taken with: `frame_s` (N,), the camera's pose at these frames, `cut` (N,); `size` of the
    picture, width and height.
    """

    frame_s: Floats
    ego: EgoMotion
    cut: NDArray[np.bool_]
    camera: GroundCamera
    size: tuple[int, int]


def sightings(number: int, look: PaintLook, seen: Seen, flow: Flow | None) -> Iterator[Sighting]:
    """Nothing where the camera's pose is not known."""
    camera, row = seen.camera, look.frame
    pose = (float(seen.ego.x_m[row]), float(seen.ego.y_m[row]), float(seen.ego.heading_rad[row]))
    if not np.isfinite(pose).all():
        return
    bars = bars_on_ground(look.bars, camera)
    for kind, ends, width, quality in _found(bars, pose, flow):
        forward, left = ends[:, 0], ends[:, 1]
        away = float(np.hypot(forward.mean(), left.mean()))
        std = float(camera.distance_std(np.array([away]), np.array([BLURRED_PX]))[0])
        if std <= FARTHEST_STD_M:
            local = _local(ends, pose)
            yield Sighting(kind, number, row, float(seen.frame_s[row]), local, width, std, quality)


def _local(points: Floats, pose: Pose) -> Floats:
    """(N, 2) local metres of points (forward, left) seen from a pose."""
    x, y, heading = (np.full(len(points), value) for value in pose)
    return np.stack(to_local_frame(x, y, heading, points[:, 0], points[:, 1]), axis=1)


def in_picture(ends: Floats, row: int, seen: Seen) -> Floats:
    """(2, 2) native pixels of local points, seen from the camera's pose in a frame; NaN behind it."""
    pose = seen.ego.x_m[row], seen.ego.y_m[row], seen.ego.heading_rad[row]
    return np.stack(seen.camera.to_image(*from_local_frame(*pose, ends[:, 0], ends[:, 1])), axis=1)


def _found(bars: Bars, pose: Pose, flow: Flow | None) -> Iterator[tuple[MarkingKind, Floats, float, float]]:
    """Kind, (2, 2) end points in the ground frame, width in metres, quality."""
    free = np.ones(len(bars), bool)
    walks = crosswalks(bars)
    for walk in walks:
        free[walk.rows] = False
        yield "crosswalk", walk.ends, walk.depth_m, walk.quality
    for line in stop_lines(bars, free, _across(bars, pose, flow)):
        apart = [np.hypot(*(walk.ends.mean(axis=0) - line.ends.mean(axis=0))) for walk in walks]
        expected = min(apart, default=np.inf) <= BEFORE_M
        yield "stop_line", line.ends, line.depth_m, line.quality * (1.0 if expected else ALONE)


def _across(bars: Bars, pose: Pose, flow: Flow | None) -> Floats:
    """(N, 2) unit vectors across the way of driving at each bar, in the ground frame."""
    if flow is None:
        return np.tile([0.0, 1.0], (len(bars), 1))
    across = across_flow(flow, _local(bars.centre, pose))
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.asarray(across @ np.array([[cos, -sin], [sin, cos]]))
