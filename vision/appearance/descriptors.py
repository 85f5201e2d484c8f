"""What things look like, in a few numbers by which they are known again.

Histograms of colour in the upper and the lower half of a box (CIE L*a*b*, each channel for itself) and of gradient
directions in its quarters (after Dalal & Triggs, "Histograms of oriented gradients", CVPR 2005). The square roots of
their shares make the dot product of two such vectors the mean of their Bhattacharyya coefficients: 1 for things that
look the same, 0 for those that have nothing in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.overlap import Boxes
from vision.tables.world import APPEARANCE_SIZE

SIDE: Final = 16  # pixels of the square that a box is scaled to
SMALLEST_PX: Final = 4  # of a box's sides in the picture at hand
BEST: Final = 5  # sightings of a thing, the largest ones
AT_ONCE: Final = 200  # pictures that are described together: one look's alone take three times as long each
_TRIM: Final = 2  # columns at either side, where the background shows
_DIRECTIONS: Final = 6
_COLOUR_SPAN: Final = 2.5  # a* and b* of what is seen on streets lie in the middle of their range

Pictures = NDArray[np.uint8]  # (N, SIDE, SIDE, 3) RGB


def _bins(levels: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(256, count) share of each level 0..1 in bins, linear between the middles of two."""
    place = np.clip(levels * count - 0.5, 0, count - 1)
    return np.asarray(np.clip(1 - np.abs(place[:, None] - np.arange(count)), 0, 1))


_LEVELS: Final = np.arange(256) / 256
_CHROMA: Final = np.clip((_LEVELS - 0.5) * _COLOUR_SPAN + 0.5, 0, 1)
_BINS: Final = (_bins(_LEVELS, 6), _bins(_CHROMA, 4), _bins(_CHROMA, 4))


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What boxes look like, in order of frames. `frame`: (N,); `boxes`: (N, 4) exactly as detected, native pixels;
    `vectors`: (N, APPEARANCE_SIZE) of unit length.
    """

    frame: NDArray[np.int32]
    boxes: Boxes
    vectors: NDArray[np.float16]

    @classmethod
    def empty(cls) -> Self:
        nothing = np.zeros((0, APPEARANCE_SIZE), np.float16)
        return cls(np.zeros(0, np.int32), np.zeros((0, 4), np.float32), nothing)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        parts = [cls.empty(), *parts]
        return cls(
            np.concatenate([part.frame for part in parts]),
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.vectors for part in parts]),
        )

    def rows_of(self, frame: NDArray[np.int32], boxes: Boxes) -> NDArray[np.intp]:
        """(M,) which row describes each of some detections; -1 where none does."""
        each = zip(self.frame.tolist(), self.boxes, strict=True)
        known = {(at, box.tobytes()): row for row, (at, box) in enumerate(each)}
        wanted = zip(frame.tolist(), boxes, strict=True)
        return np.array([known.get((at, box.tobytes()), -1) for at, box in wanted], np.intp)


def cut_out(picture: NDArray[np.uint8], boxes: Boxes) -> tuple[Pictures, NDArray[np.intp]]:
    """Boxes (N, 4) in pixels of a picture (H, W, 3), each scaled to a square, and which of them are large enough."""
    high, wide = picture.shape[:2]
    edges = boxes.round().astype(int).clip(0, [wide, high, wide, high])
    rows = np.flatnonzero((edges[:, 2:] - edges[:, :2] >= SMALLEST_PX).all(axis=1))
    found = np.empty((len(rows), SIDE, SIDE, 3), np.uint8)
    for place, (x1, y1, x2, y2) in enumerate(edges[rows].tolist()):
        cv2.resize(picture[y1:y2, x1:x2], (SIDE, SIDE), dst=found[place], interpolation=cv2.INTER_AREA)
    return found, rows


def describe(pictures: Pictures) -> NDArray[np.float16]:
    """(N, APPEARANCE_SIZE) what `cut_out` gives, of unit length."""
    if not len(pictures):
        return Descriptors.empty().vectors
    lab = np.asarray(cv2.cvtColor(pictures.reshape(-1, SIDE, 3), cv2.COLOR_RGB2LAB), np.uint8).reshape(pictures.shape)
    colours = [_shares(_colours(lab[..., channel], bins)) for channel, bins in enumerate(_BINS)]
    gradients = _shares(_gradients(lab[..., 0].astype(np.float32))[:, None, :])
    # Colour and shape count alike; so do the two halves and the three channels.
    parts = [part.reshape(len(pictures), -1) / np.sqrt(6) for part in colours]
    vectors = np.sqrt(0.5) * np.concatenate([*parts, gradients.reshape(len(pictures), -1)], axis=1)
    return np.asarray(vectors, np.float16)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square roots of the shares along the last axis; of what holds nothing, equal ones."""
    counts = counts + 1e-6
    return np.asarray(np.sqrt(counts / counts.sum(axis=-1, keepdims=True)))


def _colours(channel: NDArray[np.uint8], bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2, B) histograms of the upper and lower half."""
    inner = channel[:, :, _TRIM:-_TRIM].reshape(len(channel) * 2, -1).astype(np.intp)
    levels = inner + 256 * np.arange(len(inner))[:, None]
    return (np.bincount(levels.ravel(), minlength=256 * len(inner)).reshape(-1, 256) @ bins).reshape(
        len(channel), 2, -1
    )


def _gradients(light: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, 4 * _DIRECTIONS) strength of gradients by quarter and direction (either sense), linear between two."""
    across, down = light[:, 1:-1, 2:] - light[:, 1:-1, :-2], light[:, 2:, 1:-1] - light[:, :-2, 1:-1]
    strength = np.hypot(across, down).astype(np.float64)
    place = (np.arctan2(down, across) / np.pi % 1.0) * _DIRECTIONS - 0.5
    low = np.floor(place)
    share, half = place - low, (np.arange(SIDE - 2) >= (SIDE - 2) // 2).astype(np.intp)
    cell = (np.arange(len(light))[:, None, None] * 4 + half[None, :, None] * 2 + half) * _DIRECTIONS
    counts = np.zeros(len(light) * 4 * _DIRECTIONS)
    for step, weight in ((0, 1 - share), (1, share)):
        bins = cell + (low.astype(np.intp) + step) % _DIRECTIONS
        counts += np.bincount(bins.ravel(), (strength * weight).ravel(), len(counts))
    return counts.reshape(len(light), -1)


class Describer:
    """Describes boxes in picture after picture."""

    def __init__(self) -> None:
        self._pending: list[tuple[NDArray[np.int32], Boxes, Pictures]] = []
        self._done: list[Descriptors] = []

    def see(self, frame: int, picture: NDArray[np.uint8], shown: Boxes, boxes: Boxes) -> None:
        """Boxes (N, 4) of a frame, `shown` in a picture (H, W, 3) of it; those too small are left out."""
        cut, rows = cut_out(picture, shown)
        self._pending.append((np.full(len(rows), frame, np.int32), boxes[rows], cut))
        if sum(len(each) for each, _, _ in self._pending) >= AT_ONCE:
            self._describe()

    def described(self) -> Descriptors:
        """Of all that was seen."""
        self._describe()
        return Descriptors.concatenate(self._done)

    def _describe(self) -> None:
        if self._pending:
            frames, boxes, cut = zip(*self._pending, strict=True)
            self._done.append(Descriptors(np.concatenate(frames), np.concatenate(boxes), describe(np.concatenate(cut))))
            self._pending.clear()


def typical_of(vectors: NDArray[np.float16], boxes: Boxes) -> NDArray[np.float16]:
    """(APPEARANCE_SIZE,) what a thing looks like in the largest of its described sightings; NaN without any."""
    if not len(vectors):
        return np.full(APPEARANCE_SIZE, np.nan, np.float16)
    largest = np.argsort(-(boxes[:, 2:] - boxes[:, :2]).prod(axis=1), kind="stable")[:BEST]
    mean = vectors[largest].astype(np.float64).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float16)
