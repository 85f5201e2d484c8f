"""How far away tracked things are: by their foot, by their size, and by how both change on the way to them.

The row of a foot tells a distance if the road under the thing lies in the plane under the camera. It does not quite: it
lies lower or higher, which is wrong by one share at all distances, and slopes, which is wrong by a share that grows
with the distance. How tall a thing appears tells its distance if it is as tall as its kind. What stands tells it once
more: on the way to it distances shrink by that way. All of it is linear in the logarithms of distances,

    by foot = distance - lie - slope * distance / camera height,    by size = distance - tallness,

so the three errors of a track have a Gaussian posterior given all its sightings (Aitken 1935; Bishop, "Pattern
Recognition and Machine Learning", 2006, section 3.3). What moves has a distance of its own at each look, of which the
difference of the two says nothing; what stands has one place in the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from vision.log import Floats, GroundCamera
from vision.overlap import whole
from vision.rest import EDGE_PX as BORDER_PX
from vision.rest_passing import EGO, HEIGHT, HORIZON, NOD_RAD, SCALE, WANDER_M, WANDER_S, alike, edge_error, lasting
from vision.sizes import TYPICAL
from vision.track_path import TrackPath, camera_way

# Two-wheelers are boxed with their riders or without; waste is as tall as it is.
SIZED: Final = {CLASS_ID[name]: TYPICAL[name].mean[2] for name in ("person", "car", "bus", "truck")}
UNSIZED: Final = 3.0  # uncertainty of a height that nothing is known of, as a logarithm
MOST: Final = 16  # sightings, spread over all; more tell little more, as their errors are alike
LEAST_WAY_M: Final = 3.0  # of the camera, for distances to shrink
FEWEST: Final = 3
LEAST_FORTH: Final = 0.2  # what is seen across the way says little of where along it
NEAREST_M: Final = 1.0
ROUNDS: Final = 5
LONGEST_ROUND: Final = (10.0, 0.2, 0.02, 0.3, 0.05)  # of place, lie, slope, tallness and way, against overshooting
USUAL_OFF: Final = 2.0  # standard deviations from which a sighting is doubted
USUAL: Final = 0.05  # of a distance beside what its edge is off: what is not thought of here
TINY: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Ranges:
    """(N,) of a track's sightings.

    Attributes:
        factor: the distance over that by the foot alone.
        log_std: standard uncertainty of its logarithm by how the road lies.
    """

    factor: Floats
    log_std: Floats


@dataclass(frozen=True, slots=True)
class _Sights:
    """(M,) sightings that tell: of things that are whole in the picture.

    Attributes:
        by_foot, by_size: logarithms of distances in metres.
        reach: distance over the camera's height: how much a slope matters.
        foot_error, size_error: of these logarithms by an error of an edge. nod_error: by the camera's nodding.
    """

    rows: NDArray[np.intp]
    time_s: Floats
    by_foot: Floats
    by_size: Floats
    reach: Floats
    foot_error: Floats
    size_error: Floats
    nod_error: Floats


@dataclass(frozen=True, slots=True)
class _Way:
    """(M,) of the camera, metres along the way from its middle; metres along it per metre ahead of the camera."""

    along: Floats
    forth: Floats


def ranges(path: TrackPath, class_id: int, stands: bool, camera: GroundCamera, size: tuple[int, int]) -> Ranges:
    """How far a track is at each sighting, for a camera that drives.

    Args:
        stands: whether it is known to have stood while it was seen.
        size: width and height of the picture.
    """
    sized = class_id in SIZED
    sights = _sights(path, SIZED.get(class_id, 1.0), camera, size)
    usual = np.array([SCALE, HORIZON * camera.pitch_std, HEIGHT if sized else UNSIZED])
    mean, covariance = np.zeros(3), np.diag(usual**2)
    way = _way(path, sights.rows, camera) if stands else None
    if way is not None:
        mean, covariance = _by_way(sights, way, usual)
    elif sized and len(sights.rows):
        mean, covariance = _by_size(sights, usual)
    reach = path.forward / camera.height_m
    by = np.stack([np.ones(len(reach)), reach], axis=1)
    log_std = np.sqrt(np.einsum("ni,ij,nj->n", by, covariance[:2, :2], by))
    return Ranges(np.exp(by @ mean[:2]), log_std)


def by_foot(path: TrackPath, camera: GroundCamera) -> Ranges:
    """As the row of the foot alone tells it."""
    return Ranges(np.ones(len(path.forward)), camera.pitch_std * path.forward / camera.height_m)


def _sights(path: TrackPath, metres: float, camera: GroundCamera, size: tuple[int, int]) -> _Sights:
    rows = np.flatnonzero(np.isfinite(path.x) & whole(path.boxes, size, BORDER_PX))
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST, len(rows))).round().astype(np.intp))]
    foot, high = path.forward[rows], _heights(path.boxes[rows].astype(float), camera)
    below = camera.focal_px * camera.height_m / foot
    edge = edge_error(high, size[0])
    return _Sights(
        rows,
        path.time_s[rows],
        np.log(foot),
        np.log(camera.focal_px * metres / high),
        foot / camera.height_m,
        edge / below,
        edge / high,
        NOD_RAD * camera.focal_px / below,
    )


def _heights(boxes: Floats, camera: GroundCamera) -> Floats:
    """(M,) of boxes in a level pinhole's pixels."""
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    top, foot = (camera.level(np.stack([middle, boxes[:, row]], axis=1))[:, 1] for row in (1, 3))
    return np.maximum(foot - top, 2.0)


def _way(path: TrackPath, rows: NDArray[np.intp], camera: GroundCamera) -> _Way | None:
    """None where the camera hardly moved."""
    if len(rows) < FEWEST:
        return None
    along, _, turned = camera_way(path, rows, camera)
    if not np.ptp(along) > LEAST_WAY_M:
        return None
    oblique = path.left(camera)[rows] / path.forward[rows]
    return _Way(along - along.mean(), np.maximum(np.cos(turned) - oblique * np.sin(turned), LEAST_FORTH))


def _by_size(sights: _Sights, usual: Floats) -> tuple[Floats, Floats]:
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


def _by_way(sights: _Sights, way: _Way, usual: Floats) -> tuple[Floats, Floats]:
    """The same of what stands, with its place along the way and how much too long the way is told as unknowns more.

    By Gauss and Newton's method; what is found much too far off counts less (Huber 1964).
    """
    middle = float(np.median(way.forth * np.exp(sights.by_foot) + way.along))
    found = np.array([max(middle, way.along.max() + NEAREST_M), 0.0, 0.0, 0.0, 0.0])
    sure = np.diag(np.append(0.0, np.append(usual, EGO) ** -2.0))
    for _ in range(ROUNDS):
        ahead = np.maximum(found[0] - way.along * (1.0 + found[4]), NEAREST_M)
        distance = np.log(ahead / way.forth)
        off_foot = sights.by_foot - distance + found[1] + found[2] * sights.reach
        off_size = sights.by_size - distance + found[3]
        noise = _noise(sights, np.exp(distance), off_foot, off_size)
        by = _slopes(sights, way, ahead)
        weighted = np.linalg.solve(noise, np.column_stack([by, np.append(off_foot, off_size)]))
        normal = by.T @ weighted[:, :5] + sure
        found = found + np.clip(
            np.linalg.solve(normal, by.T @ weighted[:, 5] - sure @ found), *(np.outer([-1, 1], LONGEST_ROUND))
        )
    return found[1:4], np.asarray(np.linalg.inv(normal))[1:4, 1:4]


def _slopes(sights: _Sights, way: _Way, ahead: Floats) -> Floats:
    """(2 M, 5) of the distances by foot, then by size, in place, lie, slope, tallness and way."""
    one, zero = np.ones(len(ahead)), np.zeros(len(ahead))
    near = 1.0 / ahead
    foot = np.stack([near, -one, -sights.reach, zero, -way.along * near], axis=1)
    size = np.stack([near, zero, zero, -one, -way.along * near], axis=1)
    return np.concatenate([foot, size])


def _noise(sights: _Sights, metres: Floats, off_foot: Floats, off_size: Floats) -> Floats:
    """(2 M, 2 M) covariance of the distances by foot, then by size: by errors of both edges, of which the lower one's
    makes both wrong alike, by where along the thing its foot is seen, and by the camera's nodding.
    """
    foot, size = sights.foot_error, sights.size_error
    foot = foot * np.maximum(1.0, np.abs(off_foot) / (USUAL_OFF * np.hypot(foot, USUAL)))
    size = size * np.maximum(1.0, np.abs(off_size) / (USUAL_OFF * np.hypot(size, USUAL)))
    edge, both, wander = alike(sights.time_s), np.append(foot, size), np.tile(WANDER_M[0] / metres, 2)
    covariance = np.tile(edge, (2, 2)) * np.outer(both, both)
    covariance[len(foot) :, len(foot) :] += edge * np.outer(size, size)
    covariance += np.tile(lasting(sights.time_s, WANDER_S), (2, 2)) * np.outer(wander, wander)
    return np.asarray(covariance + np.diag(np.append(sights.nod_error**2, np.zeros(len(foot))) + TINY))
