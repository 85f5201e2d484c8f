"""What all looks of a frame show together: parts of things left out, and what several looks saw counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from vision.appearance.descriptors import Descriptors
from vision.appearance.likeness import on_scale
from vision.look import Look
from vision.overlap import Boxes, cover, free_edges, hidden_edges, iou
from vision.tables.world import APPEARANCE_SIZE
from vision.tracking.sightings import GROUP_OF, LIGHT, PERSON
from vision.watch import Glance

EDGE_PX: Final = 3.0
TOO_WEAK: Final = 0.1
HIDES: Final = 0.3  # confidence from which a road user is believed to hide what is behind it
TOO_WEAK_LIGHT: Final = 0.05  # a head known already stays where it is, so weak sightings of it count


@dataclass(frozen=True, slots=True)
class Scan:
    """`look`: (N,) as in the log, `group`: (N,) of each detection; `cut`, `hidden`: (N, 4) which of its edges are the
    picture's, and which those of a road user that hides a part of it; `described`: (N,) rows of the
    descriptors, -1 where there is none.
    """

    frame: int
    found: Detections
    look: NDArray[np.str_]
    group: NDArray[np.intp]
    cut: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    described: NDArray[np.intp]

    def __getitem__(self, rows: NDArray[np.bool_]) -> Scan:
        return Scan(self.frame, *(getattr(self, name)[rows] for name in self.__slots__[1:]))


def scans_of(
    glances: Sequence[Glance],
    thresholds: NDArray[np.float32],
    picture: tuple[int, int],
    descriptors: Descriptors,
) -> tuple[Scan, ...]:
    """Of all frames of pictures (width, height) that were glanced at. `thresholds`: by class, lowest confidence that
    may start a track. `descriptors`: of what was detected.
    """
    scans = [
        _scan(frame, list(group), thresholds, picture) for frame, group in groupby(glances, lambda glance: glance.frame)
    ]
    counts = [len(scan.found) for scan in scans]
    frame = np.repeat(np.array([scan.frame for scan in scans], np.int32), counts)
    row = descriptors.rows_of(frame, np.concatenate([np.zeros((0, 4), np.float32), *(s.found.boxes for s in scans)]))
    parts = np.split(row, np.cumsum(counts, dtype=np.intp))[: len(scans)]
    return tuple(replace(scan, described=part) for scan, part in zip(scans, parts, strict=True))


def looks_of(scans: Sequence[Scan], descriptors: Descriptors) -> NDArray[np.float32]:
    """(D + 1, APPEARANCE_SIZE) the descriptors on the scale of `likeness.on_scale`, by groups; NaN of what is in no
    scan, and in the last row: of what is not described.
    """
    looks = np.full((len(descriptors.vectors) + 1, APPEARANCE_SIZE), np.nan, np.float32)
    group = np.concatenate([np.zeros(0, np.intp), *(scan.group for scan in scans)])
    row = np.concatenate([np.zeros(0, np.intp), *(scan.described for scan in scans)])
    known, row = row >= 0, row[row >= 0]
    looks[row] = on_scale(descriptors.vectors[row], descriptors.frame[row], group[known])
    return looks


def _scan(frame: int, glances: Sequence[Glance], thresholds: NDArray[np.float32], picture: tuple[int, int]) -> Scan:
    parts, looks, scales = [], [], []
    for glance in glances:
        found = glance.found[glance.found.confidence >= _least(glance.found.class_id, thresholds)]
        if glance.look.kind in ("light", "search"):
            found = found[GROUP_OF[found.class_id] == LIGHT]  # of other things these looks show pieces and fancies
        found = found[~cut_by_window(found.boxes, glance.look, *picture)]
        parts.append(found)
        looks += [glance.look.logged] * len(found)
        scales += [glance.look.scale[0]] * len(found)
    every = Detections.concatenate(parts)
    group = GROUP_OF[every.class_id]
    keep = _once(every, group, np.array(scales))
    every, group = every[keep], group[keep]
    cut = ~free_edges(every.boxes, picture, EDGE_PX)
    look, unknown = np.array(looks, dtype="<U5")[keep], np.full(len(every), -1)
    return Scan(frame, every, look, group, cut, _hidden(every, group), unknown)


def _least(class_id: NDArray[np.int16], thresholds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lowest confidence that may extend a track."""
    weak = np.maximum(TOO_WEAK, thresholds[class_id] * 0.4)
    return np.where(GROUP_OF[class_id] == LIGHT, TOO_WEAK_LIGHT, weak).astype(np.float32)


def _hidden(found: Detections, group: NDArray[np.intp]) -> NDArray[np.bool_]:
    sure = (group <= PERSON) & (found.confidence > HIDES)
    return hidden_edges(found.boxes, found.boxes[sure])


def cut_by_window(boxes: Boxes, look: Look, width: int, height: int) -> NDArray[np.bool_]:
    """(N,) boxes that end at an edge of the look's window inside the picture (`width` x `height`): they show a part of
    a thing only.
    """
    x1, y1, x2, y2 = look.window
    margin = EDGE_PX * look.scale[0]
    return np.asarray(
        ((boxes[:, 0] < x1 + margin) & (x1 > 0))
        | ((boxes[:, 1] < y1 + margin) & (y1 > 0))
        | ((boxes[:, 2] > x2 - margin) & (x2 < width))
        | ((boxes[:, 3] > y2 - margin) & (y2 < height))
    )


def _once(found: Detections, group: NDArray[np.intp], scale: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows without doubles: of boxes of one group that overlap the surer one stays; a closer look counts more."""
    order = np.argsort(-(found.confidence + np.where(scale < 1.01, 0.1, 0.0)), kind="stable")
    boxes = found.boxes[order]
    same = group[order][:, None] == group[order][None, :]
    double = same & ((iou(boxes, boxes) > 0.5) | (cover(boxes, boxes) > 0.8))
    keep = np.ones(len(order), bool)
    for row in range(len(order)):
        if keep[row]:
            keep[row + 1 :] &= ~double[row, row + 1 :]
    return np.sort(order[keep])
