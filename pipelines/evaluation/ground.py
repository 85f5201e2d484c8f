"""Places and speeds in metres, against drives where they were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.evaluation.drive_truth import DriveTruth, VehicleSight
from pipelines.evaluation.follow import tracks_of
from vision.log import ObservationLog

FARTHEST_M: Final = 40.0
_ROLLS_MPS: Final = 2.0  # below, a speed's relative error says nothing


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """Of road points seen up to `FARTHEST_M` away. Medians; NaN without sights.

    Attributes:
        error_m, error_share: how far off, in metres and as a share of the true distance.
        too_far_share: how much too far away (positive) or too near: what remains of it is the scale's error.
    """

    sights: int
    error_m: float
    error_share: float
    too_far_share: float


@dataclass(frozen=True, slots=True)
class SpeedScore:
    """Of the camera's speed at the frames looked at, and of vehicles' over ground. NaN where nothing is told.

    Attributes:
        error_mps, error_share: median; the share where the camera does 2 m/s and more.
        distance_share: length of the way by the log, over the true one.
        vehicles: those whose speed is known and told. vehicle_error_mps: median.
    """

    error_mps: float
    error_share: float
    distance_share: float
    vehicles: int
    vehicle_error_mps: float


def score_places(sights: Sequence[VehicleSight], rows: NDArray[np.intp], log: ObservationLog) -> PlaceScore:
    """`rows`: what `follow` found. Against the road point below the middle of a perfect box's lower edge."""
    pairs = [(sight.foot, row) for sight, row in zip(sights, rows, strict=True) if row >= 0 and sight.whole]
    true = np.array([foot for foot, _ in pairs], float).reshape(-1, 2)
    shown = np.array([row for _, row in pairs], np.intp)
    told = np.stack([log.observations.forward_m[shown], log.observations.left_m[shown]], axis=1)
    known = np.isfinite(told).all(axis=1) & (true[:, 0] > 0) & (np.hypot(*true.T) <= FARTHEST_M)
    true, told = true[known], told[known]
    away, error = np.hypot(*true.T), np.hypot(*(told - true).T)
    return PlaceScore(len(true), _median(error), _median(error / away), _median(np.hypot(*told.T) / away - 1.0))


def score_speeds(
    truth: DriveTruth, sights: Sequence[VehicleSight], rows: NDArray[np.intp], log: ObservationLog
) -> SpeedScore:
    """`rows`: what `follow` found."""
    times, told = log.frames.time_s, log.frames.speed_mps
    true = np.interp(times, truth.ego_s, truth.ego_mps)
    known = np.isfinite(told)
    times, told, true = times[known], told[known], true[known]
    rolls = true >= _ROLLS_MPS
    way = float(np.trapezoid(true, times))
    vehicles = _vehicle_errors(sights, rows, log)
    return SpeedScore(
        _median(np.abs(told - true)),
        _median(np.abs(told - true)[rolls] / true[rolls]),
        float(np.trapezoid(told, times)) / way if way > 0 else float("nan"),
        len(vehicles),
        _median(np.array(vehicles)),
    )


def _vehicle_errors(sights: Sequence[VehicleSight], rows: NDArray[np.intp], log: ObservationLog) -> list[float]:
    speed = dict(zip(log.tracks.track.tolist(), log.tracks.speed_mps.tolist(), strict=True))
    true = {sight.subject: sight.speed_mps for sight in sights}
    errors = []
    for subject, tracks in tracks_of(sights, rows, log).items():
        told = speed[max(sorted(set(tracks)), key=tracks.count)]
        if np.isfinite([told, true[subject]]).all():
            errors.append(abs(told - true[subject]))
    return errors


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else float("nan")
