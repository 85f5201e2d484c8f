"""Did a thing stand in the world while it was seen? A probability, from how well its motion can be told from none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.taxonomy import STREET_CLASSES
from vision.log import Floats, GroundCamera
from vision.overlap import Boxes, free_edges
from vision.places.lasting_velocity import lasting_velocity
from vision.places.passing import Passing
from vision.places.rest_leaving import Leaving, velocity_along
from vision.places.rest_passing import Passed, velocity
from vision.places.slope import slope
from vision.places.track_path import TrackPath, camera_way
from vision.places.velocity_odds import rest_odds, vehicle_rest_odds
from vision.sizes import TYPICAL
from vision.tracking.sightings import GROUP_OF, VEHICLE

# The probability from which a track is said to stand. On simulated drives F1 is the same within 0.01 from 0.6 to 0.8.
STANDS: Final = 0.7
WINDOW_S: Final = 2.0
MOVED_SHARE: Final = 0.2  # of the box's size
# Of a window against rest, as a logarithm: any may be disturbed, so one does not outweigh all others, but more than
# half of the time in motion does.
LEAST_ODDS: Final = -4.0
TOLD_MPS: Final = 4.0  # an uncertainty from which nothing can be told
BORDER_PX: Final = 3.0
OTHER_HEIGHT_M: Final = 0.5
# How tall things are, which turns pixels of a box into metres at its place.
_HEIGHT_M: Final = [TYPICAL[name].mean[2] if name in TYPICAL else OTHER_HEIGHT_M for name in STREET_CLASSES]


@dataclass(frozen=True, slots=True)
class Motion:
    """`odds`: logarithm of how much better its own motion fits a thing that stood than one that moved; NaN where it
    tells nothing. `speed_mps`: NaN unknown.
    """

    odds: float
    speed_mps: float

    def at_rest(self, others: float = 0.0) -> float:
        """Probability that it stood, 0..1; NaN where nothing is told. `others`: log odds by anything else."""
        return float(expit(self.odds + others))


@dataclass(frozen=True, slots=True)
class StretchOdds:
    """What a stretch says: a speed in metres per second, and the log odds of rest against motion."""

    speed_mps: float
    odds: float


@dataclass(frozen=True, slots=True)
class Stretches:
    """What the stretches of a track say, each of about `WINDOW_S`.

    Attributes:
        displaced: a camera that stood all the time saw it end elsewhere than it began.
        drives: it does so if it moves: a car, bus or truck.
    """

    each: tuple[Passing | StretchOdds, ...]
    displaced: bool
    drives: bool

    @property
    def passing(self) -> tuple[Passing, ...]:
        return tuple(one for one in self.each if isinstance(one, Passing))


def stretches_of(path: TrackPath, class_id: int, camera: GroundCamera, size: tuple[int, int]) -> Stretches:
    """How a track seems to move. `size`: width and height of the picture."""
    free = free_edges(path.boxes, size, BORDER_PX)
    own = free & ~path.hidden
    whole = np.asarray(free.all(axis=1))
    each: list[Passing | StretchOdds] = []
    for rows in _windows(path.time_s):
        ego = path.ego_mps[rows]
        found: Passing | StretchOdds | None
        if not np.isnan(ego).any() and float(ego.max()) < 0.1:
            found = _seen_from_one_place(path, rows, own, class_id, camera)
        else:
            found = _seen_in_passing(path, rows[whole[rows]], class_id, camera, size[0])
            found = found or _seen_leaving(path, rows, free, camera, size[0])
        if found is not None:
            each.append(found)
    stood = np.nanmax(path.ego_mps, initial=0.0) < 0.1
    return Stretches(tuple(each), bool(stood) and _displaced(path.boxes, own), bool(GROUP_OF[class_id] == VEHICLE))


def motion_of(stretches: Stretches, error: float) -> Motion:
    """How a track moved in the world. `error`: of the velocities of things passed (`shared_error.shared_error`)."""
    if not stretches.each:
        return Motion(np.nan, np.nan)
    passing = stretches.passing
    told = [_without(one, error, stretches.drives) if isinstance(one, Passing) else one for one in stretches.each]
    odds = np.array([max(one.odds, LEAST_ODDS) for one in told])
    lasting = lasting_velocity(passing, error)
    if lasting is not None:
        together = max(_without(_lasting(passing, lasting), 0.0, stretches.drives).odds, LEAST_ODDS)
        passed = np.array([isinstance(one, Passing) for one in stretches.each])
        odds[passed] = (odds[passed] + together) / 2.0  # each on its own, which is robust, and all in one
    stands = float(odds.mean())
    if stretches.displaced:
        stands = min(stands, -3.0)
    return Motion(stands, float(np.median([one.speed_mps for one in told])))


def _lasting(stretches: Sequence[Passing], along: tuple[float, float]) -> Passing:
    """All stretches in one. `along`: their `lasting_velocity`."""
    time_s, ego_mps = (float(np.mean([getattr(one, name) for one in stretches])) for name in ("time_s", "ego_mps"))
    across = np.median([(one.velocity[1], one.deviation[1]) for one in stretches], axis=0)
    velocity, deviation = np.array([along, across]).T
    return Passing(time_s, velocity, deviation, ego_mps)


def _without(passing: Passing, error: float, drives: bool) -> StretchOdds:
    moved = passing.without(error)
    if drives:
        odds = vehicle_rest_odds(moved, passing.deviation, passing.ego_mps)
    else:
        odds = float(rest_odds(moved, passing.deviation).sum())
    return StretchOdds(float(np.hypot(*moved)), odds)


def _displaced(boxes: Boxes, free: NDArray[np.bool_]) -> bool:
    """Whether a camera that stands saw two or more edges end elsewhere than they began: creeping that is too slow for a
    window, or coming straight on. One edge alone may be hidden by something that passes.
    """
    part = len(boxes) // 4
    if part < 2:
        return False
    size = np.sqrt(np.median((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])))
    own = free[:part].any(axis=0) | free[-part:].any(axis=0)
    moved = np.abs(np.median(boxes[:part], axis=0) - np.median(boxes[-part:], axis=0)) > MOVED_SHARE * size
    return bool((moved & own).sum() >= 2)


def _windows(times: Floats) -> list[NDArray[np.intp]]:
    """Rows of stretches of about `WINDOW_S`, overlapping by half; a short track is one stretch."""
    if not len(times):
        return []
    starts = np.arange(times[0], max(times[-1] - WINDOW_S, times[0]) + 1e-6, WINDOW_S / 2)
    cut = [np.flatnonzero((times >= start - 1e-6) & (times <= start + WINDOW_S + 1e-6)) for start in starts]
    return [rows for rows in cut if _enough(times[rows])]


def _enough(times: Floats) -> bool:
    return len(times) >= 3 and float(times[-1] - times[0]) >= 0.3


def _seen_from_one_place(
    path: TrackPath, rows: NDArray[np.intp], free: NDArray[np.bool_], class_id: int, camera: GroundCamera
) -> StretchOdds | None:
    """By the motion of the box's edges and its growth; the optics hardly matter.

    What stands, stands with all its edges; what comes or goes out of the picture moves with some.
    """
    boxes = path.boxes[rows].astype(float)
    high = np.maximum(boxes[:, 3] - boxes[:, 1], 2.0)
    metres = _HEIGHT_M[class_id] / float(np.median(high))
    told = []
    for edge in range(4):
        use = free[rows, edge]
        if _enough(path.time_s[rows[use]]):
            jitter = (1.5 + 0.035 * high[use]) * metres
            told.append(slope(path.time_s[rows[use]], boxes[use, edge] * metres, jitter))
    whole = np.asarray(free[rows].all(axis=1))
    if _enough(path.time_s[rows[whole]]):
        growth, deviation = slope(path.time_s[rows[whole]], np.log(high[whole]), 0.03 + 2.0 / high[whole])
        depth = camera.focal_px * metres
        told.append((growth * depth, deviation * depth))
    useful = np.array([(speed, deviation) for speed, deviation in told if deviation < TOLD_MPS]).reshape(-1, 2)
    if not len(useful):
        return None
    # The edges' errors are one error: the best evidence for rest counts once, all against it counts.
    odds = rest_odds(useful[:, 0], useful[:, 1])
    return StretchOdds(float(np.abs(useful[:, 0]).max()), float(odds.max() + np.minimum(odds, 0.0).sum()))


def _seen_in_passing(
    path: TrackPath, rows: NDArray[np.intp], class_id: int, camera: GroundCamera, width: int
) -> Passing | None:
    """By the way of the foot points on the road."""
    top, low = camera.level_rows(path.boxes[rows].astype(float)).T
    shown = ~np.isnan(path.x[rows]) & ~np.isnan(low - top)
    rows, high = rows[shown], np.maximum(low - top, 2.0)[shown]
    if not _enough(path.time_s[rows]) or np.isnan(path.ego_mps[rows]).all():
        return None
    boxes, depth = path.boxes[rows].astype(float), path.forward[rows]
    way, aside, turned = camera_way(path, rows)
    seen = Passed(
        path.time_s[rows],
        way,
        aside,
        turned,
        camera.focal_px * camera.height_m / depth,
        path.left[rows] / depth * camera.focal_px,
        high,
        boxes[:, 2] - boxes[:, 0],
    )
    metres = _HEIGHT_M[class_id]
    moved, deviation = velocity(seen, metres, camera, width)
    if deviation[0] > 2 * TOLD_MPS or deviation[1] > TOLD_MPS:
        return None
    middle = float(path.time_s[rows[0]] + path.time_s[rows[-1]]) / 2.0
    return Passing(middle, moved, deviation, float(np.nanmedian(path.ego_mps[rows])))


def _seen_leaving(
    path: TrackPath, rows: NDArray[np.intp], free: NDArray[np.bool_], camera: GroundCamera, width: int
) -> StretchOdds | None:
    """The same of a thing that is hardly ever seen whole, by its edge that is in the picture."""
    rows = rows[~np.isnan(path.x[rows]) & free[rows, 3]]
    cut = ~free[rows][:, [0, 2]]
    side = int(cut[:, 1].sum() > cut[:, 0].sum())  # 0: the left one
    rows, cut = rows[~cut[:, 1 - side]], cut[~cut[:, 1 - side], side]
    if not _enough(path.time_s[rows]) or np.isnan(path.ego_mps[rows]).any():
        return None
    way, aside, turned = camera_way(path, rows)
    outward = 1.0 if side == 0 else -1.0  # times what is counted to the left
    edge = path.boxes[rows, 2 - 2 * side].astype(float)
    at_edge, at_border = (np.arctan((width / 2 - x) / camera.focal_px) for x in (edge, width * float(side)))
    beside = path.forward[rows] / np.cos(at_border) * np.sin(outward * (at_border + turned))
    seen = Leaving(
        path.time_s[rows],
        way,
        outward * aside,
        outward * (at_edge + turned),
        np.where(cut, beside, np.nan),
    )
    found = velocity_along(seen, camera.focal_px, width)
    if found is None or found[1] > TOLD_MPS:
        return None
    moved, deviation = found
    return StretchOdds(abs(moved), float(rest_odds(np.array([moved]), np.array([deviation]))[0]))
