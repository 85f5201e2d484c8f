"""Where a thing stands that a camera drives past: the one place that all its sightings tell.

On the way to it distances shrink by that way, and its direction turns: with the distances by foot and by size, which
are wrong as `vision.places.ranging` says, three equations a sighting. Their unknowns are the place along the way and
beside it, lie, slope, tallness, how much too long the way is told, and where the camera looks against where it drives.
Solved by Gauss and Newton's method under the covariance of all the errors (Aitken 1935); what is found much too far off
counts less (Huber 1964).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.places.range_sights import RangeSights
from vision.places.rest_passing import EGO, NEAREST_M, USUAL_OFF, WANDER_M, WANDER_S, YAW_RAD, alike, lasting
from vision.places.track_path import TrackPath, camera_way, onward

LEAST_WAY_M: Final = 3.0  # of the camera, for distances to shrink
FEWEST: Final = 3
ROUNDS: Final = 5
LONGEST_ROUND: Final = np.array([10.0, 0.2, 0.02, 0.3, 0.05, 10.0, 0.05])  # of the unknowns, against overshooting
USUAL: Final = 0.05  # of a distance beside what its edge is off: what is not thought of here
TINY: Final = 1e-6
ALONG, LIE, SLOPE, TALLNESS, WAY, ASIDE, YAW = range(7)  # the unknowns


@dataclass(frozen=True, slots=True)
class Way:
    """(N,) of the camera at a track's sightings, along its way and to the left of that, from anywhere.

    Attributes:
        along, aside: metres of the camera itself. forth, sideways: metres to what is seen, per metre ahead of it.
    """

    along: Floats
    aside: Floats
    forth: Floats
    sideways: Floats


@dataclass(frozen=True, slots=True)
class StandingPlace:
    """`along`: metres along the way. `too_long`: how much too long the way is told, as a share. `covariance`: (2, 2) of
    these.
    """

    along: float
    too_long: float
    covariance: Floats

    def ahead(self, way: Way) -> Floats:
        """(N,) metres along the way from the camera to there, never less than `NEAREST_M`."""
        return np.maximum(self.along - way.along * (1.0 + self.too_long), NEAREST_M)


def way_past(path: TrackPath, rows: NDArray[np.intp]) -> Way | None:
    """The camera's way at all sightings; None where it hardly moved between `rows`."""
    if len(rows) < FEWEST:
        return None
    along, aside, turned = camera_way(path, np.arange(len(path.time_s)))
    if not np.ptp(along[rows]) > LEAST_WAY_M:
        return None
    middle = rows[len(rows) // 2]
    return Way(along - along[middle], aside - aside[middle], *onward(path.left / path.forward, turned))


def standing_place(sights: RangeSights, way: Way, usual: Floats) -> StandingPlace:
    """`usual`: (3,) standard deviations of lie, slope and tallness."""
    way = Way(*(getattr(way, name)[sights.rows] for name in Way.__slots__))
    far = np.exp(sights.by_foot)
    found = np.zeros(7)
    found[ALONG] = max(float(np.median(way.forth * far + way.along)), float(way.along.max()) + NEAREST_M)
    found[ASIDE] = np.median(way.aside + way.sideways * far)
    sure = np.zeros(7)
    sure[LIE : TALLNESS + 1], sure[WAY], sure[YAW] = usual**-2.0, EGO**-2.0, YAW_RAD**-2.0
    for _ in range(ROUNDS):
        off, slopes, noise = _equations(sights, way, found)
        weighted = np.linalg.solve(noise, np.column_stack([slopes, off]))
        normal = slopes.T @ weighted[:, :7] + np.diag(sure)
        change = np.linalg.solve(normal, slopes.T @ weighted[:, 7] - sure * found)
        found = found + np.clip(change, -LONGEST_ROUND, LONGEST_ROUND)
    told = np.ix_([ALONG, WAY], [ALONG, WAY])
    return StandingPlace(float(found[ALONG]), float(found[WAY]), np.asarray(np.linalg.inv(normal))[told])


def _equations(sights: RangeSights, way: Way, found: Floats) -> tuple[Floats, Floats, Floats]:
    """(3 M,) what distances by foot, by size and directions are off, (3 M, 7) its slopes, (3 M, 3 M) its covariance."""
    ahead = np.maximum(found[ALONG] - way.along * (1.0 + found[WAY]), NEAREST_M)
    metres, near, one = ahead / way.forth, 1.0 / ahead, np.ones(len(ahead))
    direction = (found[ASIDE] - way.aside) / metres
    off_foot = sights.by_foot - np.log(metres) + found[LIE] + found[SLOPE] * sights.reach
    off_size = sights.by_size - np.log(metres) + found[TALLNESS]
    off_side = way.sideways - direction - found[YAW]
    foot, size, side = slopes = np.zeros((3, len(ahead), 7))
    foot[:, ALONG] = size[:, ALONG] = near
    foot[:, WAY] = size[:, WAY] = -way.along * near
    foot[:, LIE], foot[:, SLOPE], size[:, TALLNESS] = -one, -sights.reach, -one
    side[:, ALONG], side[:, WAY] = -direction * near, direction * way.along * near
    side[:, ASIDE], side[:, YAW] = 1.0 / metres, one
    off = np.concatenate([off_foot, off_size, off_side])
    return off, slopes.reshape(-1, 7), _noise(sights, metres, (off_foot, off_size, off_side))


def _noise(sights: RangeSights, metres: Floats, off: tuple[Floats, Floats, Floats]) -> Floats:
    """By errors of the boxes' edges, of which the lower one's makes both distances wrong alike, by where along and
    across the thing its foot is seen, and by the camera's nodding.
    """
    count, (along, across) = len(metres), (WANDER_M[0] / metres, WANDER_M[1] / metres)
    foot = _doubted(sights.foot_error, off[0], np.full(count, USUAL))
    size = _doubted(sights.size_error, off[1], np.full(count, USUAL))
    side = _doubted(sights.side_error, off[2], across)
    edge, wander = alike(sights.time_s), lasting(sights.time_s, WANDER_S)
    covariance = np.zeros((3, count, 3, count))
    for row, column, this, other in ((0, 0, foot, foot), (0, 1, foot, size), (1, 0, size, foot), (1, 1, size, size)):
        covariance[row, :, column] = edge * np.outer(this, other) + wander * np.outer(along, along)
    covariance[1, :, 1] += edge * np.outer(size, size)  # the upper edge's
    covariance[2, :, 2] = edge * np.outer(side, side) + wander * np.outer(across, across)
    alone = np.concatenate([sights.nod_error**2, np.zeros(2 * count)]) + TINY
    return covariance.reshape(3 * count, 3 * count) + np.diag(alone)


def _doubted(error: Floats, off: Floats, beside: Floats) -> Floats:
    """Larger errors of what is off by more than they and what is `beside` them explain."""
    return error * np.maximum(1.0, np.abs(off) / (USUAL_OFF * np.hypot(error, beside)))
