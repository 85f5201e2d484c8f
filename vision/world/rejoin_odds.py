"""How much more likely two tracks are one thing than two, by all that is seen of both.

A thing either stands or moves on as it did (nearly constant velocity). By each supposition every sighting foretells the
next: the density at which it is then found there, multiplied over all of them, is how likely they are (the prediction
error decomposition: Schweppe, "Evaluation of likelihood functions for Gaussian signals", IEEE Transactions on
Information Theory 1965). Against the later track going on the earlier one stands that another thing begins there, one
in every place where such a thing finds room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import LITTER, STREET_CLASSES, VEHICLES
from vision.appearance import likeness
from vision.log import Floats
from vision.places.smoothing import STANDING_MPS, corrected, predict, squared_deviations
from vision.places.track_motion import directions, spread_along
from vision.world.states import START, WANDER
from vision.world.trails import Trails

SIGHTINGS: Final = 16  # of either track, nearest to the other; what is farther away in time is put off by the road
RETURNS_S: Final = 5.0  # mean time for which a thing that comes back is not seen
FORESEEN_S: Final = 5.0  # for which what moves is foreseen
# Ground that a thing takes up with the gaps around it, square metres: a car of 4.3 x 1.8 m keeps 1 m all around.
ROOM_M2: Final = {"person": 1.0, "bicycle": 2.5, "motorcycle": 2.5, "car": 15.0, "bus": 40.0, "truck": 30.0}
_WASTE_ROOM_M2: Final = 0.5
_ROOM: Final = np.array([ROOM_M2.get(name, _WASTE_ROOM_M2) for name in STREET_CLASSES])
_STANDS: Final = np.array([1.0 if name in LITTER else 0.5 for name in STREET_CLASSES])  # before anything is seen
NEVER: Final = 1e-300  # a probability whose logarithm is finite
# A detector's errors go on from frame to frame: so many times the variance of a sighting counts. On simulated drives
# 2000-2031 and 2064-2095 cars' switches and the further cars in one track are 402 with 2, 409 with 1.5, 425 with 3.
DEPENDENT: Final = 2.0
TAILS: Final = 4.0  # degrees of freedom of Student's distribution of errors
# A thing is seen from another side, or partly hidden, when it was not seen for longer than `BLINK_S`: its middle is off
# across the line of sight, metres after a second, growing with the root of time. The same drives have 409 such errors
# with 1.0 m, 401 with 0.4 m.
PART_M: Final = 0.6
PART_S: Final = 4.0
BLINK_S: Final = 0.35
FOOT_M: Final = 0.3  # and its box then ends a little elsewhere
_LONG: Final = np.array([name in VEHICLES for name in STREET_CLASSES])
WAY: Final = 0.06  # relative error of the camera's way between two sightings
SLOPE_RAD: Final = 0.006  # of the road where a thing is, against the plane under the camera


@dataclass(frozen=True, slots=True)
class _Belief:
    """Of H suppositions: `mean` (H, 4) x, y, vx, vy and `covariance` (H, 4, 4) at the last `row` (H,) whose place is
    known, -1 none; `log_density`: (H,) of all rows but the first.
    """

    mean: Floats
    covariance: Floats
    row: NDArray[np.intp]
    log_density: Floats

    def __getitem__(self, rows: NDArray[np.intp]) -> _Belief:
        return _Belief(self.mean[rows], self.covariance[rows], self.row[rows], self.log_density[rows])


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of T tracks, if they stand and if they move.

    Attributes:
        begins: (T, SIGHTINGS) their first rows, -1 where there are fewer.
        last, first: what is believed after the last rows of each, and after the first.
    """

    trails: Trails
    begins: NDArray[np.intp]
    last: tuple[_Belief, _Belief]
    first: tuple[_Belief, _Belief]


def ends_of(trails: Trails) -> Ends:
    ends, begins = _nearest(trails, last=True), _nearest(trails, last=False)

    def seen(rows: NDArray[np.intp], stands: bool) -> _Belief:
        return _seen(_unseen(len(rows)), rows, trails, trails.class_id, stands)

    return Ends(trails, begins, (seen(ends, True), seen(ends, False)), (seen(begins, True), seen(begins, False)))


def log_odds(ends: Ends, before: NDArray[np.intp], later: NDArray[np.intp]) -> Floats:
    """(P,) logarithms of the odds of each pair of tracks that the later one goes on as the earlier one, against another
    thing that begins there; -inf where no place of either is known.
    """
    trails = ends.trails
    gap = trails.gap_s(before, later)
    alone, following, both = [], [], []
    for stands, last, first in zip((True, False), ends.last, ends.first, strict=True):
        prior = np.log(np.maximum(_STANDS if stands else 1 - _STANDS, NEVER))[trails.class_id]
        pair = _seen(last[before], ends.begins[later], trails, trails.class_id[before], stands)
        alone.append((prior + last.log_density)[before])
        following.append((prior + first.log_density)[later])
        foreseen = stands | (gap <= FORESEEN_S)
        both.append(np.where(foreseen, prior[before] + pair.log_density, -np.inf))
    told = (ends.last[0].row >= 0)[before] & (ends.first[0].row >= 0)[later]
    room = np.log(_ROOM[trails.class_id[later]])
    apart = np.logaddexp(*alone) + np.logaddexp(*following)
    alike = likeness.log_odds(np.linalg.norm(trails.ends[before] - trails.begins[later], axis=1), gap)
    return np.where(told, room - gap / RETURNS_S + np.logaddexp(*both) - apart + alike, -np.inf)


def _nearest(trails: Trails, last: bool) -> NDArray[np.intp]:
    """(T, SIGHTINGS) the last or first rows of tracks, in order of time; -1 where there are fewer."""
    step = np.arange(SIGHTINGS)
    rows = trails.last[:, None] - step[::-1] if last else trails.first[:, None] + step
    inside = (rows >= trails.first[:, None]) & (rows <= trails.last[:, None])
    return np.where(inside, rows, -1)


def _unseen(count: int) -> _Belief:
    return _Belief(np.zeros((count, 4)), np.zeros((count, 4, 4)), np.full(count, -1, np.intp), np.zeros(count))


def _seen(belief: _Belief, rows: NDArray[np.intp], trails: Trails, class_id: NDArray[np.intp], stands: bool) -> _Belief:
    """What is believed after some more rows (H, K), -1 for none. `class_id`: (H,) of the tracks."""
    belief = replace(belief, **{name: getattr(belief, name).copy() for name in _Belief.__slots__})
    start = np.where(stands, STANDING_MPS, START[class_id])
    wander = np.where(stands, STANDING_MPS**2, WANDER[class_id])
    for step in rows.T:
        known = (step >= 0) & np.isfinite(trails.place[step, 0])
        new, on = np.flatnonzero(known & (belief.row < 0)), np.flatnonzero(known & (belief.row >= 0))
        belief.mean[new, :2] = trails.place[step[new]]
        belief.covariance[new, :2, :2] = trails.covariance[step[new]] * DEPENDENT
        belief.covariance[new, 2, 2] = belief.covariance[new, 3, 3] = start[new] ** 2
        found = _found(belief[on], step[on], trails, wander[on], _LONG[class_id[on]])
        belief.mean[on], belief.covariance[on] = found.mean, found.covariance
        belief.log_density[on] = found.log_density
        belief.row[known] = step[known]
    return belief


def _found(belief: _Belief, rows: NDArray[np.intp], trails: Trails, wander: Floats, long: NDArray[np.bool_]) -> _Belief:
    """What is believed of things that were seen before, after one more row (H,) each."""
    gap = trails.time_s[rows] - trails.time_s[belief.row]
    mean, covariance = predict(belief.mean, belief.covariance, gap, wander)
    covariance[:, :2, :2] += _drift(belief.row, rows, trails, long)
    off, noise = trails.place[rows] - mean[:, :2], trails.covariance[rows] * DEPENDENT
    spread = covariance[:, :2, :2] + noise
    far = squared_deviations(off, spread)
    mean, covariance = corrected(mean, covariance, off, noise, far)
    density = -np.log(2 * np.pi) - np.linalg.slogdet(spread)[1] / 2 - (TAILS + 2) / 2 * np.log1p(far / TAILS)
    return _Belief(mean, covariance, rows, belief.log_density + density)


def _drift(before: NDArray[np.intp], rows: NDArray[np.intp], trails: Trails, long: NDArray[np.bool_]) -> Floats:
    """(H, 2, 2) covariance by which the places of one thing at two rows are off against each other.

    An inclined road puts places off by `slope * away^2 / height` along the line of sight.
    """
    gap, sight = trails.time_s[rows] - trails.time_s[before], trails.sight[rows]
    slope = SLOPE_RAD * np.abs(trails.away_m[rows] ** 2 - trails.away_m[before] ** 2) / trails.camera.height_m
    again = gap > BLINK_S
    part = PART_M * np.sqrt(np.minimum(gap, PART_S)) * (long & again)
    way = WAY * np.nan_to_num(trails.way_m[rows] - trails.way_m[before])
    both = (way**2 + FOOT_M**2 * again)[:, None, None] * np.eye(2)
    return spread_along(slope, directions(sight)) + spread_along(part, directions(sight + np.pi / 2)) + both
