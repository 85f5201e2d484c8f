"""Hard cuts."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

# A cut changes the picture everywhere at once and leaves hardly a point to follow. Chosen, not fitted: all hard cuts of
# 27 real clips and drives are found so, and one fade to black.
CUT_HISTOGRAM: Final = 0.5
CUT_DIFFERENCE: Final = 24.0
SURVIVAL: Final = 0.15


def is_cut(before: Gray, after: Gray, survived: float) -> bool:
    """Whether two pictures a short time apart show different scenes.

    Args:
        survived: share of the features that could be followed from one to the other.
    """
    if survived > SURVIVAL:
        return False
    small = [
        cv2.resize(picture, (64, 36), interpolation=cv2.INTER_AREA).astype(np.float32) for picture in (before, after)
    ]
    return difference(*small) > CUT_DIFFERENCE or histogram_distance(*small) > CUT_HISTOGRAM


def difference(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Mean absolute difference of brightness, 0..255, after taking out the change of the whole."""
    change = after - before
    return float(np.mean(np.abs(change - np.median(change))))


def histogram_distance(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Earth mover's distance of the histograms of brightness over 64 grey levels: 0 same, 1 black to 64 brighter."""
    return float(np.mean(np.abs(np.sort(before, axis=None) - np.sort(after, axis=None))) / 64.0)
