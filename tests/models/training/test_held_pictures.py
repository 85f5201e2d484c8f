"""The confusion table of held pictures: what things are and what they are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.detections import Detections
from models.evaluation.evaluate import Seen
from models.evaluation.sets import EvaluationSet
from models.taxonomy import CLASS_ID, STREET_CLASSES
from models.training.held_pictures import confusion

CAR, TRUCK, LITTER, NOTHING = CLASS_ID["car"], CLASS_ID["truck"], CLASS_ID["litter"], len(STREET_CLASSES)
HALF = np.full(len(STREET_CLASSES), 0.5, np.float32)
LEFT, RIGHT = (0, 0, 10, 10), (50, 0, 60, 10)


def things(*rows: tuple[tuple[int, int, int, int], int, float]) -> Detections:
    boxes = np.array([row[0] for row in rows], np.float32).reshape(-1, 4)
    return Detections(
        boxes, np.array([row[2] for row in rows], np.float32), np.array([row[1] for row in rows], np.int16)
    )


def table(found: Detections, truths: Detections) -> dict[tuple[int, int], int]:
    source = EvaluationSet("s", "f", labels=((0, CAR), (1, TRUCK)))
    counts = confusion([Seen(source, (Path("p"),), (found,), (truths,), np.arange(1))], HALF)
    return {(int(row), int(column)): int(counts[row, column]) for row, column in zip(*np.nonzero(counts), strict=True)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((), {(CAR, NOTHING): 1}),
        (((LEFT, CAR, 0.9),), {(CAR, CAR): 1}),
        (((LEFT, TRUCK, 0.9),), {(CAR, TRUCK): 1}),
        (((LEFT, CAR, 0.4),), {(CAR, NOTHING): 1}),  # below the threshold
        (((RIGHT, TRUCK, 0.9),), {(CAR, NOTHING): 1, (NOTHING, TRUCK): 1}),
        (((RIGHT, LITTER, 0.9),), {(CAR, NOTHING): 1}),  # nobody labelled litter here
        (((LEFT, LITTER, 0.9),), {(CAR, LITTER): 1}),
        (((LEFT, TRUCK, 0.9), (LEFT, CAR, 0.6)), {(CAR, CAR): 1, (NOTHING, TRUCK): 1}),  # one thing, two boxes
    ],
)
def test_one_car(found: tuple[tuple[tuple[int, int, int, int], int, float], ...], expected: object) -> None:
    assert table(things(*found), things((LEFT, CAR, 1.0))) == expected


def test_a_picture_of_nothing() -> None:
    assert table(things((LEFT, CAR, 0.9)), things()) == {(NOTHING, CAR): 1}
    assert table(things(), things()) == {}
