"""Where a drive looked, for counts that are fair: a log's coverage as H3 cells with seconds, passes and quality.

A cell that was not seen is unknown, never clean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, get_args

import h3
import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.incident import CELL_RESOLUTION, CellCoverage
from vision.geodesy import to_wgs84
from vision.log import Floats, ObservationLog
from vision.quality.coverage import Sought, in_local_frame, seen_ground
from vision.quality.seconds import USABLE

SPACING_M: Final = 2.5  # of the points by which ground is told to be seen: about 50 in a cell
SEEN_SHARE: Final = 0.25  # of a cell, in view at once: a street fills no more of a cell it crosses
NEXT_PASS_S: Final = 60.0  # a cell out of view for longer was left and is passed anew (mapillary_tools' sequence split)


@dataclass(frozen=True, slots=True)
class _View:
    """A cell in one stretch. `begins`: a pass."""

    first_s: float
    last_s: float
    quality: float
    begins: bool = False


def cells_seen(log: ObservationLog) -> tuple[tuple[CellCoverage, ...], ...]:
    """For each file of the log the H3 cells on which each thing sought would have been found. A pass belongs to the
    file it begins in, so that the files' numbers add up to the drive's. Stretches without GPS, of less than usable or
    of unknown quality show nothing. Pure.
    """
    seen: list[list[CellCoverage]] = [[] for _ in log.meta.files]
    for sought in get_args(Sought):
        for cell, views in sorted(_views(log, sought).items()):
            for number, part in _by_file(log, views).items():
                seen[number].append(_cell(cell, sought, part))
    return tuple(map(tuple, seen))


def _views(log: ObservationLog, sought: Sought) -> dict[str, list[_View]]:
    """By cell, in order of time."""
    origin, table = log.meta.origin, log.coverage
    views: dict[str, list[_View]] = defaultdict(list)
    if origin is None:
        return views
    for row in np.flatnonzero((table.quality >= USABLE) & _placed(log)).tolist():
        first_s, last_s = float(table.first_s[row]), float(table.last_s[row])
        for cell in _cells(log, row, sought, origin):
            before = views[cell]
            begins = not before or first_s - before[-1].last_s > NEXT_PASS_S
            before.append(_View(first_s, last_s, float(table.quality[row]), begins))
    return views


def _placed(log: ObservationLog) -> NDArray[np.bool_]:
    """Of each stretch whether GPS says where it was: away from fixes the way goes on in the local frame, but adrift."""
    table, frames = log.coverage, log.frames
    known = np.append(0, np.cumsum(np.isfinite(frames.lon) & np.isfinite(frames.lat)))
    first, end = (np.searchsorted(frames.time_s, times) for times in (table.first_s, table.last_s))
    return np.asarray(known[end] > known[first], np.bool_)


def _by_file(log: ObservationLog, views: Sequence[_View]) -> dict[int, list[_View]]:
    """By the number of the file that a view is in; a stretch is of one file."""
    starts = np.array([file.first_s for file in log.meta.files])
    middles = np.array([(view.first_s + view.last_s) / 2 for view in views])
    parts: dict[int, list[_View]] = defaultdict(list)
    for number, view in zip(np.searchsorted(starts, middles, side="right") - 1, views, strict=True):
        parts[max(int(number), 0)].append(view)
    return parts


def _cells(log: ObservationLog, row: int, sought: Sought, origin: tuple[float, float]) -> Iterator[str]:
    """Those of which enough was in view at once, from the stretch's middle: of the ground that it swept in all, each
    cell was in view for a part of its time only.
    """
    points = _points(seen_ground(log.coverage, row, log.meta, sought))
    local = in_local_frame(log.coverage, row, points)
    if not len(local) or not np.isfinite(local).all():
        return
    lon, lat = to_wgs84(origin, local[:, 0], local[:, 1])
    cells = [h3.latlng_to_cell(*place, CELL_RESOLUTION) for place in zip(lat.tolist(), lon.tolist(), strict=True)]
    for cell, count in zip(*np.unique(cells, return_counts=True), strict=True):
        if count * SPACING_M**2 >= SEEN_SHARE * h3.cell_area(str(cell), "m^2"):
            yield str(cell)


def _points(outline: Floats) -> Floats:
    """(N, 2) points of a square grid within an outline."""
    if len(outline) < 3:
        return np.zeros((0, 2))
    low, high = outline.min(axis=0), outline.max(axis=0)
    axes = [np.arange(low[side] + SPACING_M / 2, high[side], SPACING_M) for side in range(2)]
    forward, left = (side.ravel() for side in np.meshgrid(*axes))
    inside = shapely.contains_xy(shapely.Polygon(outline), forward, left)
    return np.asarray(np.stack([forward, left], axis=1)[inside], np.float64)


def _cell(cell: str, sought: Sought, views: Sequence[_View]) -> CellCoverage:
    seconds = np.array([view.last_s - view.first_s for view in views])
    quality = np.average([view.quality for view in views], weights=np.maximum(seconds, 1e-9))
    passes = sum(view.begins for view in views)
    return CellCoverage(cell, sought, round(float(seconds.sum()), 2), passes, round(float(quality), 3))
