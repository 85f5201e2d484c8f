"""The most likely motion of tracks given all their points.

A Kalman filter forward and a Rauch-Tung-Striebel smoother backward (Rauch, Tung & Striebel, AIAA Journal 1965) for
nearly constant velocity: white noise acceleration (Bar-Shalom, Li & Kirubarajan, "Estimation with Applications to
Tracking and Navigation", 2001, section 6.2.2). All tracks take each step together: steps in Python are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats

# A detector's errors go on from frame to frame: a third of the sightings count as independent.
DEPENDENT: Final = 3.0
GATE: Final = 9.0  # squared standard deviations beyond which a point counts less: a foot that something hides
UNKNOWN_PLACE_M: Final = 1000.0
STANDING_MPS: Final = 1e-3  # what stands; not zero, which would make covariances singular
_ROWS_AT_ONCE: Final = 20_000  # 320 bytes each


@dataclass(frozen=True, slots=True)
class Points:
    """Road points of tracks. A track's rows are together and in order of time.

    Attributes:
        first: (T,) row at which each track begins, ascending.
        time_s: (N,). place: (N, 2) local frame, metres; NaN where unknown.
        covariance: (N, 2, 2) of the places' errors that change from sighting to sighting, square metres.
    """

    first: NDArray[np.intp]
    time_s: Floats
    place: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Agility:
    """(T,) how tracks may move: `start_mps` standard deviation of velocity at first sight, `wander` power density of
    the acceleration, m^2/s^3: velocity changes by its square root within a second.
    """

    start_mps: Floats
    wander: Floats


@dataclass(frozen=True, slots=True)
class Smoothed:
    """`mean`: (N, 4) x, y, vx, vy in the local frame, NaN for tracks without any place. `covariance`: (N, 4, 4)."""

    mean: Floats
    covariance: Floats


def agility(starts_mps: Floats, wander: Floats, stood: NDArray[np.bool_]) -> Agility:
    """(T,) that of each track, of which some stood."""
    return Agility(np.where(stood, STANDING_MPS, starts_mps), np.where(stood, STANDING_MPS**2, wander))


def smooth(points: Points, moves: Agility) -> Smoothed:
    """Most likely motion of each track given all its points."""
    parts = [_smoothed(part, move) for part, move in _portions(points, moves)]
    return Smoothed(
        np.concatenate([np.zeros((0, 4)), *(part.mean for part in parts)]),
        np.concatenate([np.zeros((0, 4, 4)), *(part.covariance for part in parts)]),
    )


def _portions(points: Points, moves: Agility) -> Iterator[tuple[Points, Agility]]:
    """Consecutive tracks of about `_ROWS_AT_ONCE` rows together."""
    portion = points.first // _ROWS_AT_ONCE
    ends = np.append(points.first[1:], len(points.time_s))
    for number in np.unique(portion):
        tracks = portion == number
        first, last = int(points.first[tracks][0]), int(ends[tracks][-1])
        rows = slice(first, last)
        part = Points(points.first[tracks] - first, points.time_s[rows], points.place[rows], points.covariance[rows])
        yield part, Agility(moves.start_mps[tracks], moves.wander[tracks])


def _smoothed(points: Points, moves: Agility) -> Smoothed:
    steps = _steps(points)
    ahead, behind = _filtered(points, moves, steps)
    smoothed = _looked_back(points, ahead, behind, steps)
    seen = np.logical_or.reduceat(np.isfinite(points.place[:, 0]), points.first)
    length = np.diff(np.append(points.first, len(points.time_s)))
    smoothed.mean[~np.repeat(seen, length)] = np.nan
    smoothed.covariance[~np.repeat(seen, length)] = np.nan
    return smoothed


def _steps(points: Points) -> list[NDArray[np.intp]]:
    """Which tracks (those that last longest first) have a k-th row, for each k."""
    length = np.diff(np.append(points.first, len(points.time_s)))
    order = np.argsort(-length, kind="stable")
    counts = np.searchsorted(-length[order], -np.arange(1, length.max() + 1), side="right")
    return [order[:count] for count in counts.tolist()]


def _filtered(points: Points, moves: Agility, steps: list[NDArray[np.intp]]) -> tuple[Smoothed, Smoothed]:
    """Forward pass: what each row's predecessors predict of it, and that updated by the row's own point."""
    count = len(points.time_s)
    predicted = Smoothed(np.zeros((count, 4)), np.zeros((count, 4, 4)))
    updated = Smoothed(np.zeros((count, 4)), np.zeros((count, 4, 4)))
    for step, tracks in enumerate(steps):
        rows = points.first[tracks] + step
        if step == 0:
            mean, covariance = _prior(points, moves)
            mean, covariance = mean[tracks], covariance[tracks]
        else:
            gap = points.time_s[rows] - points.time_s[rows - 1]
            mean, covariance = predict(updated.mean[rows - 1], updated.covariance[rows - 1], gap, moves.wander[tracks])
        predicted.mean[rows], predicted.covariance[rows] = mean, covariance
        updated.mean[rows], updated.covariance[rows] = _update(
            mean, covariance, points.place[rows], points.covariance[rows]
        )
    return predicted, updated


def _prior(points: Points, moves: Agility) -> tuple[Floats, Floats]:
    """Anywhere about each track's middle, at any of its class's velocities."""
    ends = np.append(points.first[1:], len(points.time_s))
    mean = np.zeros((len(points.first), 4))
    for track, (first, end) in enumerate(zip(points.first, ends, strict=True)):
        known = points.place[first:end][np.isfinite(points.place[first:end, 0])]
        mean[track, :2] = known.mean(axis=0) if len(known) else 0.0
    covariance = np.zeros((len(mean), 4, 4))
    covariance[:, [0, 1], [0, 1]] = UNKNOWN_PLACE_M**2
    covariance[:, [2, 3], [2, 3]] = moves.start_mps[:, None] ** 2
    return mean, covariance


def predict(mean: Floats, covariance: Floats, gap: Floats, wander: Floats) -> tuple[Floats, Floats]:
    """The state (T, 4) after `gap` (T,) seconds of nearly constant velocity."""
    go = _transition(gap)
    ahead = (go @ mean[:, :, None])[:, :, 0]
    spread = go @ covariance @ go.transpose(0, 2, 1)
    for axis in range(2):
        spread[:, axis, axis] += wander * gap**3 / 3
        spread[:, axis, axis + 2] += wander * gap**2 / 2
        spread[:, axis + 2, axis] += wander * gap**2 / 2
        spread[:, axis + 2, axis + 2] += wander * gap
    return ahead, spread


def _transition(gap: Floats) -> Floats:
    go = np.broadcast_to(np.eye(4), (len(gap), 4, 4)).copy()
    go[:, 0, 2] = go[:, 1, 3] = gap
    return go


def _update(mean: Floats, covariance: Floats, place: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """The state given a point (T, 2), where one is known."""
    known = np.isfinite(place[:, 0])
    mean, covariance = mean.copy(), covariance.copy()
    off, noise = place[known] - mean[known, :2], noise[known] * DEPENDENT
    far = squared_deviations(off, covariance[known, :2, :2] + noise)
    mean[known], covariance[known] = corrected(mean[known], covariance[known], off, noise, far)
    return mean, covariance


def corrected(mean: Floats, covariance: Floats, off: Floats, noise: Floats, far: Floats) -> tuple[Floats, Floats]:
    """The state (T, 4) after points that lie `off` (T, 2) from it were seen with `noise` (T, 2, 2), which grows where
    `far` (T,), the squared deviations of `off` by both, is beyond `GATE`.
    """
    noise = noise * np.maximum(1.0, far / GATE)[:, None, None]
    gain = covariance[:, :, :2] @ np.linalg.inv(covariance[:, :2, :2] + noise)
    after = covariance - gain @ covariance[:, :2, :]
    return mean + (gain @ off[:, :, None])[:, :, 0], (after + after.transpose(0, 2, 1)) / 2


def _looked_back(points: Points, predicted: Smoothed, updated: Smoothed, steps: list[NDArray[np.intp]]) -> Smoothed:
    """Backward pass, in place of `updated`: each row by what follows it, too."""
    mean, covariance = updated.mean, updated.covariance
    for step in range(len(steps) - 2, -1, -1):
        rows = points.first[steps[step + 1]] + step
        go = _transition(points.time_s[rows + 1] - points.time_s[rows])
        gain = np.linalg.solve(predicted.covariance[rows + 1], go @ covariance[rows]).transpose(0, 2, 1)
        mean[rows] += (gain @ (mean[rows + 1] - predicted.mean[rows + 1])[:, :, None])[:, :, 0]
        covariance[rows] += gain @ (covariance[rows + 1] - predicted.covariance[rows + 1]) @ gain.transpose(0, 2, 1)
    return updated


def squared_deviations(off: Floats, covariance: Floats) -> Floats:
    """(N,) squared Mahalanobis distances of (N, 2)."""
    return np.asarray(np.einsum("ni,nij,nj->n", off, np.linalg.inv(covariance), off))
