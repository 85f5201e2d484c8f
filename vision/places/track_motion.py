"""What smoothed motion says of tracks in the world: velocities and headings with all their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.overlap import Boxes
from vision.places.smoothing import Smoothed, squared_deviations
from vision.places.velocity_odds import CREEP_MPS

EGO_SCALE: Final = 0.12  # relative error of the camera's speed against distances by the foot row
SURE: Final = 9.0  # squared standard deviations from which a velocity is not zero
HEADING_TOLD_RAD: Final = 0.5
TINY_MPS: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Headings:
    """(N,) radians counterclockwise from +x, and standard uncertainty; NaN where motion does not tell."""

    angle: Floats
    std: Floats


@dataclass(frozen=True, slots=True)
class View:
    """(N,) from where rows were seen: the camera's heading and speed in the local frame, the direction and distance of
    the line of sight to the road point there. `camera`: its optics.
    """

    heading: Floats
    ego_mps: Floats
    sight: Floats
    away_m: Floats
    camera: GroundCamera


def foot_error_px(high: Floats) -> Floats:
    """(N,) standard uncertainty of the lower edges of boxes so many pixels high, by a detector's errors."""
    return 1.5 + 0.03 * high


def foot_std(away: Floats, high: Floats, camera: GroundCamera) -> Floats:
    """(N,) metres by which such an error makes distances wrong, of boxes `high` pixels high."""
    return np.asarray(away**2 / (camera.focal_px * camera.height_m) * foot_error_px(high))


def point_covariance(boxes: Boxes, view: View) -> Floats:
    """(N, 2, 2) covariance in the local frame of road points below boxes (N, 4), by the detector's errors alone."""
    wide, high = (boxes[:, 2] - boxes[:, 0]).astype(float), (boxes[:, 3] - boxes[:, 1]).astype(float)
    along = foot_std(view.away_m, high, view.camera)
    across = view.away_m / view.camera.focal_px * (1.0 + 0.04 * wide)
    ahead = directions(view.sight)
    return spread_along(along, ahead) + spread_along(across, np.stack([-ahead[:, 1], ahead[:, 0]], axis=1))


def with_systematic(smoothed: Smoothed, view: View, rests: NDArray[np.bool_]) -> Smoothed:
    """The same with the errors that all of a track's sightings share. Of rows (N,) that rest nothing is added: they are
    known to stand.

    Along the line of sight, the way between two sightings is wrong by a share that grows with the distance where the
    road is inclined against the plane under the camera: with `forward = focal_px * height_m / (y - horizon_y)`, an
    angle `a` between them changes the rate of `forward` by `2 * a * forward / height_m` of itself.
    """
    ahead, sight = directions(view.heading), directions(view.sight)
    ego = EGO_SCALE * np.nan_to_num(view.ego_mps)
    relative = smoothed.mean[:, 2:] - np.nan_to_num(view.ego_mps)[:, None] * ahead
    slope = (
        2
        * view.camera.pitch_std
        * np.nan_to_num(view.away_m)
        / view.camera.height_m
        * np.abs((relative * sight).sum(axis=1))
    )
    added = spread_along(ego, ahead) + spread_along(slope, sight) + CREEP_MPS**2 * np.eye(2)
    covariance = smoothed.covariance.copy()
    covariance[:, 2:, 2:] += np.where(rests[:, None, None], 0.0, added)
    return Smoothed(smoothed.mean, covariance)


def headings(smoothed: Smoothed, rests: NDArray[np.bool_]) -> Headings:
    """Directions of motion, where the velocity is surely not zero and its direction is known well enough."""
    velocity, covariance = smoothed.mean[:, 2:], smoothed.covariance[:, 2:, 2:]
    speed = np.maximum(np.hypot(velocity[:, 0], velocity[:, 1]), TINY_MPS)
    aside = np.stack([-velocity[:, 1], velocity[:, 0]], axis=1) / speed[:, None]
    std = np.sqrt(np.einsum("ni,nij,nj->n", aside, covariance, aside).clip(0)) / speed
    moves = ~rests & np.isfinite(speed)
    moves[moves] = squared_deviations(velocity[moves], covariance[moves]) > SURE
    told = moves & (std <= HEADING_TOLD_RAD)
    return Headings(np.where(told, np.arctan2(velocity[:, 1], velocity[:, 0]), np.nan), np.where(told, std, np.nan))


def directions(angle: Floats) -> Floats:
    """(N, 2) unit vectors."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def spread_along(deviation: Floats, direction: Floats) -> Floats:
    """(N, 2, 2) covariance of an error in one direction (N, 2)."""
    return deviation[:, None, None] ** 2 * direction[:, :, None] * direction[:, None, :]


def held(found: Headings, first: NDArray[np.intp]) -> Headings:
    """With gaps filled by the last heading told of the same track, or the first: what has wheels does not turn on the
    spot. `first`: (T,) row at which each track begins.
    """
    rows = np.arange(len(found.angle))
    track = np.searchsorted(first, rows, side="right") - 1
    told = np.isfinite(found.angle)
    last = np.maximum.accumulate(np.where(told, rows, -1))
    following = np.minimum.accumulate(np.where(told, rows, len(rows))[::-1])[::-1]
    start, end = first[track], np.append(first[1:], len(rows))[track]
    source = np.where(last >= start, last, np.where(following < end, following, rows))
    return Headings(found.angle[source], found.std[source])
