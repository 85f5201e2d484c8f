"""How much more likely two tracks are one thing than two, by what each does in the world.

The earlier one either stands or moves on as it did (nearly constant velocity). Against that, another thing of its kind
may begin there: one in every place where such a thing finds room, at any of its class's velocities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES, class_ids
from vision.log import Floats, ObservationLog
from vision.places.smoothing import Smoothed, predict, squared_deviations
from vision.places.track_motion import directions, spread_along
from vision.world.states import START, WANDER, Motions, supposed

RETURNS_S: Final = 5.0  # mean time for which a thing that comes back is not seen
FORESEEN_S: Final = 5.0  # for which what moves is foreseen
DOUBT: Final = 0.1  # least probability of either that a track stands or that it moves
# Ground that a thing takes up with the gaps around it, square metres: a car of 4.3 x 1.8 m keeps 1 m all around.
ROOM_M2: Final = {"person": 1.0, "bicycle": 2.5, "motorcycle": 2.5, "car": 15.0, "bus": 40.0, "truck": 30.0}
_WASTE_ROOM_M2: Final = 0.5
_ROOM: Final = np.array([ROOM_M2.get(name, _WASTE_ROOM_M2) for name in STREET_CLASSES])
FOOT_M: Final = 0.3  # a box that is found again ends a little elsewhere on the thing
# Across the line of sight more so of a car that stands, the longer it was hidden: others hide a part of it, or it is
# seen from another side. Metres after a second, growing with the root of time up to half a car's length. On simulated
# drives 2000-2047 0.85 m (a robust standard deviation) within a second, 1.9 m within three.
PART_M: Final = 1.0
PART_S: Final = 4.0
_LONG: Final = class_ids({"car", "bus", "truck"})
WAY: Final = 0.06  # relative error of the camera's way between two sightings
SLOPE_RAD: Final = 0.006  # of the road where a thing stands, against the plane under the camera


@dataclass(frozen=True, slots=True)
class Suppositions:
    """Of T tracks with N rows. `stands`: (T,) logarithms of the probabilities that each stands, and `goes` that it
    moves; `standing`, `moving`: how they move if so.
    """

    stands: Floats
    goes: Floats
    standing: Smoothed
    moving: Smoothed


def suppositions_of(log: ObservationLog, moved: Motions) -> Suppositions:
    at_rest = np.array([track.at_rest for track in moved.tracks], float)
    at_rest = np.where(np.isnan(at_rest), np.where(moved.stood, 1.0, 0.5), at_rest).clip(DOUBT, 1 - DOUBT)
    still, going = supposed(log, moved, True), supposed(log, moved, False)
    return Suppositions(np.log(at_rest), np.log1p(-at_rest), still, going)


def log_odds(
    log: ObservationLog, moved: Motions, suppositions: Suppositions, before: NDArray[np.intp], later: int
) -> Floats:
    """(N,) of each track before going on as a later one, against another thing that begins there."""
    hidden = _gap(log, moved, before, later) / RETURNS_S
    room = np.log(_ROOM[moved.tracks[later].class_id])
    both_stand = suppositions.stands[before] + suppositions.stands[later]
    both_go = suppositions.goes[before] + suppositions.goes[later]
    stands = both_stand + _standing_density(log, moved, suppositions.standing, before, later)
    goes = both_go + _moving_density(log, moved, suppositions.moving, before, later)
    return np.asarray(room - hidden + np.logaddexp(stands, goes))


def _standing_density(
    log: ObservationLog, moved: Motions, standing: Smoothed, before: NDArray[np.intp], later: int
) -> Floats:
    """(N,) logarithm of the density, per square metre, of a later track's place if it is that of one before."""
    last, first, away = moved.last[before], moved.first[later], moved.view.away_m
    covariance = standing.covariance[last][:, :2, :2] + standing.covariance[first, :2, :2]
    nearest = np.array([_nearest(away[moved.first[row] : moved.last[row] + 1]) for row in [*before, later]])
    # An inclined road puts places off by `slope * away^2 / height`: of the same thing less, the nearer it is seen.
    slope = SLOPE_RAD * np.abs(nearest[:-1] ** 2 - nearest[-1] ** 2) / log.meta.ground_camera.height_m
    sight = np.full(len(before), np.nan_to_num(moved.view.sight[first]))
    long = moved.tracks[later].class_id in _LONG
    part = PART_M * np.sqrt(np.minimum(_gap(log, moved, before, later), PART_S)) * long
    covariance = (
        covariance
        + _way_error(log, moved, before, later)
        + spread_along(slope, directions(sight))
        + spread_along(part, directions(sight + np.pi / 2))
    )
    return _log_density(standing.mean[first, :2] - standing.mean[last, :2], covariance)


def _moving_density(
    log: ObservationLog, moved: Motions, moving: Smoothed, before: NDArray[np.intp], later: int
) -> Floats:
    """The same if it goes on as one before: of its place, and of its velocity against that of any other."""
    last, first = moved.last[before], moved.first[later]
    if not np.isfinite(moving.covariance[first]).all():
        return np.full(len(before), -np.inf)
    class_id = np.array([moved.tracks[row].class_id for row in before], np.intp)
    gap = _gap(log, moved, before, later)
    ahead, spread = predict(moving.mean[last], moving.covariance[last], gap, WANDER[class_id])
    spread = spread + moving.covariance[first]
    spread[:, :2, :2] += _way_error(log, moved, before, later)
    spread[:, [2, 3], [2, 3]] += FOOT_M**2
    velocity = moving.mean[None, first, 2:]
    any_other = moving.covariance[None, first, 2:, 2:] + START[moved.tracks[later].class_id] ** 2 * np.eye(2)
    density = _log_density(moving.mean[first] - ahead, spread) - _log_density(velocity, any_other)
    return np.where(gap <= FORESEEN_S, density, -np.inf)


def _gap(log: ObservationLog, moved: Motions, before: NDArray[np.intp], later: int) -> Floats:
    """(N,) seconds from the ends of tracks to where a later one begins."""
    seen = log.observations.time_s[moved.rows]
    return np.asarray(seen[moved.first[later]] - seen[moved.last[before]])


def _way_error(log: ObservationLog, moved: Motions, before: NDArray[np.intp], later: int) -> Floats:
    """(N, 2, 2) covariance of the later track's place against those before by the camera's way and the feet."""
    there, then = (
        log.observations.frame[moved.rows[moved.first[later]]],
        log.observations.frame[moved.rows[moved.last[before]]],
    )
    frames = log.frames
    way = np.hypot(frames.x_m[there] - frames.x_m[then], frames.y_m[there] - frames.y_m[then])
    return spread_along(WAY * way, directions(np.full(len(before), frames.heading_rad[there]))) + FOOT_M**2 * np.eye(2)


def _nearest(away_m: Floats) -> float:
    known = away_m[np.isfinite(away_m)]
    return float(known.min()) if len(known) else np.nan


def _log_density(off: Floats, covariance: Floats) -> Floats:
    """(N,) of normal distributions around zero in K dimensions; -inf where something is unknown."""
    told = np.isfinite(covariance).all(axis=(1, 2)) & np.isfinite(off).all(axis=1)
    density = np.full(len(off), -np.inf)
    size = np.linalg.slogdet(covariance[told])[1] + off.shape[1] * np.log(2 * np.pi)
    density[told] = -0.5 * (squared_deviations(off[told], covariance[told]) + size)
    return density
