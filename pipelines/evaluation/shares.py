"""Shares with what they rest on: so many of so many, with the 95 % interval that small numbers deserve."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest


@dataclass(frozen=True, slots=True)
class Share:
    """`value`: part / whole. `interval`: Wilson's 95 % (Wilson 1927). Both NaN where there is nothing to share."""

    part: int
    whole: int
    value: float
    interval: tuple[float, float]


def share(part: int, whole: int) -> Share:
    if whole == 0:
        return Share(part, whole, float("nan"), (float("nan"), float("nan")))
    found = binomtest(part, whole).proportion_ci(method="wilson")
    return Share(part, whole, part / whole, (float(found.low), float(found.high)))
