"""Where on the road the sightings of a track are, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, LogMeta
from vision.motion.egomotion import EgoMotion, to_local_frame
from vision.overlap import Boxes, free_edges
from vision.places.feet import nearest_part
from vision.places.ranging import Ranges
from vision.places.rest import BORDER_PX
from vision.places.track_motion import foot_error_px, foot_std
from vision.places.track_path import TrackPath
from vision.places.whole_side import middles_aside
from vision.tracking.sightings import VEHICLE, Sightings

FARTHEST_STD_M: Final = 100.0  # a place less certain is none


@dataclass(frozen=True, slots=True)
class Places:
    """(N,) points of the road under a track's nearest parts, metres ahead of the camera and to its left, and their
    standard uncertainty along the line of sight; NaN unknown.
    """

    forward: Floats
    left: Floats
    std: Floats


def track_path(one: Sightings, frame_s: Floats, ego: EgoMotion, meta: LogMeta) -> TrackPath:
    """What is known of a track as if the road were flat."""
    time_s, pose = frame_s[one.frame], (ego.x_m[one.frame], ego.y_m[one.frame], ego.heading_rad[one.frame])
    forward, left = _on_ground(one.boxes, meta)
    if one.group == VEHICLE:
        ahead, beside = _on_ground(_whole(one, time_s, meta), meta)
        shown = np.isfinite(beside)  # a fisheye does not show all that is beyond its edge
        forward, left = np.where(shown, ahead, forward), np.where(shown, beside, left)
    x, y = to_local_frame(*pose, forward, left)
    return TrackPath(time_s, one.boxes, forward, left, x, y, pose[2], ego.speed_mps[one.frame], one.hidden)


def _whole(vehicle: Sightings, time_s: Floats, meta: LogMeta) -> Boxes:
    """(N, 4) its boxes, moved to where the middle of all of it is."""
    free = free_edges(vehicle.boxes, (meta.width, meta.height), BORDER_PX)
    aside = middles_aside(vehicle, time_s, free)
    return (vehicle.boxes + np.outer(aside, (1, 0, 1, 0))).astype(np.float32)


def places(path: TrackPath, class_id: NDArray[np.int16], ranges: Ranges, meta: LogMeta) -> Places:
    """`class_id`: (N,) of the sightings."""
    camera, foot = meta.ground_camera, ranges.distance
    forward = nearest_part(foot, class_id, camera.height_m)
    high = (path.boxes[:, 3] - path.boxes[:, 1]).astype(float)
    std = np.hypot(foot_std(foot, high, camera), foot * np.hypot(ranges.log_std, camera.scale_std))
    return Places(forward, path.left / path.forward * forward, std)


def _on_ground(boxes: Boxes, meta: LogMeta) -> tuple[Floats, Floats]:
    """Foot points (forward, left) in metres; a foot below the picture's edge is not seen."""
    camera = meta.ground_camera
    x1, y1, x2, foot = boxes.astype(float).T
    forward, left = camera.to_ground((x1 + x2) / 2, foot)
    std = camera.distance_std(forward, foot_error_px(foot - y1))
    unseen = (foot > meta.height - BORDER_PX) | (std > FARTHEST_STD_M)
    return np.where(unseen, np.nan, forward), np.where(unseen, np.nan, left)
