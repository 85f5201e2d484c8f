"""How one drives along a simulated street: pulls away, keeps behind who is ahead, stops at a line."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.simulate.mesh import Floats

PULLS_AWAY, BRAKES, HARD = 1.4, 1.6, 4.0  # m/s^2
HOLDS_UNTIL_M: Final = 1.0  # past its line: who is farther does not brake for it any more
ARRIVED_M: Final = 0.3


def driven(time_s: Floats, start: float, cruise: float, stop_m: float, wait_s: float) -> tuple[Floats, Floats]:
    """Way and speed (T,) of one who drives at `cruise` m/s, comes to rest at `stop_m`, waits, and goes on."""
    s, v, waited = start, cruise, 0.0
    way, speed = [], []
    for step in np.diff(time_s, prepend=time_s[0]):
        heeds = s < stop_m + HOLDS_UNTIL_M and waited < wait_s
        v = _next_speed(v, cruise, stop_m - s if heeds else np.inf, 0.0, step)
        if stop_m - s < ARRIVED_M and waited < wait_s:
            v, waited = 0.0, waited + step
        s += v * step
        way.append(s)
        speed.append(v)
    return np.array(way), np.array(speed)


def followed(time_s: Floats, start: float, cruise: float, bound: Floats) -> Floats:
    """(T,) way of one who would drive at `cruise` m/s and is never past `bound` (T,), whose own motion it foresees."""
    s, v, way = start, cruise, []
    ahead = np.gradient(bound, time_s).clip(0.0, cruise)
    for step, limit, speed in zip(np.diff(time_s, prepend=time_s[0]), bound, ahead, strict=True):
        v = _next_speed(v, cruise, limit - s, speed, step)
        s = max(s, min(s + v * step, limit))
        way.append(s)
    return np.array(way)


def _next_speed(speed: float, cruise: float, gap_m: float, ahead_mps: float, step_s: float) -> float:
    """The safe speed of Gipps ("A behavioural car-following model", Transportation Research 1981) without time to
    react, as far as pulling away and braking come near it in one step.

    Args:
        gap_m: to what moves ahead at `ahead_mps`.
    """
    safe = np.sqrt(ahead_mps**2 + 2 * BRAKES * max(gap_m, 0.0))
    return max(0.0, speed + float(np.clip(min(cruise, safe) - speed, -HARD * step_s, PULLS_AWAY * step_s)))
