"""Signal heads from a detector's light boxes, and what two networks together say of their state: pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap
from models.detections import Detections
from models.lamp_state.window import NONE, STATE_CLASS

SAME_HEAD: Final = 0.5  # overlap (IoU) of two boxes of one head; heads beside each other hardly overlap
DOUBT: Final = 1e-3  # the detector's evidence for a state it did not report
DETECTOR_SAY: Final = 0.5  # exponent of the detector's opinion of the state; chosen on held-out training pictures


@dataclass(frozen=True, slots=True)
class Heads:
    """One row per signal head, the surest first.

    Attributes:
        boxes: (N, 4) float32 x1 y1 x2 y2 in pixels of the picture.
        evidence: (N, 4) float32, the highest confidence of each lit state and `off` among the head's boxes.
    """

    boxes: NDArray[np.float32]
    evidence: NDArray[np.float32]


def merged_heads(lights: Detections) -> Heads:
    """Join boxes of one head that came as several states; the surest box stays."""
    lights = lights[np.argsort(-lights.confidence, kind="stable")]
    same = _same_head(lights.boxes)
    column = np.searchsorted(STATE_CLASS, lights.class_id)
    free, kept = np.ones(len(lights), np.bool_), []
    evidence: list[NDArray[np.float32]] = []
    for row in range(len(lights)):
        if free[row]:
            members = np.flatnonzero(same[row])
            free[members] = False
            kept.append(row)
            each = np.zeros(len(STATE_CLASS), np.float32)
            np.maximum.at(each, column[members], lights.confidence[members])
            evidence.append(each)
    return Heads(lights.boxes[kept], np.array(evidence, np.float32).reshape(-1, len(STATE_CLASS)))


def judged(heads: Heads, probability: NDArray[np.float32]) -> Detections:
    """Each head once for every state, with what both networks together make of it.

    Args:
        probability: (N, states) what the lamp state network read.

    A confidence is the detector's that there is a light at all, times that the lamp state network takes it for a
    head, times that of the state.
    """
    first = (heads.evidence + DOUBT) / (heads.evidence + DOUBT).sum(axis=1, keepdims=True)
    both = probability[:, :NONE] * first**DETECTOR_SAY
    both /= np.maximum(both.sum(axis=1, keepdims=True), 1e-9)
    confidence = (heads.evidence.max(axis=1, initial=0.0) * (1 - probability[:, NONE]))[:, None] * both
    boxes = np.repeat(heads.boxes, len(STATE_CLASS), axis=0)
    return Detections(boxes, confidence.ravel().astype(np.float32), np.tile(STATE_CLASS, len(heads.boxes)))


def _same_head(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(N, N) whether the box of the column is of the head in the box of the row."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((centre[None] > boxes[:, None, :2]) & (centre[None] < boxes[:, None, 2:])).all(axis=2)
    return np.asarray(inside | (overlap(boxes, boxes) >= SAME_HEAD))
