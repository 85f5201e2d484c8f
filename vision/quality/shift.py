"""Has the camera been moved in its mount? Where it points, before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, Mounting
from vision.tables.quality import QualityTable

WINDOW: Final = 20  # known directions on either side that are compared: bends and bumps even out over as many seconds
FEWEST: Final = 8
# Of the picture's width. Of a dashcam (focal length of about half a width) 0.025 is 3 degrees: hills and the load tilt
# the road in the picture by one or two. A camera on a pole has no such excuse.
LEAST: Final[dict[Mounting, float]] = {"moving": 0.025, "fixed": 0.01}
SIGMAS: Final = 6.0  # by which the medians must differ, of many that are compared
MEDIAN_STD: Final = 1.2533  # of a median against a mean, of normal noise


def with_shifts(table: QualityTable, width: int, mounting: Mounting) -> QualityTable:
    """The table with `shifted` told by its `aim_x_px`, `aim_y_px`."""
    aim = np.stack([table.aim_x_px, table.aim_y_px], axis=1).astype(np.float64)
    return replace(table, shifted=shifts(aim, width, mounting))


def shifts(aim: Floats, width: int, mounting: Mounting) -> NDArray[np.bool_]:
    """(N,) the rows before which the camera was moved in its mount.

    Args:
        aim: (N, 2) pixels, where the camera points, NaN where that is not known: for a moving camera the vanishing
            point of its way, for a fixed one how far its picture has moved.
        width: of the picture, pixels.
    """
    found = np.zeros(len(aim), bool)
    known = np.flatnonzero(np.isfinite(aim).all(axis=1))
    parts = [(0, len(known))]
    while parts:
        first, last = parts.pop()
        at = _largest(aim[known[first:last]], LEAST[mounting] * width)
        if at is not None:
            found[known[first + at]] = True
            parts += [(first, first + at), (first + at, last)]
    return found


def _largest(aim: Floats, least_px: float) -> int | None:
    """The row before which the camera was moved most, if at all: medians tell whether, as they do not mind what passes,
    and means tell when.
    """
    best, row = 0.0, None
    for at in range(FEWEST, len(aim) - FEWEST + 1):
        before, after = aim[max(0, at - WINDOW) : at], aim[at : at + WINDOW]
        apart = np.abs(np.median(after, axis=0) - np.median(before, axis=0))
        noise = np.hypot(_median_std(before), _median_std(after))
        if (apart > np.maximum(least_px, SIGMAS * noise)).any():
            moved = float(np.hypot(*(after.mean(axis=0) - before.mean(axis=0))))
            if moved > best:
                best, row = moved, at
    return row


def _median_std(aim: Floats) -> Floats:
    spread = 1.4826 * np.median(np.abs(aim - np.median(aim, axis=0)), axis=0)
    return np.asarray(MEDIAN_STD * spread / np.sqrt(len(aim)))
