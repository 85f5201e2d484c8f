"""Boxes of what can really be seen, from a picture of identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.mesh import Floats
from pipelines.simulate.stage import Actor, Pose, Stage

# How much of its outline's convex hull a thing fills, seen whole: measured roughly from single models.
_FILL = {"person": 0.65, "bicycle": 0.3, "motorcycle": 0.55, "truck": 0.8}
_FILL_OTHERS = 0.85


@dataclass(frozen=True, slots=True)
class Seen:
    """`box`: x1, y1, x2, y2 of its visible pixels. `share`: how much of what lies inside the picture is not hidden."""

    actor: int
    label: str
    box: tuple[float, float, float, float]
    share: float


def extents(identities: NDArray[np.int32]) -> dict[int, tuple[int, int, int, int, int]]:
    """Of each identity in the picture: x1, y1, x2, y2 (exclusive) and its number of pixels."""
    rows, columns = np.nonzero(identities)
    values = identities[rows, columns]
    order = np.argsort(values, kind="stable")
    rows, columns, values = rows[order], columns[order], values[order]
    names, starts, counts = np.unique(values, return_index=True, return_counts=True)
    if not len(names):
        return {}
    left, right = np.minimum.reduceat(columns, starts), np.maximum.reduceat(columns, starts) + 1
    top, bottom = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts) + 1
    table = np.stack([left, top, right, bottom, counts], 1)
    return {name: (x1, y1, x2, y2, n) for name, (x1, y1, x2, y2, n) in zip(names.tolist(), table.tolist(), strict=True)}


def outline_area(points: Floats, width: int, height: int) -> float:
    """Area in pixels of the part of the points' convex hull that lies inside the picture; `points` (N, 3) projected."""
    if np.any(points[:, 2] < 0.3) or len(points) < 3:
        return float("nan")
    hull = cv2.convexHull(np.clip(points[:, :2], -1e5, 1e5).astype(np.float32))
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return float(cv2.intersectConvexConvex(hull, frame)[0])


def _vertices(actor: Actor, label: str) -> Floats:
    points = np.concatenate([part.mesh.vertices for part in actor.model.parts if part.label == label])
    heading = np.radians(actor.node.getH())
    c, s = np.cos(heading), np.sin(heading)
    at = actor.node.getPos()
    x, y = c * points[:, 0] - s * points[:, 1] + at[0], s * points[:, 0] + c * points[:, 1] + at[1]
    return np.stack([x, y, points[:, 2] + at[2]], 1)


def seen(stage: Stage, actors: Sequence[Actor], identities: NDArray[np.int32], pose: Pose) -> list[Seen]:
    """Everything labelled of which at least one pixel shows."""
    found = extents(identities)
    result = []
    for index, actor in enumerate(actors):
        for label, identity in actor.ids.items():
            if identity not in found:
                continue
            x1, y1, x2, y2, pixels = found[identity]
            area = outline_area(stage.project(_vertices(actor, label), pose), stage.width, stage.height)
            share = 1.0 if np.isnan(area) else min(1.0, pixels / max(area * _FILL.get(label, _FILL_OTHERS), 1.0))
            result.append(Seen(index, label, (float(x1), float(y1), float(x2), float(y2)), share))
    return result


def in_window(
    things: Sequence[Seen],
    window: tuple[float, float, float, float],
    scale: float,
    least: float = 6.0,
    share: float = 0.25,
) -> list[Seen]:
    """Boxes in a cut-out's own pixels after scaling; hidden, tiny and mostly cut off ones are left out."""
    kept = []
    left, top, right, bottom = window
    for thing in things:
        x1, y1, x2, y2 = thing.box
        cut = (max(x1, left), max(y1, top), min(x2, right), min(y2, bottom))
        if cut[2] <= cut[0] or cut[3] <= cut[1] or thing.share < share:
            continue
        if (cut[2] - cut[0]) * (cut[3] - cut[1]) < 0.25 * (x2 - x1) * (y2 - y1):
            continue
        box = tuple(float((value - start) * scale) for value, start in zip(cut, (left, top, left, top), strict=True))
        if max(box[2] - box[0], box[3] - box[1]) < least or min(box[2] - box[0], box[3] - box[1]) < 0.4 * least:
            continue
        kept.append(Seen(thing.actor, thing.label, (box[0], box[1], box[2], box[3]), thing.share))
    return kept
