"""Two things are never in one place: what would drive, walk or stand through another one is not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.simulate.drive_world import Ego, Road, Thing
from pipelines.simulate.mesh import Floats

CAMERA_CAR_M: Final = (4.5, 1.8)
CAMERA_AHEAD_M: Final = 0.7  # of the car's middle: behind the windscreen


def apart(things: Iterable[Thing], ego: Ego, road: Road) -> list[Thing]:
    """Those of some things, first come first kept, that touch neither one another nor the camera's car at any time."""
    kept, ground = [], [_camera_car(ego, road)]
    for thing in things:
        own = footprints(thing, road)
        if not any(touch(own, other).any() for other in ground):
            kept.append(thing)
            ground.append(own)
    return kept


def footprints(thing: Thing, road: Road) -> Floats:
    """(T, 4, 2) local x, y of the corners of the ground that a thing takes up."""
    return _rectangles(road.place(thing.s, thing.left)[:, :2], road.turn(thing.s) + thing.turn, thing.size_m)


def touch(first: Floats, second: Floats) -> NDArray[np.bool_]:
    """(T,) when two things' footprints (T, 4, 2) have ground in common."""
    apart_m = np.hypot(*(first.mean(axis=1) - second.mean(axis=1)).T)
    reach = [np.hypot(*(one[:, 0] - one[:, 2]).T) / 2 for one in (first, second)]
    near = np.asarray(apart_m < reach[0] + reach[1])
    near[near] = shapely.intersects(shapely.polygons(first[near]), shapely.polygons(second[near]))
    return near


def _camera_car(ego: Ego, road: Road) -> Floats:
    turn = road.turn(ego.s) + ego.turn
    ahead = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return _rectangles(road.place(ego.s, ego.left)[:, :2] - CAMERA_AHEAD_M * ahead, turn, CAMERA_CAR_M)


def _rectangles(middle: Floats, turn: Floats, size_m: tuple[float, float]) -> Floats:
    """(T, 4, 2) corners, in order around, of rectangles (length, width) that head where `turn` (T,) says."""
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None] * size_m[0] / 2
    across = np.stack([-np.sin(turn), np.cos(turn)], axis=1)[:, None] * size_m[1] / 2
    corners = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)], float)
    return middle[:, None] + corners[:, :1] * along + corners[:, 1:] * across
