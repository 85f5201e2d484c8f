"""Whether a plate large enough to be read is shown. Plates are never read here."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.taxonomy import CLASS_ID
from pipelines.rules.vehicles import Vehicle
from vision.log import ObservationLog
from vision.overlap import cover

# A Chinese plate has seven characters of 45 mm on 440 mm: at 60 px a character is 6 px wide.
LEGIBLE_PX: Final = 60.0
_NEAR_S: Final = 0.3


def plate_shown(log: ObservationLog, vehicle: Vehicle, moments_s: tuple[float, ...]) -> bool:
    """Whether at one of the moments a plate of at least `LEGIBLE_PX` lies in the vehicle's box."""
    seen = log.observations
    of_plates = np.flatnonzero(seen.class_id == CLASS_ID["licence_plate"])
    wide = of_plates[seen.boxes[of_plates, 2] - seen.boxes[of_plates, 0] >= LEGIBLE_PX]
    for moment in moments_s:
        plates = seen.boxes[wide[np.abs(seen.time_s[wide] - moment) <= _NEAR_S]]
        box = np.array([vehicle.box_at(moment)], np.float32)
        if len(plates) and float(cover(plates, box).max()) > 0.8:
            return True
    return False
