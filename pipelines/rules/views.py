"""Which sightings of a thing that lies or stands make its evidence."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.incident import Role
from vision.overlap import Boxes, area, whole

_EDGE_PX: Final = 2.0
SEEN: Final = {Role.BEFORE: "first seen", Role.AT: "seen best", Role.AFTER: "last seen"}


def best_views(boxes: Boxes, picture: tuple[int, int]) -> tuple[tuple[Role, int], ...]:
    """Rows of (N, 4) boxes in order of time, each at most once: the first, the last, and between them the largest of
    those that the edge of the picture (width, height) does not cut, where it is best recognised.
    """
    last = len(boxes) - 1
    if last < 2:
        return ((Role.BEFORE, 0), (Role.AT, last)) if last else ((Role.AT, 0),)
    between = boxes[1:-1]
    size = area(between) * np.where(whole(between, picture, _EDGE_PX), 1.0, 1e-6)
    return (Role.BEFORE, 0), (Role.AT, 1 + int(np.argmax(size))), (Role.AFTER, last)
