"""Facts of each signal head from all its sightings: how its lamps are arranged, and its place before the camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.tables.heads import HeadTable
from vision.tracking.sightings import LIGHT, Sightings

ELONGATED: Final = 1.5  # sides of a housing of several lamps
# Longer side of a head of three lamps: 0.75 m with lenses of 200 mm, 1.05 m with 300 mm (EN 12368; GB 14887).
LONG_M: Final = 0.9
LONG_STD: Final = 0.17


def head_table(tracks: Sequence[Sightings], frame_s: Floats, camera: GroundCamera) -> HeadTable:
    """One row for each tracked head; the n-th of `tracks` has the id n."""
    heads = [(row + 1, one) for row, one in enumerate(tracks) if one.group == LIGHT]
    largest = [int((one.boxes[:, 2:] - one.boxes[:, :2]).max(axis=1).argmax()) for _, one in heads]
    boxes = np.array([one.boxes[row] for (_, one), row in zip(heads, largest, strict=True)], float).reshape(-1, 4)
    layout = np.array([_layout(one) for _, one in heads], "<U8")
    place = _places(boxes, camera)
    place[layout == "unknown"] = np.nan  # of one or two lamps: no usual size
    return HeadTable(
        np.array([track for track, _ in heads], np.int32),
        layout,
        np.array([frame_s[one.frame[row]] for (_, one), row in zip(heads, largest, strict=True)], np.float64),
        place[:, 0],
        place[:, 1],
        place[:, 2],
        np.where(layout == "unknown", np.nan, LONG_STD),
    )


def _layout(one: Sightings) -> str:
    sides = one.boxes[:, 2:] - one.boxes[:, :2]
    height_per_width = float(np.median(sides[:, 1] / np.maximum(sides[:, 0], 1e-3)))
    if height_per_width >= ELONGATED:
        return "upright"
    return "lying" if height_per_width <= 1 / ELONGATED else "unknown"


def _places(boxes: NDArray[np.float64], camera: GroundCamera) -> Floats:
    """(N, 3) distance, metres to the left and above the road of heads of usual size."""
    x, y = camera.level((boxes[:, :2] + boxes[:, 2:]) / 2).T
    distance = camera.focal_px * LONG_M / np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0), 1e-3)
    metres = distance / camera.focal_px
    return np.stack(
        [distance, (camera.centre_x - x) * metres, camera.height_m + (camera.horizon_y - y) * metres], axis=1
    )
