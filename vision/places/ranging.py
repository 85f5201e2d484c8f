"""How far away tracked things are: by their foot, by their size, and by how both change on the way to them.

The row of a foot tells a distance if the road under the thing lies in the plane under the camera. It does not quite: it
lies lower or higher, which is wrong by one share at all distances, and slopes, which is wrong by a share that grows
with the distance. How tall a thing appears tells its distance if it is as tall as its kind:

    log by foot = log distance - lie - slope * distance / camera height,    log by size = log distance - tallness.

The three errors of a track have a Gaussian posterior given all its sightings (Aitken 1935; Bishop, "Pattern Recognition
and Machine Learning", 2006, section 3.3). What moves has a distance of its own at each look, of which the difference of
the two says nothing: its distances are those by foot, put right. What stands has one place in the world, which the way
of the camera towards it tells once more (`vision.places.standing_place`): its distances are those to there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats, GroundCamera
from vision.places.range_sights import SIZED, RangeSights, range_sights
from vision.places.rest_passing import HEIGHT, HORIZON, SCALE, WANDER_M, alike
from vision.places.standing_place import TINY, StandingPlace, Way, standing_place, way_past
from vision.places.track_path import TrackPath

UNSIZED: Final = 3.0  # uncertainty of a height that nothing is known of, as a logarithm


@dataclass(frozen=True, slots=True)
class Ranges:
    """(N,) of a track's sightings.

    Attributes:
        distance: metres ahead of the point where the thing's foot is seen.
        log_std: standard uncertainty of its logarithm, beside that of the camera's scale and of reading this very foot.
    """

    distance: Floats
    log_std: Floats


def ranges(path: TrackPath, class_id: int, stands: bool, camera: GroundCamera, size: tuple[int, int]) -> Ranges:
    """How far a track is at each sighting, for a camera that drives.

    Args:
        stands: whether it is known to have stood while it was seen.
        size: width and height of the picture.
    """
    sized = class_id in SIZED
    usual = np.array([SCALE, HORIZON * camera.pitch_std, HEIGHT if sized else UNSIZED])
    errors = np.zeros(3), np.diag(usual**2)
    if sized or stands:
        sights = range_sights(path, class_id, camera, size)
        way = way_past(path, sights.rows) if stands else None
        if way is not None:
            return _to_one_place(way, standing_place(sights, way, usual))
        if sized and len(sights.rows):
            errors = _by_size(sights, usual)
    return _put_right(path, camera, *errors)


def by_foot(path: TrackPath, camera: GroundCamera) -> Ranges:
    """As the row of the foot alone tells it."""
    return Ranges(path.forward, camera.pitch_std * path.forward / camera.height_m)


def _put_right(path: TrackPath, camera: GroundCamera, mean: Floats, covariance: Floats) -> Ranges:
    """`mean, covariance`: of lie, slope and tallness."""
    reach = path.forward / camera.height_m
    by = np.stack([np.ones(len(reach)), reach], axis=1)
    return Ranges(path.forward * np.exp(by @ mean[:2]), _std(by, covariance[:2, :2]))


def _to_one_place(way: Way, place: StandingPlace) -> Ranges:
    ahead = place.ahead(way)
    distance = ahead / way.forth
    along = _std(np.stack([1.0 / ahead, -way.along / ahead], axis=1), place.covariance)
    return Ranges(distance, np.hypot(along, WANDER_M[0] / distance))


def _by_size(sights: RangeSights, usual: Floats) -> tuple[Floats, Floats]:
    """(3,) lie, slope and tallness, and their covariance, by the difference of the two distances.

    An error of the lower edge makes both wrong, in the same direction.
    """
    error = np.hypot(sights.size_error - sights.foot_error, sights.size_error)
    noise = alike(sights.time_s) * np.outer(error, error) + np.diag(sights.nod_error**2 + TINY)
    count = len(sights.rows)
    by = np.stack([np.ones(count), sights.reach, -np.ones(count)], axis=1)
    weighted = np.linalg.solve(noise, np.column_stack([by, sights.by_size - sights.by_foot]))
    covariance = np.linalg.inv(by.T @ weighted[:, :3] + np.diag(usual**-2.0))
    return covariance @ (by.T @ weighted[:, 3]), covariance


def _std(slopes: Floats, covariance: Floats) -> Floats:
    """(N,) standard uncertainties of sums (N, K) of unknowns (K, K)."""
    return np.asarray(np.sqrt(np.einsum("ni,ij,nj->n", slopes, covariance, slopes)))
