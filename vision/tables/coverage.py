"""Which ground was seen: one row per stretch of the camera's way. Unknown numbers are NaN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

SECTORS: Final = 8


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """(N,) stretches, sorted by time.

    Attributes:
        first_s, last_s: log time; the next stretch may begin where this one ends.
        x_m, y_m, heading_rad: pose of the camera in the middle, local frame; NaN where its way is not known.
        metres: length of the way; NaN unknown. standing: the camera stood.
        quality: mean of `QualityTable.quality`, 0..1; NaN where that is not known.
        litter_m, vehicle_m: metres ahead to which a piece of litter and a car were large enough to be found.
        free_m: (N, 8) metres ahead to which nothing hid the road for half of the time, in eighths of the picture's
            width from left to right, at most `vehicle_m`.
    """

    first_s: NDArray[np.float64]
    last_s: NDArray[np.float64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    heading_rad: NDArray[np.float64]
    metres: NDArray[np.float32]
    standing: NDArray[np.bool_]
    quality: NDArray[np.float32]
    litter_m: NDArray[np.float32]
    vehicle_m: NDArray[np.float32]
    free_m: NDArray[np.float32]

    @classmethod
    def empty(cls) -> Self:
        exact, coarse = np.zeros(0), np.zeros(0, np.float32)
        poses = (exact, exact, exact, exact, exact)
        return cls(*poses, coarse, np.zeros(0, bool), coarse, coarse, coarse, np.zeros((0, SECTORS), np.float32))
