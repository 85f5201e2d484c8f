"""Where tracks are to be looked for in a frame: two predictions, and how well boxes fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.motion.egomotion import EgoMotion, from_local_frame, to_local_frame
from vision.overlap import Boxes, iou
from vision.tracking.sightings import GROUPS, LIGHT, PLATE, VEHICLE, WASTE

LEAST_SIDE_PX: Final = 4.0  # of the part of a thing inside the picture that may still be found
FORESEEN_S: Final = 0.6  # for which motion in the picture goes on as it did, unless it crosses
# Own widths in a second, against the road. A car that crosses at 8 m/s makes 1.8, one that stands none but for errors
# of the way. Simulated drives 2000-2031 have 2.5 switches in 100 s with 0.7 and 1.0, 3.0 if nothing goes on behind what
# hides it.
CROSSES: Final = 1.0
# How alike a box at the very place is at most without overlap, and how far (in sizes) it may be off. Vehicles are large
# enough to overlap: told as others are, they are taken for their neighbours in a row or a queue (3.3 switches in 100 s
# on simulated drives 2000-2031, not 2.5).
NEAR: Final = (0.8, 0.45)
NEAR_VEHICLE: Final = (0.4, 0.6)
# Vehicles' boxes are less alike where one is not this share of the other's height: of what the picture's edge or
# another thing cuts off at the side, the height still tells what it is. On simulated drives 2000-2023 heights differ so
# at 16 of 32 steps at the edge of the picture that lead to another vehicle, and at 2 % of those that do not. Riders are
# boxed with their vehicle or without.
AS_TALL: Final = 1 / 1.6
ON_ROAD: Final = ~np.isin(np.arange(GROUPS), [LIGHT, PLATE])  # by group


@dataclass(frozen=True, slots=True)
class Scenery:
    """How the camera moves under the tracker. `shift`: (N, 2) cumulated motion of far things, native pixels."""

    width: int
    height: int
    camera: GroundCamera
    frame_s: Floats
    ego: EgoMotion
    shift: Floats
    cut: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of T tracks. `group`: (T,); `mean`: (T, 4) centre x, centre y, width, height when they were last
    seen; `velocity`: (T, 4) of these, a second; `covariance`: (T, 3) as of a `LiveTrack`; `seen`: (T,) frame.
    """

    group: NDArray[np.intp]
    mean: Floats
    velocity: Floats
    covariance: Floats
    seen: NDArray[np.intp]

    def __getitem__(self, rows: NDArray[np.bool_]) -> Whereabouts:
        return Whereabouts(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Where T tracks are to be looked for in a frame.

    Attributes:
        gap_s: (T,) since they were last seen.
        moved: (T, 4) where they are if they go on as they did; NaN where the picture shows next to nothing of them.
        stands: (T, 4) where they are if they stand on the road; NaN also where that cannot be told.
        crosses: (T,) vehicles so fast across the picture, against the road, that they go on behind what hides them.
        passed: (T,) which the picture shows no more if they stand on the road.
    """

    gap_s: Floats
    moved: Boxes
    stands: Boxes
    crosses: NDArray[np.bool_]
    passed: NDArray[np.bool_]


def foresee(tracks: Whereabouts, scenery: Scenery, frame: int) -> Foreseen:
    gap = scenery.frame_s[frame] - scenery.frame_s[tracks.seen]
    turned = scenery.shift[frame] - scenery.shift[tracks.seen]
    road = _on_road(tracks, scenery, frame)
    crosses = _crosses(tracks, road, gap, turned[:, 0])
    ahead = tracks.mean + tracks.velocity * np.where(crosses, gap, np.minimum(gap, FORESEEN_S))[:, None]
    ahead[:, :2] += turned
    moved = _in_picture(_boxes(ahead, tracks.mean), scenery)
    resting = (tracks.group == LIGHT) & scenery.ego.standing[frame]
    if resting.any():  # heads come back where they were, however long it takes
        gap, moved = np.where(resting, 0.0, gap), np.where(resting[:, None], _boxes(tracks.mean, tracks.mean), moved)
    stands = _in_picture(road, scenery)
    stands[~ON_ROAD[tracks.group]] = np.nan
    foot = tracks.mean[:, 1] + tracks.mean[:, 3] / 2
    passed = _below_horizon(foot, scenery.camera) & np.isnan(stands[:, 0])
    return Foreseen(gap, moved, stands, crosses, passed)


def _crosses(tracks: Whereabouts, road: Boxes, gap: Floats, turned: Floats) -> NDArray[np.bool_]:
    by_road = ((road[:, 0] + road[:, 2]) / 2 - tracks.mean[:, 0] - turned) / np.maximum(gap, 1e-3)
    fast = np.abs(tracks.velocity[:, 0] - by_road) > CROSSES * tracks.mean[:, 2]
    return np.asarray(fast & (tracks.group == VEHICLE))


def _below_horizon(foot: Floats, camera: GroundCamera) -> NDArray[np.bool_]:
    """(T,) which rows lie so far below the horizon that they tell a distance."""
    return np.asarray(foot >= camera.horizon_y + 4)


def _on_road(tracks: Whereabouts, scenery: Scenery, frame: int) -> Boxes:
    """(T, 4) where tracks are if they stand on the road, beyond the picture's edges too."""
    camera = scenery.camera
    x, y, width, height = tracks.mean.T
    foot = y + height / 2
    forward, left = camera.to_ground(x, np.where(_below_horizon(foot, camera), foot, np.nan))
    ahead, aside = _carried(scenery.ego, tracks.seen, frame, forward, left)
    ahead = np.where(ahead < 1.0, np.nan, ahead)
    column, row = camera.to_image(ahead, aside)
    size = forward / ahead
    corners = (column - width * size / 2, row - height * size, column + width * size / 2, row)
    return np.stack(corners, axis=1).astype(np.float32)


def _carried(
    ego: EgoMotion, before: NDArray[np.intp], after: int, forward: Floats, left: Floats
) -> tuple[Floats, Floats]:
    """Ground points (forward, left) seen from the poses of frames `before`, as seen from that of another."""
    x, y = to_local_frame(ego.x_m[before], ego.y_m[before], ego.heading_rad[before], forward, left)
    return from_local_frame(ego.x_m[after], ego.y_m[after], ego.heading_rad[after], x, y)


def _in_picture(boxes: Boxes, scenery: Scenery) -> Boxes:
    """(T, 4) the parts of boxes that the picture shows; NaN where it shows next to nothing."""
    shown = boxes.clip(0, np.array([scenery.width, scenery.height] * 2, np.float32))
    gone = (shown[:, 2:] - shown[:, :2] < LEAST_SIDE_PX).any(axis=1)
    return np.where(gone[:, None], np.float32(np.nan), shown)


def _boxes(mean: Floats, before: Floats) -> Boxes:
    """(T, 4) boxes of means; their sizes may change by half at most."""
    half = np.clip(mean[:, 2:], before[:, 2:] * 0.67, before[:, 2:] * 1.5) / 2
    return np.concatenate([mean[:, :2] - half, mean[:, :2] + half], axis=1).astype(np.float32)


def alike(predicted: Boxes, boxes: Boxes, gap: Floats, group: NDArray[np.intp]) -> NDArray[np.float64]:
    """(T, N) 0..1: how well boxes fit predictions (T, 4) of things of groups (T,) over gaps (T,) in seconds. Small
    things are told by distance, because they need not overlap; what was not seen for long may be further off.
    """
    most, sizes_off = np.where((group == VEHICLE)[:, None], NEAR_VEHICLE, NEAR).T
    size = np.sqrt(np.maximum((predicted[:, 2:] - predicted[:, :2]).prod(axis=1), 16.0))[:, None]
    sizes = np.sqrt(np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 16.0))
    ratio = np.minimum(size, sizes) / np.maximum(size, sizes)
    apart = (boxes[:, :2] + boxes[:, 2:]) / 2 - ((predicted[:, :2] + predicted[:, 2:]) / 2)[:, None]
    least = np.where(group == WASTE, 12.0, 6.0)[:, None]
    reach = np.maximum(size, least) * (sizes_off + 0.6 * np.minimum(gap, 1.5))[:, None]
    by_distance = most[:, None] * np.exp(-(apart**2).sum(axis=2) / reach**2) * np.minimum(ratio * 1.25, 1)
    high, tall = predicted[:, None, 3] - predicted[:, None, 1], boxes[:, 3] - boxes[:, 1]
    as_tall = np.minimum(high, tall) / np.maximum(np.maximum(high, tall), 1.0)
    fits = np.where((group == VEHICLE)[:, None], np.minimum(as_tall / AS_TALL, 1.0), 1.0)
    return np.asarray(np.maximum(iou(predicted, boxes), by_distance) * fits, np.float64)
