"""Reliability: does a confidence of 0.7 mean that seven of ten boxes are right? Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.decode import FLOOR
from models.evaluation.metrics import Scored

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Detections of a range of confidence: how sure they are on average, and the share that is right at IoU 0.5."""

    low: float
    high: float
    count: int
    confidence: float
    precision: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Attributes:
    error: expected calibration error (Naeini et al. 2015): the mean of |precision - confidence| over detections,
        bin by bin; nan without detections.
    bins: those that hold a detection.
    """

    error: float
    bins: tuple[Bin, ...]


def reliability(sets: Sequence[Scored], floor: float = FLOOR, bins: int = BINS) -> Reliability:
    """Over all detections of the sets that the product sees (from `floor` up), in bins of equal width.

    Weaker ones are left out: thousands of boxes of confidence 0.002 that are rightly wrong would make any network
    look calibrated.
    """
    confidence = np.concatenate([each.confidence for each in sets] or [np.zeros(0, np.float32)])
    right = np.concatenate([each.truth[0] >= 0 for each in sets] or [np.zeros(0, np.bool_)])
    kept = confidence >= floor
    confidence, right = confidence[kept].astype(np.float64), right[kept]
    number = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    rows = [_bin(int(index), bins, confidence[number == index], right[number == index]) for index in np.unique(number)]
    if not rows:
        return Reliability(float("nan"), ())
    gaps = sum(row.count * abs(row.precision - row.confidence) for row in rows)
    return Reliability(gaps / len(confidence), tuple(rows))


def _bin(index: int, bins: int, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Bin:
    return Bin(index / bins, (index + 1) / bins, len(right), float(confidence.mean()), float(right.mean()))
