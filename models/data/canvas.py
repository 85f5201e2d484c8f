"""A picture that things are pasted onto, none over another."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap

# The picture with what was pasted, (N, 4) x1 y1 x2 y2 of the pasted things in pixels, (N,) their class ids.
Pasted: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]


class Canvas:
    """A copy of a picture, and where something is on it.

    Attributes:
        pixels: (H, W, 3) BGR, to be painted on.
    """

    def __init__(self, picture: NDArray[np.uint8], boxes: NDArray[np.float32]) -> None:
        """`boxes`: (N, 4) x1 y1 x2 y2 in pixels of things that must stay visible."""
        self.pixels = picture.copy()
        self._taken = boxes.reshape(-1, 4).astype(np.float32)
        self._pasted: list[NDArray[np.float32]] = []
        self._classes: list[int] = []

    def is_free(self, box: NDArray[np.float32]) -> bool:
        """Whether nothing is there, neither what was in the picture nor what was pasted."""
        return not len(self._taken) or float(overlap(box[None], self._taken).max()) <= 0

    def occupy(self, box: NDArray[np.float32]) -> None:
        """Note that something was painted there that is not to be told of."""
        self._taken = np.concatenate([self._taken, box[None]])

    def add(self, box: NDArray[np.float32], class_id: int) -> None:
        """Note that a thing was painted there."""
        self.occupy(box)
        self._pasted.append(box)
        self._classes.append(class_id)

    def pasted(self) -> Pasted:
        return self.pixels, np.array(self._pasted, np.float32).reshape(-1, 4), np.array(self._classes, np.int64)
