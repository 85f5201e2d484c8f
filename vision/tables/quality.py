"""How well the footage shows the street, about once a second. Unknown numbers are NaN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Coarse = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QualityTable:
    """(N,) looked-at pictures, sorted by time; a row stands for the time until the next one.

    Attributes:
        time_s: log time of the picture. The next seven as in `PictureQuality`.
        aim_x_px, aim_y_px: where the camera points, native pixels: while it drives straight, the point it heads for;
            for a fixed camera, how far its picture has moved since the file began.
        night: dark, with lamps; a brightly lit street is not told from day.
        shifted: the camera was moved in its mount between this row and the one before.
        quality: share of what the network would find in a clear picture of the same scene, 0..1.
        usable: enough of it that what was not found can be said not to be there.
    """

    time_s: NDArray[np.float64]
    brightness: Coarse
    dark: Coarse
    bright: Coarse
    contrast: Coarse
    blur: Coarse
    blank: Coarse
    stuck: Coarse
    aim_x_px: Coarse
    aim_y_px: Coarse
    night: NDArray[np.bool_]
    shifted: NDArray[np.bool_]
    quality: Coarse
    usable: NDArray[np.bool_]

    @classmethod
    def empty(cls) -> Self:
        coarse, flag = np.zeros(0, np.float32), np.zeros(0, bool)
        measures = (coarse,) * 9
        return cls(np.zeros(0), *measures, flag, flag, coarse, flag)
