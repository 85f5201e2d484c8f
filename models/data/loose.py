"""What can be cut out of a labelled picture: pieces to paste elsewhere, and the true extent of loose boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.data.boxes import Boxes
from models.data.cutouts import extent, foreground
from models.taxonomy import CLASS_ID

PASTED: Final = frozenset({CLASS_ID["litter"], CLASS_ID["garbage_pile"]})
LEAST_KEPT: Final = 0.5  # of either side of a loose box: a rotated export cannot have enlarged it more


def cut_out(picture: NDArray[np.uint8], boxes: Boxes) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Class id and cut-out of every piece of litter and pile that comes out cleanly."""
    size = np.array([*picture.shape[1::-1], *picture.shape[1::-1]], np.float64)
    for class_id, box in zip(boxes.class_id, boxes.xyxy * size, strict=True):
        if int(class_id) in PASTED:
            cutout = foreground(picture, box)
            if cutout is not None:
                yield int(class_id), cutout


def tightened(picture: NDArray[np.uint8], boxes: Boxes) -> Boxes:
    """Boxes shrunk to what GrabCut finds in them; those that it cannot tell from the ground stay as they are."""
    size = np.array([*picture.shape[1::-1], *picture.shape[1::-1]], np.float64)
    return Boxes(boxes.class_id, np.array([_tight(picture, box * size) / size for box in boxes.xyxy]).reshape(-1, 4))


def _tight(picture: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.float64]:
    cutout = foreground(picture, box)
    if cutout is None:
        return box
    inside = extent(cutout)
    if (inside[2:] - inside[:2]).min() < LEAST_KEPT:
        return box
    size = box[2:] - box[:2]
    return np.concatenate([box[:2] + inside[:2] * size, box[:2] + inside[2:] * size])
