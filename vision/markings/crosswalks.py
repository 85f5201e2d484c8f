"""Crosswalks among the painted bars of one look: parallel bars of one size, side by side at equal distances. Pure.

China: bars 0.40 or 0.45 m wide, 0.60 m apart (0.80 m at most), at least 3 m long (GB 5768.3-2009). Germany: 0.50 m
wide, 0.50 m apart, at least 3 m long (StVO sign 293, RMS-1). United Kingdom: 0.50-0.715 m each, 2.4 m long and more
(TSRGD 2016). United States: 0.3-0.6 m wide, 0.3-1.5 m apart, at least 1.8 m long (MUTCD 2009, 3B.18).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from vision.log import Floats
from vision.markings.bars import Bars

# Of the sizes above with a third more and less, for that is how well an unmeasured camera's scale is known.
WIDTH_M: Final = (0.2, 0.95)
LENGTH_M: Final = (1.0, 9.0)  # a nearer part may be hidden or below the picture's edge
PITCH_M: Final = (0.5, 1.9)
LINKED_M: Final = (0.5, 2.9)  # with one bar between them hidden or worn off
FEWEST: Final = 4  # three bars are also an arrow, a letter and a kerb
PARALLEL: Final = np.cos(np.radians(9.0))
ALIKE: Final = 1.7  # ratio of lengths and of widths, for ends are worn and hidden
SHIFTED: Final = 0.5  # of the length, from a bar to the next: a crosswalk may be skewed
EVEN: Final = 0.25  # of the pitch
PAINTED: Final = (0.2, 0.72)  # share of the way across that is paint


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """`rows`: its bars. `ends`: (2, 2) forward, left, where it begins and ends for one who walks on it. `depth_m`:
    across that. `quality`: 0..1 how much it looks like one.
    """

    rows: NDArray[np.intp]
    ends: Floats
    depth_m: float
    quality: float


def crosswalks(bars: Bars) -> list[Crosswalk]:
    fit = np.flatnonzero(_within(bars.width_m, WIDTH_M) & _within(bars.length_m, LENGTH_M))
    if len(fit) < FEWEST:
        return []
    count, group = connected_components(csr_array(_neighbours(bars[fit])), directed=False)
    found = (_crosswalk(bars, fit[group == one]) for one in range(count) if np.sum(group == one) >= FEWEST)
    return [each for each in found if each is not None]


def _within(values: Floats, bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((values >= bounds[0]) & (values <= bounds[1]))


def _neighbours(bars: Bars) -> NDArray[np.bool_]:
    """(N, N) which bars may be next to each other in one crosswalk."""
    between = bars.centre[None, :] - bars.centre[:, None]
    across = np.abs(np.einsum("ijk,ik->ij", between, bars.normal))
    along = np.abs(np.einsum("ijk,ik->ij", between, bars.axis))
    parallel = np.abs(bars.axis @ bars.axis.T) >= PARALLEL
    beside = _within(across, LINKED_M) & (along <= SHIFTED * np.minimum.outer(bars.length_m, bars.length_m))
    near = parallel & beside & _alike(bars.length_m) & _alike(bars.width_m)
    return np.asarray(near & near.T)


def _alike(sizes: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.maximum.outer(sizes, sizes) <= ALIKE * np.minimum.outer(sizes, sizes))


def _crosswalk(bars: Bars, rows: NDArray[np.intp]) -> Crosswalk | None:
    axis = _mean_axis(bars.axis[rows])
    normal = np.array([-axis[1], axis[0]])
    offset = bars.centre[rows] @ normal
    rows = rows[np.argsort(offset)]
    steps = np.diff(np.sort(offset))
    pitch = float(np.median(steps))
    width = float(np.median(bars.width_m[rows]))
    # A bar that is hidden or worn off leaves two steps in one.
    even = np.abs(steps / pitch - np.round(steps / pitch).clip(1, 2)) <= EVEN
    painted = width / pitch
    if not PITCH_M[0] <= pitch <= PITCH_M[1] or not PAINTED[0] <= painted <= PAINTED[1] or even.sum() < FEWEST - 1:
        return None
    centre = bars.centre[rows]
    outer = np.stack([centre[0] - 0.5 * width * normal, centre[-1] + 0.5 * width * normal])
    quality = float(even.mean()) * min(1.0, len(rows) / (FEWEST + 2))
    return Crosswalk(rows, outer, float(np.median(bars.length_m[rows])), quality)


def _mean_axis(axes: Floats) -> Floats:
    """Of unit vectors whose sign means nothing: the first principal direction."""
    return np.asarray(np.linalg.eigh(axes.T @ axes)[1][:, -1])
