"""Where a drive looked, for counts that are fair: a log's coverage as H3 cells with seconds, passes and quality.

A cell that was not seen is unknown, never clean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import h3
import numpy as np
import shapely

from vision.geodesy import to_wgs84
from vision.log import Floats, ObservationLog
from vision.quality.coverage import Sought, in_local_frame, seen_ground
from vision.quality.seconds import USABLE
from vision.tables.coverage import CoverageTable

RESOLUTION: Final = 12  # 10.8 m edge, 307 m^2: what the camera passed is kept in the same cells
SPACING_M: Final = 2.5  # of the points by which ground is told to be seen: about 50 in a cell
NEXT_PASS_S: Final = 60.0  # a cell out of view for longer was left and is passed anew (mapillary_tools' sequence split)


@dataclass(frozen=True, slots=True)
class CellCoverage:
    """How one cell was seen.

    Attributes:
        seconds: during which part of it was in view in usable footage. passes: times it came into view.
        share: of its area, the most that was in view at once, 0..1. quality: mean over `seconds`, 0..1.
    """

    cell: str
    sought: Sought
    seconds: float
    passes: int
    share: float
    quality: float


@dataclass(frozen=True, slots=True)
class _View:
    """A cell in one stretch. `share`: of its area."""

    first_s: float
    last_s: float
    share: float
    quality: float


def cells_seen(
    log: ObservationLog, sought: Sought, resolution: int = RESOLUTION, least_quality: float = USABLE
) -> tuple[CellCoverage, ...]:
    """The H3 cells on which `sought` would have been found. Empty without GPS. Stretches below `least_quality`, or of
    unknown quality, show nothing. Pure.
    """
    origin, table = log.meta.origin, log.coverage
    if origin is None:
        return ()
    views: dict[str, list[_View]] = defaultdict(list)
    for row in np.flatnonzero(table.quality >= least_quality).tolist():
        times, quality = (float(table.first_s[row]), float(table.last_s[row])), float(table.quality[row])
        for cell, area_m2 in _areas(log, row, sought, origin, resolution):
            views[cell].append(_View(*times, min(1.0, area_m2 / h3.cell_area(cell, "m^2")), quality))
    return tuple(_cell(cell, sought, seen) for cell, seen in sorted(views.items()))


def metres_seen(table: CoverageTable, least_quality: float = USABLE) -> float:
    """Metres of the camera's way in usable footage."""
    return float(np.nansum(table.metres[table.quality >= least_quality]))


def _areas(
    log: ObservationLog, row: int, sought: Sought, origin: tuple[float, float], resolution: int
) -> Iterator[tuple[str, float]]:
    """Cells with square metres of each that a stretch showed."""
    points = _points(seen_ground(log.coverage, row, log.meta, sought))
    local = in_local_frame(log.coverage, row, points)
    if not len(local) or not np.isfinite(local).all():
        return
    lon, lat = to_wgs84(origin, local[:, 0], local[:, 1])
    cells = [h3.latlng_to_cell(*place, resolution) for place in zip(lat.tolist(), lon.tolist(), strict=True)]
    for cell, count in zip(*np.unique(cells, return_counts=True), strict=True):
        yield str(cell), float(count) * SPACING_M**2


def _points(outline: Floats) -> Floats:
    """(N, 2) points of a square grid within an outline."""
    if len(outline) < 3:
        return np.zeros((0, 2))
    low, high = outline.min(axis=0), outline.max(axis=0)
    axes = [np.arange(low[side] + SPACING_M / 2, high[side], SPACING_M) for side in range(2)]
    forward, left = (side.ravel() for side in np.meshgrid(*axes))
    inside = shapely.contains_xy(shapely.Polygon(outline), forward, left)
    return np.asarray(np.stack([forward, left], axis=1)[inside], np.float64)


def _cell(cell: str, sought: Sought, views: list[_View]) -> CellCoverage:
    seconds = np.array([view.last_s - view.first_s for view in views])
    quality = np.array([view.quality for view in views])
    left = [after.first_s - before.last_s > NEXT_PASS_S for before, after in pairwise(views)]
    weight = np.maximum(seconds, 1e-9)
    return CellCoverage(
        cell,
        sought,
        float(seconds.sum()),
        1 + sum(left),
        max(view.share for view in views),
        float(np.average(quality, weights=weight)),
    )
