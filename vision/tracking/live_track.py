"""A track that is being built: where its box is and how it moves in the picture, by a Kalman filter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.tables.world import APPEARANCE_SIZE

LATEST: Final = 0.5  # share of the latest sighting in what a track looks like
START_VARIANCE: Final = (0.0025, 0.0, 1.0)  # of the box, of both together, and of its velocity


@dataclass(slots=True, eq=False)
class LiveTrack:
    """Mean of (centre x, centre y, width, height), its velocity, and their covariance in units of the box size, the
    same for all four. `frame`: when it was last seen; `rows`: (scan, row) of its detections. `look`: (D,) what it
    looked like of late, as by `looks_of`, NaN unknown.
    """

    group: int
    frame: int
    mean: Floats
    velocity: Floats
    covariance: Floats
    rows: list[tuple[int, int]] = field(default_factory=list)
    confirmed: bool = False
    look: NDArray[np.float32] = field(default_factory=lambda: np.full(APPEARANCE_SIZE, np.nan, np.float32))


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations in box sizes: of changes of speed within a second, and of a detected box."""

    agility: float
    box: float


def begun(group: int, frame: int, box: NDArray[np.float32]) -> LiveTrack:
    return LiveTrack(group, frame, middle_of(box), np.zeros(4), np.array(START_VARIANCE))


def begin_again(track: LiveTrack, box: NDArray[np.float32]) -> None:
    """Found again after so long that nothing is left of how it moved."""
    track.mean, track.velocity, track.covariance = middle_of(box), np.zeros(4), np.array(START_VARIANCE)


def middle_of(box: NDArray[np.float32] | Floats) -> Floats:
    """(4,) centre x, centre y, width, height."""
    x1, y1, x2, y2 = box.astype(float)
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def beyond_edges(box: NDArray[np.float32], predicted: Floats, cut: NDArray[np.bool_]) -> Floats:
    """(4,) a box whose edges lie as predicted where something else cuts it: all that is seen there is that the thing
    reaches so far.

    Args:
        predicted: (centre x, centre y, width, height). cut: (4,) which edges are not the thing's own.
    """
    middle, half = predicted[:2], predicted[2:] / 2
    expected = np.concatenate([middle - half, middle + half])
    outside = np.concatenate([expected[:2] < box[:2], expected[2:] > box[2:]])
    return np.where(outside & cut, expected, box)


def looked(track: LiveTrack, look: NDArray[np.float32]) -> None:
    """It was seen again, and looked so: (D,), NaN unknown."""
    if np.isnan(track.look[0]):
        track.look = look
    elif not np.isnan(look[0]):
        track.look = (1 - LATEST) * track.look + LATEST * look


def ahead(covariance: Floats, gap: Floats | float, agility: Floats | float) -> Floats:
    """(3, ...) covariances (3, ...) of the box, of both together, and of its velocity `gap` seconds later."""
    p, c, v = covariance
    q = agility**2 * gap
    return np.array([p + 2 * gap * c + gap**2 * v + q * gap**2 / 3, c + gap * v + q * gap / 2, v + q])


def correct(track: LiveTrack, box: Floats, predicted: Floats, gap: float, spread: Spread) -> None:
    """A step of the constant-velocity filter to a box `gap` seconds later. `predicted`: (4,) its mean then."""
    p, c, v = ahead(track.covariance, gap, spread.agility)
    gain, gain_v = p / (p + spread.box**2), c / (p + spread.box**2)
    innovation = middle_of(box) - predicted
    track.mean = predicted + gain * innovation
    track.velocity = track.velocity + gain_v * innovation
    track.covariance = np.array([(1 - gain) * p, (1 - gain) * c, v - gain_v * c])
