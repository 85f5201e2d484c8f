"""Evenly spaced frames: every n-th of a video, told by time stamps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Ticks:
    """Periods of `rate_hz` from PTS 0. A frame may come `early_s` before its period begins and still be its first."""

    rate_hz: float
    early_s: float

    @classmethod
    def every_nth(cls, most_hz: float, fps: float) -> Self:
        """At most `most_hz`, by whole frames of a video of `fps` frames per second (NaN: unknown)."""
        if not 0.0 < fps < math.inf:
            return cls(most_hz, 0.0)
        # A tenth of a frame: 29.97 frames per second give every fifth, too. Time stamps jitter by less than half one.
        return cls(fps / max(1, math.ceil(fps / most_hz - 0.1)), 0.5 / fps)

    def number(self, time_s: float) -> int:
        """How many periods have begun."""
        return math.floor((time_s + self.early_s) * self.rate_hz)
