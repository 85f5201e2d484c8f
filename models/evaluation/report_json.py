"""Results as JSON and TOML can hold them: no nan, no infinity; what has no meaning is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from models.evaluation.calibration import Reliability, reliability
from models.evaluation.evaluate import ClassOnSet
from models.taxonomy import STREET_CLASSES


@dataclass(frozen=True, slots=True)
class ClassReliability:
    """How far the confidence of a class can be believed, over all sets that label it."""

    class_name: str
    reliability: Reliability


def calibration_of(results: Sequence[ClassOnSet]) -> list[ClassReliability]:
    """One for each class that some set labels."""
    classes = sorted({each.class_id for each in results})
    return [
        ClassReliability(
            STREET_CLASSES[number], reliability([each.scored for each in results if each.class_id == number])
        )
        for number in classes
    ]


def plain(value: Any) -> Any:
    """Dataclasses become tables, tuples lists, floats are rounded to four places.

    A field that is None, nan, or holds a nan is left out; infinity is dropped from a list (an open size bucket).
    """
    if is_dataclass(value):
        return {field.name: plain(mine) for field in fields(value) if _known(mine := getattr(value, field.name))}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value if not (isinstance(each, float) and math.isinf(each))]
    return round(value, 4) if isinstance(value, float) else value


def _known(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_known(each) for each in value)
    return value is not None and not (isinstance(value, float) and math.isnan(value))
