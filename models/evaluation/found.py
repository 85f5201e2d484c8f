"""Recall where it matters: at a precision that a reviewer bears, or at a rate of false boxes; pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import Scored

HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Spots:
    """Where something lies, found or not, over many pictures; its extent does not matter.

    Attributes:
        confidence: (D,) of all detections.
        right: (D,) True where a detection covers a truth or lies on one.
        picture: (D,) index of the picture of each detection.
        found_at: (T,) confidence of the surest detection that finds each truth; 0 for none.
        truth_picture: (T,) index of the picture of each truth.
        pictures: how many were looked at.
    """

    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]
    picture: NDArray[np.int64]
    found_at: NDArray[np.float32]
    truth_picture: NDArray[np.int64]
    pictures: int


def overlap_of_smaller(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, M) intersection over the smaller of both areas, of two sets of x1 y1 x2 y2 boxes in the same unit."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(np.clip(each[:, 2:] - each[:, :2], 0, None), axis=1) for each in (first, second)]
    smaller = np.minimum(areas[0][:, None], areas[1][None, :])
    return np.asarray(inter / np.maximum(smaller, 1e-12), np.float64)


def find_spots(
    boxes: NDArray[np.float32], confidence: NDArray[np.float32], truths: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Of one picture: (D,) which detections are right, (T,) the confidence at which each truth is found (0: never).

    A truth is found by a detection when the intersection is at least half of the smaller of both. One detection may
    find several truths and several may find one: how rubbish is divided into heaps is a matter of taste.
    """
    if not len(boxes) or not len(truths):
        return np.zeros(len(boxes), np.bool_), np.zeros(len(truths), np.float32)
    hit = overlap_of_smaller(boxes, truths) >= HALF
    return np.asarray(hit.any(axis=1), np.bool_), np.where(hit, confidence[:, None], 0).max(axis=0).astype(np.float32)


def recall_at_precision(
    spots: Spots, least_precision: float, weights: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """The highest share of truths found at any threshold whose precision is at least this, and that threshold.

    (0, nan) where no threshold is so precise; (nan, nan) without truths.

    Args:
        weights: (pictures,) how often each picture counts, for a bootstrap.
    """
    weights = np.ones(spots.pictures) if weights is None else weights
    of_truth = weights[spots.truth_picture]
    if of_truth.sum() == 0:
        return float("nan"), float("nan")
    order = np.argsort(-spots.confidence, kind="stable")
    confidence, of_detection = spots.confidence[order], weights[spots.picture[order]]
    precision = np.cumsum(of_detection * spots.right[order]) / np.maximum(np.cumsum(of_detection), 1e-12)
    precise = np.flatnonzero((precision >= least_precision) & (of_detection > 0))
    if not len(precise):
        return 0.0, float("nan")
    threshold = float(confidence[precise[-1]])  # recall only grows as the threshold falls
    return float(of_truth[spots.found_at >= threshold].sum() / of_truth.sum()), threshold


def recall_at_false(
    scored: Scored,
    false_per_picture: float,
    size: tuple[float, float] = (0.0, float("inf")),
    weights: NDArray[np.float64] | None = None,
) -> tuple[float, float]:
    """Recall of truths of a size at the lowest threshold with so few false detections, and that threshold.

    False detections count whatever their size. The IoU that makes a hit is the first of the levels that `scored` was
    matched at. (nan, nan) without truths.

    Args:
        size: longer side in pixels, from (included) to (excluded).
        weights: (pictures,) how often each picture counts, for a bootstrap.
    """
    weights = np.ones(scored.pictures) if weights is None else weights
    inside = (scored.truth_size >= size[0]) & (scored.truth_size < size[1])
    total = weights[scored.truth_picture[inside]].sum()
    if total == 0:
        return float("nan"), float("nan")
    hit = scored.truth[0] >= 0
    of_detection = weights[scored.picture]
    false = np.cumsum(of_detection * ~hit)
    shown = false <= false_per_picture * weights.sum()
    mine = np.zeros(len(hit), np.bool_)
    mine[hit] = inside[scored.truth[0][hit]]
    threshold = float(scored.confidence[shown][-1]) if shown.any() else float("nan")
    return float(of_detection[shown & mine].sum() / total), threshold
