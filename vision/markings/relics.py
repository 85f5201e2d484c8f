"""Bars that travel with the camera: edges of the bonnet, of the dashboard and its reflections. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from math import dist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.markings.paint import PaintLook, Quads

TRAVELLED_M: Final = 2.0  # paint across the road within sight has moved far in the picture by then
COMPARED: Final = 6  # looks farther back: an edge is not found in each of them
STAYED: Final = 0.015  # of the picture's width
ROUNDING_M: Final = 1e-6


def without_relics(looks: Sequence[PaintLook], places: Floats, width: int) -> list[PaintLook]:
    """The looks without what stays in its place in the picture while the camera travels.

    Args:
        places: (frames, 2) of the camera at each frame, local metres; NaN where it is not known. width: of the picture
            in pixels.
    """
    at = places[np.array([look.frame for look in looks], np.intp)]
    placed = np.flatnonzero(np.isfinite(at).all(axis=1)).tolist()
    kept = list(looks)
    for row, others in zip(placed, _compared(at[placed]), strict=True):
        bars = kept[row].bars
        stays = np.zeros(len(bars), bool)
        for other in others:
            stays |= _near(bars, looks[placed[other]].bars, STAYED * width)
        kept[row] = replace(kept[row], bars=bars[~stays])
    return kept


def _compared(at: Floats) -> Iterator[list[int]]:
    """For each of (N, 2) places, in the order of the drive, the rows of up to `COMPARED` that are far from it: the last
    ones before it, then the first ones after it.
    """
    way = np.cumsum(np.hypot(*np.diff(at, axis=0, prepend=at[:1]).T))
    ahead, back = at.tolist(), at[::-1].tolist()
    way_ahead, way_back = way.tolist(), (way[-1:] - way[::-1]).tolist()
    for row in range(len(at)):
        mirrored = len(at) - 1 - row
        after = (len(at) - 1 - other for other in _far_before(mirrored, back, way_back))
        yield list(islice(chain(_far_before(row, ahead, way_ahead), after), COMPARED))


def _far_before(row: int, at: list[list[float]], way: list[float]) -> Iterator[int]:
    """The rows before one whose places are far from its own, the last first.

    No place is farther from another than the `way` between them is long. What lies within the part of `TRAVELLED_M`
    that is still missing need not be looked at: a camera that waits for an hour is passed over at once.
    """
    other = row
    while other >= 0:
        missing = TRAVELLED_M - dist(at[other], at[row])
        if missing <= 0:
            yield other
            other -= 1
        else:
            other = min(other, bisect_right(way, way[other] - missing + ROUNDING_M)) - 1


def _near(bars: Quads, others: Quads, within: float) -> NDArray[np.bool_]:
    """(N,) which bars have another whose ends lie at theirs, in whatever order the corners are."""
    first, second = (np.concatenate([each.min(axis=1), each.max(axis=1)], axis=1) for each in (bars, others))
    apart = np.abs(first[:, None] - second[None]).max(axis=2)
    return np.asarray((apart <= within).any(axis=1))
