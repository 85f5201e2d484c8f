"""Pictures that show nearly the same: found by a perceptual hash, so that none is both learnt from and judged by."""

from __future__ import annotations

import itertools
import re
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR_DUPLICATE: Final = 3  # of 64 bits; the same photo scaled or compressed again differs in fewer
SAME_SCENE: Final = 9  # of 64 bits; the next frame of a fixed camera, or a photo from a step aside
SAME_RUN: Final = 8  # numbers: photos taken or frames cut one after another


def difference_hash(picture: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(2,) dHash of the BGR picture and of its mirror image: 8x8 signs of horizontal brightness steps.

    https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html
    """
    small = np.asarray(
        cv2.cvtColor(cv2.resize(picture, (9, 8), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY), np.uint8
    )
    return np.array([_bits(small), _bits(small[:, ::-1])], np.uint64)


def nearest(hashes: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.int64]:
    """(N,) least number of bits between each of (N, 2) hashes and any of (M, 2), mirrored or not; 65 if M is 0."""
    if not len(others):
        return np.full(len(hashes), 65, np.int64)
    return np.array([np.bitwise_count(others ^ each).min() for each in hashes[:, 0]], np.int64)


def scene_groups(names: list[str], hashes: NDArray[np.uint64] | None, sequence: str) -> NDArray[np.int64]:
    """(N,) group numbers: pictures linked by a likeness or by numbers that follow each other.

    Args:
        hashes: (N, 2) of `difference_hash`; None: only the names tell.
        sequence: regular expression whose first group is a picture's number in its recording; empty: names do not tell.
    """
    group = np.arange(len(names))
    if hashes is not None:
        for index in range(len(names)):
            close = np.bitwise_count(hashes[:index] ^ hashes[index, 0]).min(axis=1, initial=65) <= SAME_SCENE
            _join(group, index, np.flatnonzero(close))
    numbered = sorted(
        (int(match.group(1)), index)
        for index, name in enumerate(names)
        if sequence and (match := re.search(sequence, name))
    )
    for (number, index), (following, other) in itertools.pairwise(numbered):
        if following - number <= SAME_RUN:
            _join(group, index, np.array([other]))
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def held_out(group: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """(N,) which pictures are held out: whole groups of at most a tenth of all, until `share` of the pictures."""
    held, wanted = np.zeros(len(group), np.bool_), share * len(group)
    sizes = np.bincount(group)
    for each in np.random.default_rng(seed).permutation(len(sizes)):
        if sizes[each] <= max(1.0, 0.1 * len(group)) and held.sum() + sizes[each] <= wanted:
            held |= group == each
    return held


def _join(group: NDArray[np.int64], index: int, others: NDArray[np.intp]) -> None:
    group[np.isin(group, group[others])] = group[index]


def _bits(small: NDArray[np.uint8]) -> int:
    return int.from_bytes(np.packbits(small[:, 1:] > small[:, :-1]).tobytes(), "big")
