"""Whether a mapped restriction holds at a place and time, given how uncertain both are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from opening_hours import OpeningHours, State
from shapely.geometry.base import BaseGeometry

from vision.geodesy import to_local
from vision.log import Clock

InForce = Literal["yes", "no", "unknown"]
_Spell = tuple[datetime, datetime, State]  # a time in which the hours do not change: start, end (UTC), state


def in_force(
    hours: str | None, clock: Clock, zone: str | None, start_s: float, end_s: float, lawful_s: float = math.inf
) -> InForce:
    """Whether a restriction holds from `start_s` to `end_s` of the log, whatever the clock's error.

    "yes": all that time, or for more than `lawful_s` seconds of it. "no": never in the time that it may have been.
    """
    if hours is None:
        return "yes"
    start, end = clock.utc(start_s), clock.utc(end_s)
    if start is None or end is None or zone is None or not np.isfinite(clock.uncertainty_s):
        return "unknown"
    try:
        opening = OpeningHours(hours, timezone=ZoneInfo(zone))
    except TypeError:  # its table of zones may be older than Python's
        return "unknown"
    slack = timedelta(seconds=clock.uncertainty_s)
    spells = _spells(opening, ZoneInfo(zone), start - slack, end + slack)
    states = {state for _, _, state in spells}
    if states == {State.OPEN}:
        return "yes"
    if states == {State.CLOSED}:
        return "no"
    return "yes" if _surely_open_s(spells, start, end, clock.uncertainty_s) > lawful_s else "unknown"


def _spells(opening: OpeningHours, zone: ZoneInfo, start: datetime, end: datetime) -> list[_Spell]:
    """What fills the time from `start` to `end`, which may be one moment."""
    if start == end:
        return [(start, end, opening.state(start.astimezone(zone))[0])]
    spells = opening.intervals(start.astimezone(zone), end.astimezone(zone))
    return [(first.astimezone(UTC), last.astimezone(UTC), state) for first, last, state, _ in spells]


def _surely_open_s(spells: Sequence[_Spell], start: datetime, end: datetime, slack_s: float) -> float:
    """The least seconds of `start` to `end` that are open if both are wrong by the same, up to `slack_s`."""
    opened = [(first, last) for first, last, state in spells if state == State.OPEN]
    spans = [((first - start).total_seconds(), (last - start).total_seconds()) for first, last in opened]
    length = (end - start).total_seconds()
    # Between the errors that put an end of the stop on a change of the hours, what is open grows or shrinks evenly.
    changes = np.array([edge for span in spans for edge in span])
    errors = np.clip(np.concatenate([changes, changes - length, [-slack_s, slack_s]]), -slack_s, slack_s)
    overlaps = [np.clip(np.minimum(b, errors + length) - np.maximum(a, errors), 0.0, None) for a, b in spans]
    return float(np.sum(overlaps, axis=0).min()) if overlaps else 0.0


def probability_inside(polygon: BaseGeometry, origin: tuple[float, float], x: float, y: float, std_m: float) -> float:
    """That a point of the local frame lies in a WGS 84 polygon, near a straight border (error function)."""

    def local(points: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.column_stack(to_local(origin, points[:, 0], points[:, 1]))

    area = shapely.transform(polygon, local)
    point = shapely.Point(x, y)
    distance = float(area.boundary.distance(point))
    return NormalDist().cdf((distance if area.contains(point) else -distance) / max(std_m, 1e-3))
