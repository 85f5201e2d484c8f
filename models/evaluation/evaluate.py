"""How well a detector sees, measured through the same protocol that the product uses: `patrol evaluate network`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.data.groups import difference_hash, scene_groups
from models.detections import Detections
from models.detector import Detector
from models.evaluation.interval import interval, precision_recall_intervals
from models.evaluation.metrics import IOUS, Scored, average_precision, best_threshold, match
from models.evaluation.sets import EvaluationSet, labelled_pictures
from models.taxonomy import CLASS_ID, LITTER, STREET_CLASSES, class_ids

# Longer side in pixels of the picture as the network sees it.
BUCKETS: Final = ((0.0, 12.0), (12.0, 24.0), (24.0, 48.0), (48.0, 96.0), (96.0, float("inf")))
DEFAULT_THRESHOLD: Final = 0.35  # for a class that no tuning set has enough boxes of
LEAST_TRUTHS: Final = 10  # a set with fewer boxes of a class has no say in its threshold


@dataclass(frozen=True, slots=True)
class Seen:
    """What a detector found in the pictures of a set, beside what is there.

    Attributes:
        paths, found, truths: one each per picture; boxes in pixels of the picture as the network saw it.
        group: (pictures,) number of each picture's scene: those that show nearly the same have one.
    """

    source: EvaluationSet
    paths: tuple[Path, ...]
    found: tuple[Detections, ...]
    truths: tuple[Detections, ...]
    group: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured for one class on one set. Rates are nan (JSON: left out) where they have no meaning.

    Attributes:
        bucket: longer side in pixels from, to; None for all sizes.
        interval50, precision_interval, recall_interval: 95 % bootstrap intervals over scenes.
        precision, recall: at IoU 0.5 and the class's shipped `threshold`.
        false_per_picture: wrong detections per picture at that threshold.
    """

    set_name: str
    class_name: str
    bucket: tuple[float, float] | None
    pictures: int
    truths: int
    ap50: float
    interval50: tuple[float, float]
    ap: float
    threshold: float
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    false_per_picture: float


@dataclass(frozen=True, slots=True)
class ClassOnSet:
    """Matched detections of one class on one set."""

    source: EvaluationSet
    class_id: int
    scored: Scored


def look_at(
    detector: Detector, source: EvaluationSet, roots: tuple[Path, ...], advance: Callable[[], None] | None = None
) -> Seen:
    """Detect in every picture of a set."""
    paths, found, truths, likeness = [], [], [], []
    for each in labelled_pictures(source, roots):
        paths.append(each.path)
        found.append(detector.detect(each.picture))
        truths.append(each.truths)
        likeness.append(difference_hash(np.ascontiguousarray(each.picture[..., ::-1])))
        if advance:
            advance()
    names = [path.name for path in paths]
    # Objects cut out of their scenes look alike though their scenes do not: there only the names tell.
    group = scene_groups(names, None if source.crops else np.array(likeness), source.sequence)
    return Seen(source, tuple(paths), tuple(found), tuple(truths), group)


def by_class(seen: Sequence[Seen]) -> list[ClassOnSet]:
    """Match what was found with the labels, class by class; classes that a set does not label are left out."""
    return [
        ClassOnSet(each.source, class_id, scored(each, frozenset({class_id})))
        for each in seen
        for class_id in each.source.class_ids()
    ]


def choose_thresholds(results: Sequence[ClassOnSet]) -> NDArray[np.float32]:
    """(classes,) the threshold of each class that serves the tuning sets together best.

    It is the best F1, with two exceptions. Of litter every box may become a reviewer's look while a patrol passes
    each spot in many frames, so precision counts double (F0.5). A plate is blurred, never reported: one missed shows
    a person's plate, one too many blurs a piece of bumper, so recall counts double (F2) and weak boxes are taken.
    """
    thresholds = np.full(len(STREET_CLASSES), DEFAULT_THRESHOLD, np.float32)
    for class_id in range(len(STREET_CLASSES)):
        sets = [
            each.scored
            for each in results
            if each.class_id == class_id and each.source.tuning and len(each.scored.truth_picture) >= LEAST_TRUTHS
        ]
        if not sets:
            continue
        if class_id in class_ids(LITTER):
            thresholds[class_id] = best_threshold(sets, beta=0.5)
        elif class_id == CLASS_ID["licence_plate"]:
            thresholds[class_id] = best_threshold(sets, beta=2.0, low=0.1)
        else:
            thresholds[class_id] = best_threshold(sets)
    return thresholds


def scores(results: Sequence[ClassOnSet], thresholds: NDArray[np.float32], *, buckets: bool = True) -> list[Score]:
    """A score per set and class, and one per size bucket in which there are truths."""
    rows: list[Score] = []
    for each in results:
        rows.append(_score(each, each.scored, None, float(thresholds[each.class_id])))
        for bucket in BUCKETS if buckets else ():
            part = each.scored.sized(*bucket)
            if len(part.truth_picture):
                rows.append(_score(each, part, bucket, float(thresholds[each.class_id])))
    return rows


def scored(seen: Seen, classes: frozenset[int], levels: NDArray[np.float64] = IOUS) -> Scored:
    """Detections of these classes matched, at each least IoU, with the truths of the same class."""
    confidence, picture, size, hits = [], [], [], []
    truth_picture, truth_size = [], []
    before = 0
    for index, (found, truths) in enumerate(zip(seen.found, seen.truths, strict=True)):
        for class_id in sorted(classes):
            mine, there = found[found.class_id == class_id], truths[truths.class_id == class_id]
            rows = match(mine.boxes, mine.confidence, there.boxes, levels)
            hits.append(np.where(rows >= 0, rows + before, rows))
            confidence.append(mine.confidence)
            picture.append(np.full(len(mine), index, np.int64))
            size.append(longer_side(mine.boxes))
            truth_picture.append(np.full(len(there), index, np.int64))
            truth_size.append(longer_side(there.boxes))
            before += len(there)
    order = np.argsort(-np.concatenate(confidence), kind="stable")
    return Scored(
        np.concatenate(confidence)[order], np.concatenate(picture)[order], np.concatenate(size)[order],
        np.concatenate(hits, axis=1)[:, order], np.concatenate(truth_picture), np.concatenate(truth_size), seen.group,
    )  # fmt: skip


def longer_side(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) of x1 y1 x2 y2 boxes."""
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0), np.float32)


def _score(each: ClassOnSet, part: Scored, bucket: tuple[float, float] | None, threshold: float) -> Score:
    rates = precision_recall_intervals(part, threshold)
    return Score(
        set_name=each.source.name,
        class_name=STREET_CLASSES[each.class_id],
        bucket=bucket,
        pictures=part.pictures,
        truths=len(part.truth_picture),
        ap50=average_precision(part),
        interval50=interval(part),
        ap=float(np.mean([average_precision(part, level) for level in range(len(IOUS))])),
        threshold=round(threshold, 3),
        precision=rates.precision,
        precision_interval=rates.precision_interval,
        recall=rates.recall,
        recall_interval=rates.recall_interval,
        false_per_picture=rates.false / max(part.pictures, 1),
    )
