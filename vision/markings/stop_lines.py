"""Stop lines among the painted bars of one look: one solid bar across the way of driving. Pure.

Depth: 0.20, 0.30 or 0.40 m in China (GB 5768.3-2009); 0.50 m in Germany (StVO sign 294, RMS-1); 0.20-0.30 m in the
United Kingdom (TSRGD 2016); 0.3-0.6 m in the United States (MUTCD 2009, 3B.16); 0.20-0.60 m by the Vienna
Convention on Road Signs and Signals of 1968. It spans the lanes of its approach, one lane at least.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.markings.bars import Bars

DEPTH_M: Final = (0.13, 0.6)  # a third less than the least for an unmeasured scale; what is deeper is light and shade
SHORTEST_M: Final = 2.2  # the narrowest lane is 2.5-2.75 m wide
PIECE_M: Final = 0.9  # where a lane line or a wheel cuts it
GAP_M: Final = 0.7
ACROSS: Final = np.cos(np.radians(25.0))
COLLINEAR: Final = np.cos(np.radians(8.0))
BESIDE_M: Final = 0.35
ASIDE_M: Final = 5.0  # one lane to either side: lines of crossing roads and kerbs lie beyond
# Rows of bars behind each other are a side street's crosswalk, humps or the bars of a barrier.
LADDER_M: Final = 1.8


@dataclass(frozen=True, slots=True)
class StopLine:
    """`ends`: (2, 2) forward, left, of its middle line. `depth_m`: across it. `quality`: 0..1 how much it looks it."""

    ends: Floats
    depth_m: float
    quality: float


def stop_lines(bars: Bars, free: NDArray[np.bool_], across: Floats) -> list[StopLine]:
    """Bars of one look that may be stop lines, pieces in one line joined.

    Args:
        free: (N,) bars that are no part of something else. across: (N, 2) unit vectors across the way of driving at
            each of them, NaN where that is not known.
    """
    fit = (bars.width_m >= DEPTH_M[0]) & (bars.width_m <= DEPTH_M[1] + bars.blur_m) & (bars.length_m >= PIECE_M)
    lying = np.flatnonzero(fit & free & (np.abs((bars.axis * across).sum(axis=1)) >= ACROSS))
    ordered = lying[np.argsort(-bars.length_m[lying])]
    lines, taken = [], np.zeros(len(bars), bool)
    for row in ordered.tolist():
        if not taken[row]:
            pieces = _pieces(bars, row, ordered[~taken[ordered]])
            taken[pieces] = True
            lines.append(_line(bars, row, pieces))
    long = [line for line in lines if np.hypot(*np.diff(line.ends, axis=0)[0]) >= SHORTEST_M]
    return [line for line in long if np.abs(line.ends[:, 1]).min() <= ASIDE_M and not _in_ladder(line, long)]


def _pieces(bars: Bars, row: int, others: NDArray[np.intp]) -> NDArray[np.intp]:
    """The bars that go on with bar `row`, itself among them."""
    axis, normal = bars.axis[row], bars.normal[row]
    relative = bars.ends[others] - bars.centre[row]
    beside = np.abs(relative @ normal).max(axis=1) <= BESIDE_M + 0.02 * np.abs(relative @ axis).max(axis=1)
    parallel = np.abs(bars.axis[others] @ axis) >= COLLINEAR
    candidates, along = others[beside & parallel], np.sort((relative @ axis)[beside & parallel], axis=1)
    order = np.argsort(np.abs(along.mean(axis=1)))
    low = high = 0.0
    kept = [row]
    for piece, (start, end) in zip(candidates[order].tolist(), along[order].tolist(), strict=True):
        if piece == row or (start <= high + GAP_M and end >= low - GAP_M):
            low, high = min(low, start), max(high, end)
            kept.append(piece)
    return np.unique(np.array(kept))


def _line(bars: Bars, row: int, pieces: NDArray[np.intp]) -> StopLine:
    axis, centre = bars.axis[row], bars.centre[row]
    along = (bars.ends[pieces] - centre) @ axis
    ends = centre + np.array([along.min(), along.max()])[:, None] * axis
    solid = min(1.0, float(bars.length_m[pieces].sum()) / max(float(np.ptp(along)), 1e-6))
    length = float(np.ptp(along))
    depth = float(np.average(bars.width_m[pieces], weights=bars.length_m[pieces]))
    return StopLine(ends, depth, solid * min(1.0, length / (SHORTEST_M + 1.0)))


def _in_ladder(line: StopLine, lines: list[StopLine]) -> bool:
    """Whether two others lie behind it or before it."""
    near = 0
    for other in lines:
        apart = float(np.hypot(*(other.ends.mean(axis=0) - line.ends.mean(axis=0))))
        near += other is not line and apart <= 2 * LADDER_M
    return near >= 2
