"""What the rest of the product needs of a detector: one protocol, several back ends."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections


class Detector(Protocol):
    """Finds street objects in a picture of any size.

    The caller chooses how large things appear: the picture is looked at as it is, padded to a multiple of
    the network's stride and never rescaled, so that one network serves wide, road and light looks.
    """

    @property
    def model_id(self) -> str:
        """`<name>@<first 12 hex of the weight file's sha256>+<backend>-<precision>`, as recorded in logs.

        Where a lamp state network reads the heads, `/<its name>@<12 hex of its own>` comes before the `+`.
        """
        ...

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """(number of street classes,) lowest confidence that the product reports, chosen on validation data."""
        ...

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        """Detect in a (H, W, 3) RGB picture; boxes in its pixels; everything above 0.05 is returned
        so that a tracker may use weak boxes too; callers apply `thresholds`.
        """
        ...
