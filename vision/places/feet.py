"""Where on the road a thing begins, from where the lower edge of its box meets the road.

Of a car's end the lower edge shows the nearest tyres, behind the overhang, or the bumper, above the road, whichever is
lower in the picture: the tyres from far, the bumper from near. Both are farther on the road than the car is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import class_ids
from vision.log import Floats

_VEHICLES: Final = np.array(sorted(class_ids({"car", "bus", "truck"})))
# Overhangs of cars are 0.8 to 0.95 m at either end, and a tyre shows a little before its middle. Angles of approach
# of 14 to 18 degrees over these leave 0.2 m below a bumper.
OVERHANG_M: Final = 0.85
CLEARANCE_M: Final = 0.2


def nearest_part(forward: Floats, class_id: NDArray[np.int16], height_m: float) -> Floats:
    """(N,) metres ahead at which things begin whose lower edges meet the road `forward` ahead.

    What else than a car, bus or truck stands on the road, begins there.

    Args:
        height_m: of the camera above the road.
    """
    by_bumper = forward * (1.0 - min(CLEARANCE_M / height_m, 1.0))
    begins = np.maximum(forward - OVERHANG_M, by_bumper)
    return np.where(np.isin(class_id, _VEHICLES), begins, forward)
