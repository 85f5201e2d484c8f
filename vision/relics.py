"""Bars that travel with the camera: edges of the bonnet, of the dashboard and its reflections. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.paint import PaintLook, Quads

TRAVELLED_M: Final = 2.0  # paint across the road within sight has moved far in the picture by then
COMPARED: Final = 6  # looks farther back: an edge is not found in each of them
STAYED: Final = 0.015  # of the picture's width


def without_relics(looks: Sequence[PaintLook], places: Floats, width: int) -> list[PaintLook]:
    """The looks without what stays in its place in the picture while the camera travels.

    Args:
        places: (frames, 2) of the camera at each frame, local metres. width: of the picture in pixels.
    """
    return [replace(look, bars=look.bars[~_stays(number, looks, places, width)]) for number, look in enumerate(looks)]


def _stays(number: int, looks: Sequence[PaintLook], places: Floats, width: int) -> NDArray[np.bool_]:
    here, now = places[looks[number].frame], looks[number].bars
    stays = np.zeros(len(now), bool)
    compared = 0
    for other in [*reversed(looks[:number]), *looks[number + 1 :]]:
        if compared < COMPARED and np.hypot(*(places[other.frame] - here)) >= TRAVELLED_M:
            stays |= _near(now, other.bars, STAYED * width)
            compared += 1
    return stays


def _near(bars: Quads, others: Quads, within: float) -> NDArray[np.bool_]:
    """(N,) which bars have another whose ends lie at theirs, in whatever order the corners are."""
    first, second = (np.concatenate([each.min(axis=1), each.max(axis=1)], axis=1) for each in (bars, others))
    apart = np.abs(first[:, None] - second[None]).max(axis=2)
    return np.asarray((apart <= within).any(axis=1))
