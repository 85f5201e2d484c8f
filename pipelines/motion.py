"""Smoothed motion of a point that was measured at uneven times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.log import Floats

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Motion:
    """`value`: (N, D) smoothed. `rate`: (N, D) its change per second."""

    value: Floats
    rate: Floats


def smooth(time_s: Floats, values: Floats, bandwidth_s: float = 0.3) -> Motion:
    """Local straight line through (N, D) `values`, weighted by a Gaussian of `bandwidth_s` around each time.

    Times are sorted. A straight path comes out unchanged; a lone value gets rate 0.
    """
    value, rate = np.empty_like(values), np.empty_like(values)
    reach = 4.0 * bandwidth_s
    for start in range(0, len(time_s), _ROWS_AT_ONCE):
        rows = slice(start, min(start + _ROWS_AT_ONCE, len(time_s)))
        low, high = np.searchsorted(time_s, [time_s[rows][0] - reach, time_s[rows][-1] + reach + 1e-9])
        near = slice(int(low), int(high))
        value[rows], rate[rows] = _local_lines(time_s[rows], time_s[near], values[near], bandwidth_s)
    return Motion(value, rate)


def _local_lines(at: Floats, time_s: Floats, values: Floats, bandwidth_s: float) -> tuple[Floats, Floats]:
    offset = time_s[None, :] - at[:, None]
    weight = np.exp(-0.5 * (offset / bandwidth_s) ** 2)
    s0, s1, s2 = weight.sum(1), (weight * offset).sum(1), (weight * offset**2).sum(1)
    m0, m1 = weight @ values, (weight * offset) @ values
    spread = s0 * s2 - s1**2
    steep = np.where(spread > 1e-9 * s0**2, spread, np.inf)[:, None]
    rate = (s0[:, None] * m1 - s1[:, None] * m0) / steep
    return (m0 - rate * s1[:, None]) / s0[:, None], rate
