"""What of a simulated world lies in the picture: exact boxes, what hides what, and the flow of its corners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.drive_world import World
from pipelines.simulate.labels import outline_area
from pipelines.simulate.mesh import Floats
from pipelines.simulate.stage import Pose, project
from vision.motion.egomotion import from_local_frame

MASK_WIDTH: Final = 640  # of the pictures of identities from which hiding is told
SEEN_TO_M: Final = 90.0
NEAREST_M: Final = 0.6
SAME_EDGE: Final = 1.6  # pixels of the mask: an edge that is hidden by less is not hidden
LEAST_PX: Final = 4.0  # of the mask


@dataclass(frozen=True, slots=True)
class View:
    """One moment as a perfect detector would see it. N things, nearest last.

    Attributes:
        thing: (N,) index into the world's things. inside: (M,) of all that the picture would show if nothing hid it.
        boxes: (N, 4) of what is visible, native pixels.
        share: (N,) of a thing's outline inside the picture that nothing hides.
        whole: (N,) the picture's edge does not cut it.
        forward_m, left_m, yaw_rad: (N,) middle of its footprint and its heading, ground frame of a level camera.
        mask: (H, W) index + 1 of the thing that each pixel shows, 0: none.
        outlines: (P, 3) native pixels and depth in metres of the surface points of each thing near enough to be seen.
    """

    row: int
    thing: NDArray[np.intp]
    inside: NDArray[np.intp]
    boxes: Floats
    share: Floats
    whole: NDArray[np.bool_]
    forward_m: Floats
    left_m: Floats
    yaw_rad: Floats
    mask: NDArray[np.int32]
    outlines: dict[int, Floats]


def camera_pose(world: World, row: int) -> Pose:
    x, y, up, turn = world.ego_place[row]
    optics, ego = world.optics, world.ego
    slope = float(np.arctan(world.road.rise(ego.s[row : row + 1])[0]))
    fov = 2 * np.degrees(np.arctan(optics.width / 2 / optics.focal_px))
    pitch = optics.pitch + slope + float(ego.nod[row])
    turn = turn + optics.yaw - np.pi / 2  # `Pose` counts from +y
    return Pose(float(x), float(y), float(up) + optics.height_m, float(turn), pitch, optics.roll, float(fov))


def _outlines(world: World, near: NDArray[np.intp], row: int) -> dict[int, Floats]:
    """Surface points of some things in the picture, all projected at once."""
    things = [world.things[index] for index in near.tolist()]
    if not things:
        return {}
    count = [len(thing.outline) for thing in things]
    s, left, turn = np.repeat([(each.s[row], each.left[row], each.turn[row]) for each in things], count, axis=0).T
    along, across, above = np.concatenate([thing.outline for thing in things]).T
    # Along the road's middle line, so that what is long stands on the road's own slope.
    at = s + along * np.cos(turn) - across * np.sin(turn), left + along * np.sin(turn) + across * np.cos(turn)
    points = project(world.road.place(*at, above), camera_pose(world, row), world.optics.width, world.optics.height)
    return dict(zip(near.tolist(), np.split(points, np.cumsum(count)[:-1]), strict=True))


def view(world: World, row: int) -> View:
    """The picture at `world.time_s[row]`."""
    optics = world.optics
    scale = optics.width / MASK_WIDTH
    mask = np.zeros((round(optics.height / scale), MASK_WIDTH), np.int32)
    places = _on_ground(world, row)
    forward = places[:, 0]
    near = np.flatnonzero((forward > -3.0) & (forward < SEEN_TO_M))
    boxes: dict[int, Floats] = {}
    areas: dict[int, float] = {}
    outlines = _outlines(world, near[np.argsort(-forward[near])], row)
    for index, outline in outlines.items():
        points = outline[outline[:, 2] > NEAREST_M] / (scale, scale, 1.0)
        if len(points) < 3:
            continue
        box = _clipped(points, mask.shape)
        if min(box[2] - box[0], box[3] - box[1]) < 2.0:
            continue
        hull = cv2.convexHull(points[:, :2].clip(-3000, 3000).round().astype(np.int32))
        cv2.fillConvexPoly(mask, hull, index + 1)
        boxes[index], areas[index] = box, outline_area(points, mask.shape[1], mask.shape[0])
    rows = _visible(boxes, areas, mask)
    shown = np.array([index for index, _, _ in rows], np.intp)
    visible = np.array([box for _, box, _ in rows]).reshape(-1, 4)
    full = np.array([boxes[index] for index in shown.tolist()]).reshape(-1, 4)
    edge = np.array([mask.shape[1], mask.shape[0]]) - 1.0
    whole = np.asarray((full[:, :2] > 1.0).all(axis=1) & (full[:, 2:] < edge).all(axis=1))
    share = np.array([share for _, _, share in rows])
    forward, left, yaw = places[shown].T
    inside = np.array(list(boxes), np.intp)
    return View(row, shown, inside, visible * scale, share, whole, forward, left, yaw, mask, outlines)


def _clipped(points: Floats, shape: tuple[int, ...]) -> Floats:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    limit = np.array([shape[1], shape[0]], float)
    return np.concatenate([np.clip(low, 0, limit), np.clip(high, 0, limit)])


def _visible(
    boxes: dict[int, Floats], areas: dict[int, float], mask: NDArray[np.int32]
) -> list[tuple[int, Floats, float]]:
    """Index, box and share of what shows; edges that nothing hides keep their exact place."""
    rows = []
    for index, box in boxes.items():
        left, top = np.floor(box[:2]).astype(int)
        right, bottom = np.ceil(box[2:]).astype(int) + 1
        own = mask[top:bottom, left:right] == index + 1
        columns, lines = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
        if not len(lines):
            continue
        shown = np.array([left + columns[0], top + lines[0], left + columns[-1] + 1, top + lines[-1] + 1], float)
        shown = np.where(np.abs(shown - box) <= SAME_EDGE, box, shown)
        share = min(1.0, np.count_nonzero(own) / max(areas[index], 1.0))
        if max(shown[2] - shown[0], shown[3] - shown[1]) >= LEAST_PX:
            rows.append((index, shown, share))
    return rows


def _on_ground(world: World, row: int) -> Floats:
    """(things, 3) forward, left and heading of their middles against a level camera at its place."""
    x, y, _, turn = world.ego_place[row]
    turn += world.optics.yaw
    at_x, at_y, heading = world.places[:, row].T
    return np.stack([*from_local_frame(x, y, turn, at_x, at_y), heading - turn], axis=1)
