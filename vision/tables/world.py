"""Tables of the observation log that say what tracks are in the world, beyond what was seen of them.

Frames of reference and unknown numbers as in `vision.log`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

APPEARANCE_SIZE = 52

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StateTable:
    """How tracks move in the local frame: one row per track and frame, smoothed over its sightings. Sorted by frame,
    then track. None for signal heads and for tracks whose place is never known.

    Attributes:
        frame, track: as in `ObservationTable`.
        x_m, y_m: the road point below the middle of the thing's lower edge. std_m: its standard uncertainty.
        vx_mps, vy_mps: velocity over ground; 0 while the track is said to stand. velocity_std_mps: its uncertainty.
        heading_rad: where it goes, counterclockwise from +x, -pi..pi; of what stopped, where it went before. NaN where
            the motion does not tell. heading_std_rad: NaN with it.
    """

    frame: NDArray[np.int32]
    time_s: Floats
    track: NDArray[np.int32]
    x_m: Floats
    y_m: Floats
    std_m: NDArray[np.float32]
    vx_mps: NDArray[np.float32]
    vy_mps: NDArray[np.float32]
    velocity_std_mps: NDArray[np.float32]
    heading_rad: NDArray[np.float32]
    heading_std_rad: NDArray[np.float32]

    @classmethod
    def empty(cls) -> Self:
        ids, exact, coarse = np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.float32)
        return cls(ids, exact, ids, exact, exact, coarse, coarse, coarse, coarse, coarse, coarse)


@dataclass(frozen=True, slots=True)
class BodyTable:
    """What tracks are like: one row per track that stands on the road. Sorted by track.

    Attributes:
        length_m, width_m, height_m: extent along, across and above its direction of travel. Each with its standard
            uncertainty; NaN for classes without a typical size. Where nothing could be measured, those of its class.
        appearance: (N, `APPEARANCE_SIZE`) float16 of unit length: the dot product of two is 1 for things that look the
            same. NaN where the track was never seen large enough.
    """

    track: NDArray[np.int32]
    length_m: NDArray[np.float32]
    length_std_m: NDArray[np.float32]
    width_m: NDArray[np.float32]
    width_std_m: NDArray[np.float32]
    height_m: NDArray[np.float32]
    height_std_m: NDArray[np.float32]
    appearance: NDArray[np.float16]

    @classmethod
    def empty(cls) -> Self:
        metres = np.zeros(0, np.float32)
        nothing = np.zeros((0, APPEARANCE_SIZE), np.float16)
        return cls(np.zeros(0, np.int32), metres, metres, metres, metres, metres, metres, nothing)
