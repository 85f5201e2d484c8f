"""The worst mistakes of a network, chosen and drawn: what to look at before believing a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.evaluate import Seen, longer_side
from models.evaluation.metrics import IOUS, match
from models.evaluation.sets import picture_of

CONTEXT: Final = 3.0  # a mistake is shown with this many times its longer side around it
LEAST_VIEW: Final = 160  # and at least so many pixels of the picture
SHOWN: Final = 300  # side of the drawn picture in pixels
RIGHT, FALSE, MISSED = (0, 170, 60), (230, 30, 30), (255, 150, 0)  # RGB: found, wrong, not found
JPEG_QUALITY: Final = 80

Kind = Literal["false", "missed"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong detection or one missed label.

    Attributes:
        picture: index into the pictures of `seen`.
        box: x1 y1 x2 y2 in pixels of the picture as the network saw it.
        badness: confidence of a false detection, longer side in pixels of a missed label.
    """

    kind: Kind
    seen: Seen
    picture: int
    class_id: int
    box: NDArray[np.float32]
    badness: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Boxes of one class in one picture at its threshold: found rightly, wrongly, and the labels not found."""

    right: NDArray[np.float32]
    false: NDArray[np.float32]
    false_confidence: NDArray[np.float32]
    missed: NDArray[np.float32]


def judge_picture(seen: Seen, picture: int, class_id: int, threshold: float) -> Verdicts:
    """At IoU 0.5."""
    found, truths = seen.found[picture], seen.truths[picture]
    shown = found[(found.class_id == class_id) & (found.confidence >= threshold)]
    there = truths.boxes[truths.class_id == class_id]
    hits = match(shown.boxes, shown.confidence, there, IOUS[:1])[0]
    missed = np.setdiff1d(np.arange(len(there)), hits)
    wrong = hits < 0
    return Verdicts(shown.boxes[~wrong], shown.boxes[wrong], shown.confidence[wrong], there[missed])


def worst_mistakes(seen: Sequence[Seen], class_id: int, threshold: float, kind: Kind, most: int) -> list[Mistake]:
    """The surest false detections, or the largest missed labels; of one picture only the worst."""
    sets = [each for each in seen if class_id in each.source.class_ids()]
    every = chain.from_iterable(_mistakes(each, class_id, threshold, kind) for each in sets)
    worst: dict[Path, Mistake] = {}
    for each in sorted(every, key=lambda mistake: -mistake.badness):
        worst.setdefault(each.seen.paths[each.picture], each)
    return list(worst.values())[:most]


def draw(mistake: Mistake, threshold: float) -> bytes:
    """JPEG of the mistake in its surroundings: green is found, red is wrong, orange is missed, the mistake is thick."""
    picture = picture_of(mistake.seen.source, mistake.seen.paths[mistake.picture])
    left, top, right, bottom = _view(mistake.box, picture.shape[1], picture.shape[0])
    scale = SHOWN / max(right - left, bottom - top)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    view = cv2.resize(picture[top:bottom, left:right], None, fx=scale, fy=scale, interpolation=how)
    verdicts = judge_picture(mistake.seen, mistake.picture, mistake.class_id, threshold)
    for boxes, colour in ((verdicts.right, RIGHT), (verdicts.false, FALSE), (verdicts.missed, MISSED)):
        for box in boxes:
            corners = ((box - [left, top, left, top]) * scale).round().astype(int).tolist()
            thickness = 3 if np.array_equal(box, mistake.box) else 1
            cv2.rectangle(view, corners[:2], corners[2:], colour, thickness)
    return bytes(cv2.imencode(".jpg", view[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1])


def _mistakes(seen: Seen, class_id: int, threshold: float, kind: Kind) -> list[Mistake]:
    found: list[Mistake] = []
    for index in range(len(seen)):
        verdicts = judge_picture(seen, index, class_id, threshold)
        boxes = verdicts.false if kind == "false" else verdicts.missed
        badness = verdicts.false_confidence if kind == "false" else longer_side(verdicts.missed)
        found += [
            Mistake(kind, seen, index, class_id, box, float(bad)) for box, bad in zip(boxes, badness, strict=True)
        ]
    return found


def _view(box: NDArray[np.float32], width: int, height: int) -> tuple[int, int, int, int]:
    """The part of the picture to show: a square about the box, moved and cut so that it lies inside."""
    side = max(LEAST_VIEW, CONTEXT * float(longer_side(box[None])[0]))
    left = int(np.clip((box[0] + box[2] - side) / 2, 0, max(width - side, 0)))
    top = int(np.clip((box[1] + box[3] - side) / 2, 0, max(height - side, 0)))
    return left, top, int(min(left + side, width)), int(min(top + side, height))
