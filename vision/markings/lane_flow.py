"""Which way the traffic goes at a place, from the tracks of a camera that stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.taxonomy import class_ids
from vision.log import Floats, ObservationTable

VEHICLES: Final = class_ids(frozenset({"car", "bus", "truck", "motorcycle"}))
STEP_M: Final = 2.0  # a shorter way is noise of the boxes
NEAR_M: Final = 6.0  # half a lane's width and a car's length; the traffic that crosses is farther away
FEWEST_WAYS: Final = 3
AGREEING: Final = 0.5  # mean resultant length of the doubled angles: 1 all on one axis, 0 all ways (Mardia & Jupp 2000)


@dataclass(frozen=True, slots=True)
class Flow:
    """`places`: (N, 2) local metres where vehicles passed. `ways`: (N, 2) unit vectors of where they went there."""

    places: Floats
    ways: Floats


def traffic_flow(seen: ObservationTable) -> Flow:
    """Every two metres of every vehicle's way."""
    points = np.stack([seen.x_m, seen.y_m], axis=1)
    vehicles = np.isin(seen.class_id, list(VEHICLES)) & np.isfinite(points).all(axis=1)
    order = np.flatnonzero(vehicles)[np.lexsort((seen.time_s[vehicles], seen.track[vehicles]))]
    starts = np.flatnonzero(np.diff(seen.track[order])) + 1
    steps = [_steps(points[rows]) for rows in np.split(order, starts)]
    ways = np.concatenate([np.zeros((0, 2, 2)), *steps])
    along = ways[:, 1] - ways[:, 0]
    return Flow(ways.mean(axis=1), along / np.maximum(np.hypot(along[:, 0], along[:, 1]), STEP_M)[:, None])


def across_flow(flow: Flow, places: Floats) -> Floats:
    """(N, 2) unit vectors across the axis on which vehicles pass (N, 2) places; NaN where few do or all ways."""
    across = np.full((len(places), 2), np.nan)
    angle = 2.0 * np.arctan2(flow.ways[:, 1], flow.ways[:, 0])
    doubled = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for row, place in enumerate(places):
        near = doubled[np.hypot(*(flow.places - place).T) <= NEAR_M]
        if len(near) >= FEWEST_WAYS and np.hypot(*near.mean(axis=0)) >= AGREEING:
            axis = 0.5 * np.arctan2(*near.mean(axis=0)[::-1])
            across[row] = -np.sin(axis), np.cos(axis)
    return across


def _steps(points: Floats) -> Floats:
    """(M, 2, 2) from where to where, each at least `STEP_M` apart."""
    kept = []
    last = 0
    for row in range(1, len(points)):
        if np.hypot(*(points[row] - points[last])) >= STEP_M:
            kept.append((points[last], points[row]))
            last = row
    return np.array(kept, float).reshape(-1, 2, 2)
