"""How fast something changes that a detector measures from look to look."""

from __future__ import annotations

from typing import Final

import numpy as np

from vision.log import Floats

ALIKE: Final = 3.0  # a detector's errors go on from frame to frame: a third of the sightings count as independent


def slope(times: Floats, values: Floats, deviation: Floats) -> tuple[float, float]:
    """Slope of the weighted line through the values, and its standard uncertainty. `deviation`: (N,) of each value."""
    weight = 1 / deviation**2
    middle = np.average(times, weights=weight)
    spread = float((weight * (times - middle) ** 2).sum())
    return float((weight * (times - middle) * values).sum() / spread), float(np.sqrt(ALIKE / spread))
