"""Where tracks were seen on the road, sighting by sighting, before it is known which of them are one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera, LogMeta
from vision.overlap import free_edges
from vision.places.rest import BORDER_PX
from vision.places.track_motion import View, directions, point_covariance, spread_along
from vision.places.track_path import TrackPath
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.sightings import Sightings

# Of what is partly hidden the middle is known less well: by shares of the visible width where one side is hidden or
# both are, of the distance where the foot is, and in metres of what the picture's edge cuts: of it ever less is seen.
# Chosen; with half or double of `AT_EDGE_M` or `ONE_SIDE` simulated drives 2000-2031 have 68 to 73 switches, not 70.
ONE_SIDE: Final = 0.25
NO_SIDE: Final = 0.4
NO_FOOT: Final = 0.2
AT_EDGE_M: Final = 2.0
# Described sightings that tell what a track looked like at its end, and among how many of the last. When only joining
# used looks, cars' switches and further cars in tracks were 379 with the last sighting and 365 with five on simulated
# drives 2000-2031 and 2064-2095, and 402 without looks.
NEAREST: Final = 5
NEAR_END: Final = 8


@dataclass(frozen=True, slots=True)
class Trail:
    """One track.

    Attributes:
        class_id, group: of all of it. scene: number of the cut after which it was seen.
        way_m: (N,) metres that the camera had driven when it was seen. path: where that was.
        begins, ends: (D,) what it looked like first and last, as by `end_look`.
    """

    class_id: int
    group: int
    scene: int
    way_m: Floats
    path: TrackPath
    begins: NDArray[np.float32]
    ends: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Trails:
    """T tracks with N sightings in all. A track's rows are together and in order of time.

    Attributes:
        class_id, group, scene: (T,) as of a `Trail`. first, last: (T,) rows.
        time_s: (N,). place: (N, 2) local frame, metres; NaN where unknown. covariance: (N, 2, 2) square metres.
        sight, away_m: (N,) direction in the local frame and length of the line of sight. way_m: (N,) as of a `Trail`.
        begins, ends: (T, D) as of a `Trail`.
    """

    class_id: NDArray[np.intp]
    group: NDArray[np.intp]
    scene: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    time_s: Floats
    place: Floats
    covariance: Floats
    sight: Floats
    away_m: Floats
    way_m: Floats
    begins: NDArray[np.float32]
    ends: NDArray[np.float32]
    camera: GroundCamera

    def gap_s(self, before: NDArray[np.intp], later: NDArray[np.intp]) -> Floats:
        """(P,) from the ends of some tracks to the beginnings of others."""
        return self.time_s[self.first[later]] - self.time_s[self.last[before]]


def trails_of(each: Sequence[Trail], meta: LogMeta) -> Trails:
    """The tracks, each of which was seen at least once."""
    length = np.array([len(one.path.time_s) for one in each], np.intp)
    first = np.cumsum(length) - length
    sight = _joined([one.path.heading + np.arctan2(one.path.left, one.path.forward) for one in each])
    away = _joined([np.hypot(one.path.forward, one.path.left) for one in each])
    place = np.concatenate([np.zeros((0, 2)), *(np.stack([one.path.x, one.path.y], axis=1) for one in each)])
    heading, ego = (_joined([getattr(one.path, name) for one in each]) for name in ("heading", "ego_mps"))
    view = View(heading, ego, sight, away, meta.ground_camera)
    covariance = _covariance([one.path for one in each], view, (meta.width, meta.height))
    place[~np.isfinite(covariance).all(axis=(1, 2))] = np.nan
    class_id, group, scene = (
        np.array([getattr(one, name) for one in each], np.intp) for name in ("class_id", "group", "scene")
    )
    begins, ends = (
        np.array([getattr(one, name) for one in each], np.float32).reshape(-1, APPEARANCE_SIZE)
        for name in ("begins", "ends")
    )
    time_s, way = _joined([one.path.time_s for one in each]), _joined([one.way_m for one in each])
    return Trails(
        class_id, group, scene, first, first + length - 1, time_s, place, covariance, sight, away, way,
        begins, ends, meta.ground_camera,
    )  # fmt: skip


def end_look(one: Sightings, looks: NDArray[np.float32], last: bool) -> NDArray[np.float32]:
    """(D,) the mean of the sightings nearest to an end of a track, of those that nothing hides if there are any; NaN
    where none is described.

    Args:
        looks: as by `looks_of`.
    """
    rows = np.flatnonzero(np.isfinite(looks[one.described, 0]))
    rows = (rows[::-1] if last else rows)[:NEAR_END]
    free = rows[~one.hidden[rows].any(axis=1)]
    if len(free):
        rows = free
    if not len(rows):
        return np.full(looks.shape[1], np.nan, np.float32)
    return np.asarray(looks[one.described[rows[:NEAREST]]].mean(axis=0))


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.zeros(0), *parts])


def _covariance(paths: Sequence[TrackPath], view: View, picture: tuple[int, int]) -> Floats:
    """(N, 2, 2) of the places' errors that change from sighting to sighting."""
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(path.boxes for path in paths)])
    hidden = np.concatenate([np.zeros((0, 4), bool), *(path.hidden for path in paths)])
    free = free_edges(boxes, picture, BORDER_PX)
    sides = (free & ~hidden)[:, [0, 2]].sum(axis=1)
    wide = view.away_m / view.camera.focal_px * (boxes[:, 2] - boxes[:, 0])
    across = wide * np.array([NO_SIDE, ONE_SIDE, 0.0])[sides]
    along = view.away_m * np.where(free[:, 3] & ~hidden[:, 3], 0.0, NO_FOOT)
    ahead, aside = directions(view.sight), directions(view.sight + np.pi / 2)
    cut = np.where(free[:, [0, 2, 3]].all(axis=1), 0.0, AT_EDGE_M)
    at_edge = (cut**2)[:, None, None] * np.eye(2)
    return np.asarray(
        point_covariance(boxes, view) + spread_along(across, aside) + spread_along(along, ahead) + at_edge
    )
