"""Average precision, precision and recall from matched detections: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap

IOUS: Final = np.round(np.arange(0.5, 1.0, 0.05), 2)  # COCO's ten thresholds; the first is AP50's
RECALLS: Final = np.linspace(0.0, 1.0, 101)
UNMATCHED: Final = -1


@dataclass(frozen=True, slots=True)
class Scored:
    """Detections of one class over many pictures, sorted by falling confidence, and the truths they should hit.

    Attributes:
        confidence: (D,) float32.
        picture: (D,) index of the picture of each detection.
        size: (D,) longer side in pixels.
        truth: (levels, D) row of the truth that a detection hits at each least IoU, or `UNMATCHED`.
        truth_picture: (T,) index of the picture of each truth.
        truth_size: (T,) longer side in pixels.
        group: (pictures,) number of each picture's scene, with or without truths; see `models.evaluation.interval`.
    """

    confidence: NDArray[np.float32]
    picture: NDArray[np.int64]
    size: NDArray[np.float32]
    truth: NDArray[np.int64]
    truth_picture: NDArray[np.int64]
    truth_size: NDArray[np.float32]
    group: NDArray[np.int64]

    @property
    def pictures(self) -> int:
        return len(self.group)

    def sized(self, low: float, high: float) -> Scored:
        """Only truths of `low` <= size < `high`.

        Detections that hit another truth are ignored, and so are those that hit none and are of another size.
        """
        inside = (self.truth_size >= low) & (self.truth_size < high)
        rows = np.where(inside, np.cumsum(inside) - 1, UNMATCHED)
        own = (self.size >= low) & (self.size < high)
        hits = np.where(self.truth >= 0, rows[self.truth], UNMATCHED) if len(rows) else self.truth
        foreign = (self.truth[0] >= 0) & (hits[0] < 0)
        keep = ~foreign & ((hits[0] >= 0) | own)
        return Scored(
            self.confidence[keep], self.picture[keep], self.size[keep], hits[:, keep],
            self.truth_picture[inside], self.truth_size[inside], self.group,
        )  # fmt: skip


def match(
    boxes: NDArray[np.float32],
    confidence: NDArray[np.float32],
    truths: NDArray[np.float32],
    levels: NDArray[np.float64] = IOUS,
) -> NDArray[np.int64]:
    """(levels, D) which truth each detection of one picture and class hits; each truth is hit once, by the surest."""
    hits = np.full((len(levels), len(boxes)), UNMATCHED, np.int64)
    if not len(boxes) or not len(truths):
        return hits
    ious = overlap(boxes, truths)
    surest = np.argsort(-confidence, kind="stable")
    for level, least in enumerate(levels):
        free = np.ones(len(truths), np.bool_)
        for row in surest[(ious[surest] >= least).any(axis=1)]:
            candidates = np.where(free & (ious[row] >= least), ious[row], -1.0)
            best = int(candidates.argmax())
            if candidates[best] >= 0:
                hits[level, row] = best
                free[best] = False
    return hits


def average_precision(scored: Scored, level: int = 0, weights: NDArray[np.float64] | None = None) -> float:
    """COCO's 101-point average precision at `IOUS[level]`; nan without truths.

    Args:
        weights: (pictures,) how often each picture counts, for a bootstrap.
    """
    of_detection = np.ones(len(scored.confidence)) if weights is None else weights[scored.picture]
    total = float(len(scored.truth_picture) if weights is None else weights[scored.truth_picture].sum())
    if total == 0:
        return float("nan")
    hit = np.cumsum(of_detection * (scored.truth[level] >= 0))
    found = np.cumsum(of_detection)
    recall, precision = hit / total, hit / np.maximum(found, 1e-12)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return float(np.append(envelope, 0.0)[at].mean())


def precision_recall(scored: Scored, threshold: float) -> tuple[float, float, int]:
    """Precision and recall at IoU 0.5 and the number of false detections, counting from the threshold up."""
    shown = scored.confidence >= threshold
    hits = int((scored.truth[0][shown] >= 0).sum())
    false = int(shown.sum()) - hits
    precision = hits / (hits + false) if hits + false else float("nan")
    recall = hits / len(scored.truth_picture) if len(scored.truth_picture) else float("nan")
    return precision, recall, false


def best_threshold(sets: Sequence[Scored], low: float = 0.2, high: float = 0.7, *, beta: float = 1.0) -> float:
    """The threshold of the best mean F-beta over the sets, each counting alike however many boxes it has.

    It is the middle of the range that is within 2 % of the best: a flat top would else be decided by chance.

    Args:
        beta: recall counts this many times as much as precision.
    """
    grid = np.arange(low, high + 1e-9, 0.01)
    values = np.array([np.mean([f_measure(each, float(threshold), beta) for each in sets]) for threshold in grid])
    near = grid[values >= 0.98 * values.max()]
    return round(float((near[0] + near[-1]) / 2), 2)


def f_measure(scored: Scored, threshold: float, beta: float = 1.0) -> float:
    """F-beta at IoU 0.5; 0 where nothing is found or nothing is right."""
    precision, recall, _ = precision_recall(scored, threshold)
    if not (precision > 0 and recall > 0):
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
