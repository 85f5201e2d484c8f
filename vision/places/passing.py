"""A stretch of a thing that a driving camera passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.log import Floats


@dataclass(frozen=True, slots=True)
class Passing:
    """How a thing seems to move in a stretch of time.

    Attributes:
        time_s: its middle.
        velocity, deviation: (2,) metres per second along and across the way, and their standard uncertainties.
        ego_mps: the camera's own speed.
    """

    time_s: float
    velocity: Floats
    deviation: Floats
    ego_mps: float

    def without(self, share: float) -> Floats:
        """(2,) the velocity without this share of the camera's speed along the way."""
        along, across = self.velocity
        return np.array([along - share * self.ego_mps, across])
