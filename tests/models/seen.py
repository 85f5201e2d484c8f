"""What a detector saw, written down by hand, for the tests of the evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.detections import Detections
from models.evaluation.evaluate import Seen
from models.evaluation.sets import EvaluationSet

# x1, y1, x2, y2, class id, confidence
Row = tuple[float, float, float, float, int, float]


def boxes(*rows: Row) -> Detections:
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(table[:, :4].astype(np.float32), table[:, 5].astype(np.float32), table[:, 4].astype(np.int16))


def seen(name: str, found: list[Detections], truths: list[Detections]) -> Seen:
    """One set whose pictures are called 0, 1, ...; it labels the classes of its truths and detections."""
    classes = sorted({int(each) for part in (*found, *truths) for each in part.class_id})
    source = EvaluationSet(name, "v", labels=tuple((each, each) for each in classes))
    paths = tuple(Path(str(number)) for number in range(len(found)))
    return Seen(source, paths, tuple(found), tuple(truths), np.arange(len(found)))
