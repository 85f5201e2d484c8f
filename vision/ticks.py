"""Rates as ticks: multiples of a period from PTS 0, so that what happens at one rate falls on the same frames."""

from __future__ import annotations

import math
from typing import Final

# Half a millisecond: PTS of 30 frames/s are rounded by the container's time base.
SLACK_S: Final = 5e-4


def tick(time_s: float, rate_hz: float) -> int:
    """How many periods of `rate_hz` have begun by a time in seconds."""
    return math.floor((time_s + SLACK_S) * rate_hz)
