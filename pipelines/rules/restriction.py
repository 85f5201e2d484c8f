"""Whether a mapped restriction holds at a place and time, given how uncertain both are."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import opening_hours
import shapely
from shapely.geometry.base import BaseGeometry

from vision.geodesy import to_local
from vision.log import Clock

InForce = Literal["yes", "no", "unknown"]


def in_force(hours: str | None, clock: Clock, zone: str | None, start_s: float, end_s: float) -> InForce:
    """Whether a restriction holds from `start_s` to `end_s` of the log, whatever the clock's error."""
    if hours is None:
        return "yes"
    start, end = clock.utc(start_s), clock.utc(end_s)
    if start is None or end is None or zone is None or not np.isfinite(clock.uncertainty_s):
        return "unknown"
    slack = timedelta(seconds=clock.uncertainty_s)
    states = {_is_open(hours, zone, moment) for moment in (start - slack, start + slack, end - slack, end + slack)}
    if len(states) > 1:
        return "unknown"
    return "yes" if states.pop() else "no"


def _is_open(hours: str, zone: str, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return bool(opening_hours.OpeningHours(hours).is_open(local))


def probability_inside(polygon: BaseGeometry, origin: tuple[float, float], x: float, y: float, std_m: float) -> float:
    """That a point of the local frame lies in a WGS 84 polygon, near a straight border (error function)."""

    def local(points: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.column_stack(to_local(origin, points[:, 0], points[:, 1]))

    area = shapely.transform(polygon, local)
    point = shapely.Point(x, y)
    distance = float(area.boundary.distance(point))
    return NormalDist().cdf((distance if area.contains(point) else -distance) / max(std_m, 1e-3))
