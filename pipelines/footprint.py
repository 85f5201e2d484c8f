"""The area a road user covers on the ground, from its boxes.

A box's bottom is where the nearest wheels touch the road: the rear wheels of what drives away, the front wheels of
what comes (bumpers hang over the road, higher up in the picture). Which edge of the vehicle reaches a line, and
when, follows from the footprint, not from the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.motion import Motion, smooth
from vision.log import Floats, GroundCamera

# Relative error of lengths on the ground, by where the least known of the camera's numbers come from.
_SCALE_ERROR: Final = {"site file": 0.08, "vehicle shapes": 0.15}
_SCALE_ERROR_OTHERWISE: Final = 0.25

# Slower than this, direction of motion is noise and the last known heading holds.
_STEERING_MPS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Size:
    """Typical size of a class in metres, along it: rear overhang, wheelbase, front overhang.

    `length_std_m`: spread of wheelbase and front overhang among its members.
    """

    rear_m: float
    wheelbase_m: float
    front_m: float
    width_m: float
    length_std_m: float

    @property
    def length_m(self) -> float:
        return self.rear_m + self.wheelbase_m + self.front_m


SIZES: Final[dict[str, Size]] = {
    "person": Size(0.0, 0.5, 0.0, 0.5, 0.1),
    "bicycle": Size(0.33, 1.05, 0.33, 0.6, 0.15),
    "motorcycle": Size(0.3, 1.3, 0.3, 0.8, 0.15),
    "car": Size(0.95, 2.7, 0.9, 1.8, 0.35),
    "bus": Size(3.0, 5.8, 2.4, 2.5, 1.3),
    "truck": Size(2.2, 4.5, 1.3, 2.5, 1.5),
}


@dataclass(frozen=True, slots=True)
class Footprints:
    """One road user's rectangle on the ground over time, ground frame of a camera that stands.

    Attributes:
        centre: (N, 2) forward, left in metres of the middle between the axles, smoothed.
        velocity: (N, 2) metres per second.
        heading: (N,) radians counterclockwise from forward.
        std_m: (N,) standard uncertainty of where its ends are along the line of sight, relative to points painted
            on the road beside it: errors that move both alike cancel.
        whole: (N,) the box's lower edge is inside the picture; elsewhere the footprint is at least as near as said.
    """

    time_s: Floats
    centre: Floats
    velocity: Floats
    heading: Floats
    std_m: Floats
    whole: NDArray[np.bool_]
    size: Size

    @property
    def speed(self) -> Floats:
        return np.hypot(self.velocity[:, 0], self.velocity[:, 1])

    @property
    def leading(self) -> Floats:
        """(N, 2) middle of the front edge."""
        return self._along(0.5 * self.size.wheelbase_m + self.size.front_m)

    @property
    def trailing(self) -> Floats:
        """(N, 2) middle between the rear wheels."""
        return self._along(-0.5 * self.size.wheelbase_m)

    def _along(self, metres: float) -> Floats:
        return self.centre + metres * np.stack([np.cos(self.heading), np.sin(self.heading)], axis=1)


def footprints(
    time_s: Floats,
    boxes: NDArray[np.float32],
    camera: GroundCamera,
    picture: tuple[int, int],
    size: Size,
    default_heading: float,
) -> Footprints | None:
    """Footprints from one road user's boxes (N, 4), in time order.

    Args:
        picture: width, height in pixels.
        default_heading: heading of something that is never seen to move, radians.

    Returns None when no box reaches below the horizon.
    """
    on_road = boxes[:, 3] - camera.horizon_y > 2.0
    if not on_road.any():
        return None
    time_s, seen = time_s[on_road], boxes[on_road].astype(np.float64)
    whole = seen[:, 3] < picture[1] - 2.0 - 0.002 * picture[1]
    near, column = _nearest_edge(seen, camera)
    rough = smooth(time_s, np.stack([near, column * near], axis=1))
    heading = held_heading(rough, default_heading, whole)
    centre = centre_of_footprint(near, column, heading, size)
    motion = smooth(time_s, centre)
    heading = held_heading(motion, default_heading, whole)
    std = _std(seen, near, camera, size)
    return Footprints(time_s, motion.value, motion.rate, heading, std, whole, size)


def centre_of_footprint(near: Floats, column: Floats, heading: Floats, size: Size) -> Floats:
    """(N, 2) centre of wheelbase-by-width rectangles whose nearest corner lies `near` metres ahead and whose left
    and right extremes, as seen from the camera, lie evenly about `column` (left / forward of the box's middle).
    """
    cos, sin = np.cos(heading), np.sin(heading)
    half_length, half_width = 0.5 * size.wheelbase_m, 0.5 * size.width_m
    forward = near + half_length * np.abs(cos) + half_width * np.abs(sin)
    ends = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], float) * [half_length, half_width]
    corner_forward = forward[:, None] + ends[:, 0] * cos[:, None] - ends[:, 1] * sin[:, None]
    corner_left = ends[:, 0] * sin[:, None] + ends[:, 1] * cos[:, None]
    corner_forward = np.maximum(corner_forward, 0.1)
    left = column * forward
    for _ in range(4):  # converges by the ratio of size to distance each time
        seen = (left[:, None] + corner_left) / corner_forward
        left = left + (column - 0.5 * (seen.max(axis=1) + seen.min(axis=1))) * forward
    return np.stack([forward, left], axis=1)


def held_heading(motion: Motion, default: float, trusted: NDArray[np.bool_]) -> Floats:
    """Direction of motion where it is fast enough to tell, else the last known one, else the first to come."""
    angle = np.arctan2(motion.rate[:, 1], motion.rate[:, 0])
    known = (np.hypot(motion.rate[:, 0], motion.rate[:, 1]) > _STEERING_MPS) & trusted
    if not known.any():
        return np.full(len(angle), default)
    last = np.maximum.accumulate(np.where(known, np.arange(len(angle)), -1))
    last[last < 0] = int(np.argmax(known))
    return angle[last]


def _nearest_edge(boxes: Floats, camera: GroundCamera) -> tuple[Floats, Floats]:
    near, left = camera.to_ground(0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3])
    return near, left / near


def _std(boxes: Floats, near: Floats, camera: GroundCamera, size: Size) -> Floats:
    # A box's bottom is good to a pixel or 1.5 % of its height; what that is on the ground grows with distance^2.
    pixels = 1.0 + 0.015 * (boxes[:, 3] - boxes[:, 1])
    depth = pixels * near**2 / (camera.focal_px * camera.height_m)
    scale = _SCALE_ERROR.get(camera.sources[-1], _SCALE_ERROR_OTHERWISE) * (size.length_m - size.rear_m)
    return np.sqrt(depth**2 + scale**2 + size.length_std_m**2)
