"""What a detector saw in one picture, as a struct of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES


@cache
def _ids(classes: frozenset[int]) -> NDArray[np.int16]:
    return np.array(sorted(classes), np.int16)


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes found in one picture.

    Attributes:
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the picture, x right, y down, origin top left.
        confidence: (N,) float32 in 0..1.
        class_id: (N,) int16, index into `STREET_CLASSES`.

    Example:
        >>> found = Detections.empty()
        >>> len(found[found.confidence > 0.5])
        0
    """

    boxes: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int16]

    @classmethod
    def empty(cls) -> Detections:
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int16))

    @classmethod
    def concatenate(cls, parts: Sequence[Detections]) -> Detections:
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.class_id for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.confidence)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        return Detections(self.boxes[rows], self.confidence[rows], self.class_id[rows])

    def class_names(self) -> list[str]:
        return [STREET_CLASSES[index] for index in self.class_id]

    def of(self, classes: frozenset[int]) -> Detections:
        """Only the detections whose class id is in `classes`."""
        # Of a handful of boxes numpy's `isin` costs several times as much.
        return self[(self.class_id[:, None] == _ids(classes)).any(axis=1)]

    def placed(self, scale_x: float, scale_y: float, left: float = 0.0, top: float = 0.0) -> Detections:
        """The same boxes in the frame that this picture was cut from.

        Args:
            scale_x, scale_y: frame pixels per picture pixel.
            left, top: where the picture's origin lies in the frame, in frame pixels.
        """
        scale = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        offset = np.array([left, top, left, top], np.float32)
        return Detections(self.boxes * scale + offset, self.confidence, self.class_id)
