"""The observation log's table of road markings. Frames of reference and unknown numbers as in `vision.log`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MarkingKind = Literal["stop_line", "crosswalk"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MarkingTable:
    """Stop lines and crosswalks, as they lie in the world.

    `frame`: row in `FrameTable` of the sighting that gave the geometry, the surest one. `x1_m .. y2_m`: end points of
    its middle line in the local frame: a stop line's ends; where one who walks over a crosswalk sets out and arrives.
    `width_m`: across that, along the way of driving. `image_x1 .. image_y2`: the same end points in `frame`, native
    pixels, perhaps beside the picture. `std_m`: standard uncertainty of the place. `confidence`: 0..1.
    """

    marking: NDArray[np.int32]
    kind: NDArray[np.str_]
    first_s: Floats
    last_s: Floats
    hits: NDArray[np.int32]
    confidence: NDArray[np.float32]
    x1_m: Floats
    y1_m: Floats
    x2_m: Floats
    y2_m: Floats
    width_m: Floats
    std_m: Floats
    frame: NDArray[np.int32]
    image_x1: Floats
    image_y1: Floats
    image_x2: Floats
    image_y2: Floats

    @classmethod
    def empty(cls) -> MarkingTable:
        numbers, ids = np.zeros(0), np.zeros(0, np.int32)
        return cls(
            marking=ids, kind=np.zeros(0, "<U9"), first_s=numbers, last_s=numbers, hits=ids,
            confidence=np.zeros(0, np.float32), x1_m=numbers, y1_m=numbers, x2_m=numbers, y2_m=numbers, width_m=numbers,
            std_m=numbers, frame=ids, image_x1=numbers, image_y1=numbers, image_x2=numbers, image_y2=numbers,
        )  # fmt: skip
