"""The detections of one thing over time, and the groups of classes within which one is mistaken for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID, LIGHTS, LITTER, STREET_CLASSES
from vision.overlap import Boxes

GROUPS: Final = 6
VEHICLE, TWO_WHEELER, PERSON, LIGHT, WASTE, PLATE = range(GROUPS)  # the first three are road users


@dataclass(frozen=True, slots=True)
class Sightings:
    """One thing's detections, in order of frames.

    Attributes:
        look: as in the log. hidden: (N, 4) which edges of the boxes are those of something that stands before it.
        described: (N,) rows of the descriptors, -1 where there is none.
    """

    group: int
    frame: NDArray[np.int32]
    boxes: Boxes
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int16]
    look: NDArray[np.str_]
    hidden: NDArray[np.bool_]
    described: NDArray[np.intp]

    @classmethod
    def concatenate(cls, parts: Sequence[Sightings]) -> Sightings:
        """Parts of one thing, which are at least one, in order of time."""
        return cls(
            parts[0].group, *(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__[1:])
        )

    def __getitem__(self, rows: NDArray[np.intp]) -> Sightings:
        return Sightings(self.group, *(getattr(self, name)[rows] for name in self.__slots__[1:]))


def _group(name: str) -> int:
    if name in LIGHTS:
        return LIGHT
    if name in LITTER:
        return WASTE
    return {"person": PERSON, "bicycle": TWO_WHEELER, "motorcycle": TWO_WHEELER, "licence_plate": PLATE}.get(
        name, VEHICLE
    )


GROUP_OF: Final[NDArray[np.intp]] = np.array([_group(name) for name in STREET_CLASSES], np.intp)


def voted_class(seen: Sightings) -> int:
    """The class with the greatest sum of confidence."""
    return int(np.argmax(np.bincount(seen.class_id, weights=seen.confidence, minlength=len(CLASS_ID))))
