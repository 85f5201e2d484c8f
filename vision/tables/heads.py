"""What a signal head is and where it hangs: the facts from which follows whom it governs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layout = Literal["upright", "lying", "unknown"]


@dataclass(frozen=True, slots=True)
class HeadTable:
    """One row per signal head, in order of `track`.

    `layout`: how its lamps are arranged, a `Layout`. The rest is of its largest sighting, at `time_s`: `distance_m`
    from the camera by the size of a usual head, `left_m` of the camera's axis, `above_m` the road; `size_std` their
    relative standard uncertainty. NaN where that cannot be told.
    """

    track: NDArray[np.int32]
    layout: NDArray[np.str_]
    time_s: Floats
    distance_m: Floats
    left_m: Floats
    above_m: Floats
    size_std: Floats

    @classmethod
    def empty(cls) -> HeadTable:
        return cls(np.zeros(0, np.int32), np.zeros(0, "<U8"), *([np.zeros(0)] * 5))
