"""How much more likely two sightings are one thing than two, by how they look.

How far apart two descriptors are is measured by how far apart things are that one picture shows together, as these are
surely different ones: 1 for the usual two. A thing is less far from itself, the less the shorter the time between.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats

FEWEST: Final = 8  # differences within pictures from which it is known how things of a kind differ
# Logarithms of distances: mean of two things, deviation; of one thing after a second, more of it per logarithm of time,
# deviation. Of vehicles on rendered streets as `python -m pipelines.simulate.drive_appearance_fit` prints it: -1.05,
# -0.87, -0.71 and -0.55 after 0.2, 0.5, 1.1 and 2.5 s, +- 0.44 to 0.34, against -0.09 +- 0.22. Not fitted to real cars,
# but those of KITTI's drives are as far apart: -1.1, -0.8, -0.6 and -0.4, against -0.04 +- 0.24.
OTHERS: Final = (-0.08, 0.25)
ITSELF: Final = (-0.7, 0.2, 0.43)
CLOSEST: Final = 0.1  # what is nearer is no likelier
SHORTEST_S: Final = 0.1
TWINS: Final = 0.03  # share of others that look as a thing itself does: cars of one make and colour
CHANGED: Final = 0.1  # how often it looks like another: hidden, or in other light; both chosen


def on_scale(vectors: NDArray[np.float16], picture: NDArray[np.int32], group: NDArray[np.intp]) -> NDArray[np.float32]:
    """(N, D) descriptors on a scale on which two things are 1 apart in the mean of squares; NaN where too few things
    were seen together to tell.

    Args:
        picture, group: (N,) in which each was seen, and within which kinds it is to be compared.
    """
    scaled = np.full(vectors.shape, np.nan, np.float32)
    for kind in np.unique(group):
        rows = np.flatnonzero(group == kind)
        rows = rows[np.argsort(picture[rows], kind="stable")]
        found = vectors[rows].astype(np.float32)
        deviation = _deviation(found, picture[rows])
        if deviation is not None:
            scaled[rows] = found / (deviation * np.sqrt(2 * vectors.shape[1])).astype(np.float32)
    return scaled


def _deviation(vectors: NDArray[np.float32], picture: NDArray[np.int32]) -> Floats | None:
    """(D,) standard deviations of what is seen in one picture, over all of them; None of too little.

    Args:
        picture: (N,) in ascending order.
    """
    _, first, count = np.unique(picture, return_index=True, return_counts=True)
    freedom = len(picture) - len(count)
    if freedom < FEWEST:
        return None
    # Of the sums only, as an hour of a busy street has half a million sightings.
    squares = np.einsum("nd,nd->d", vectors, vectors, dtype=np.float64)
    total = np.add.reduceat(vectors, first, axis=0, dtype=np.float64)
    within = squares - (total**2 / count[:, None]).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(within, 0.0) / freedom) + 1e-3)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> Floats:
    """(T, N) how far things (T, D) look from others (N, D), on that scale; NaN unknown."""
    return np.asarray(np.linalg.norm(one[:, None] - other[None], axis=2), np.float64)


def log_odds(apart: Floats, gap_s: Floats) -> Floats:
    """Logarithms of the odds that two sightings `gap_s` seconds from each other are one thing, by how far apart they
    look; 0 where that is not known.
    """
    (typical, usual), (first, later, spread) = OTHERS, ITSELF
    mean = np.minimum(first + later * np.log(np.maximum(gap_s, SHORTEST_S)), typical)
    # Where the ratio of both densities is least; from there on the wider one would be the likelier again.
    least = (typical / usual**2 - mean / spread**2) / (1 / usual**2 - 1 / spread**2)
    x = np.minimum(np.log(np.maximum(apart, CLOSEST)), least)
    itself, others = _density(x, mean, spread), _density(x, typical, usual)
    one, two = (1 - CHANGED) * itself + CHANGED * others, (1 - TWINS) * others + TWINS * itself
    return np.asarray(np.nan_to_num(np.log(one) - np.log(two)))


def _density(x: Floats, mean: Floats | float, deviation: float) -> Floats:
    return np.asarray(np.exp(-(((x - mean) / deviation) ** 2) / 2) / deviation)
