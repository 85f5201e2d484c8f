"""How well averaged weights see the pictures that their own training holds out. Needs the extra `torch`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.evaluation.evaluate import Seen, look_at, scored
from models.evaluation.interval import one_after_another
from models.evaluation.metrics import average_precision
from models.evaluation.sets import EvaluationSet, held_sets
from models.taxonomy import STREET_CLASSES
from models.torch_backend import TorchDetector

LEAST_TRUTHS: Final = 5  # the AP50 of a class with fewer held boxes is chance


@dataclass(frozen=True, slots=True)
class HeldScore:
    """AP50 on the held pictures: (classes,), nan for a class with hardly any box there."""

    ap50: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the classes that have a value; 0 where none has."""
        values = [value for value in self.ap50 if np.isfinite(value)]
        return float(np.mean(values)) if values else 0.0


def look_at_held(checkpoint: Path, set_folder: Path) -> tuple[Seen, ...]:
    """Detect in all held pictures of the merged set in `set_folder`."""
    floor = np.zeros(len(STREET_CLASSES), np.float32)
    detector = TorchDetector(checkpoint, name="training", thresholds=floor, quick=True)
    return tuple(look_at(detector, each, (set_folder.parent,)) for each in held_sets(set_folder))


def held_score(seen: Sequence[Seen]) -> HeldScore:
    """AP50 of each class over the pictures of all sources that have boxes of it."""
    return HeldScore(tuple(_ap50(seen, class_id) for class_id in range(len(STREET_CLASSES))))


def _ap50(seen: Sequence[Seen], class_id: int) -> float:
    mine = together([each for each in seen if class_id in each.source.class_ids()])
    if not len(mine):
        return float("nan")
    matched = scored(mine, frozenset({class_id}))
    return average_precision(matched) if len(matched.truth_picture) >= LEAST_TRUTHS else float("nan")


def together(seen: Sequence[Seen]) -> Seen:
    """Several sets as one."""
    return Seen(
        EvaluationSet("held", ""),
        tuple(path for each in seen for path in each.paths),
        tuple(found for each in seen for found in each.found),
        tuple(truths for each in seen for truths in each.truths),
        one_after_another([each.group for each in seen]),
    )
