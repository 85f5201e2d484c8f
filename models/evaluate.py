"""How well a detector sees, measured through the same protocol that the product uses: `patrol evaluate`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import Boxes, read_labels
from models.data.merge import PICTURES
from models.data.sources import find_in_roots
from models.detections import Detections
from models.detector import Detector
from models.errors import BadUse
from models.metrics import IOUS, Scored, average_precision, best_threshold, interval, match, precision_recall
from models.taxonomy import CLASS_ID, STREET_CLASSES

# Longer side in pixels of the picture as the network sees it.
BUCKETS: Final = ((0.0, 12.0), (12.0, 24.0), (24.0, 48.0), (48.0, 96.0), (96.0, float("inf")))
DEFAULT_THRESHOLD: Final = 0.35  # for a class that no tuning set has enough boxes of
LEAST_TRUTHS: Final = 10  # a set with fewer boxes of a class has no say in its threshold


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled pictures that were never trained on.

    Attributes:
        folder: holds `images/` and `labels/`, relative to one of the data roots.
        labels: the source's class ids -> our class ids; only these classes are scored.
        size: the longer side is scaled to this many pixels; 0: as it is.
        tuning: thresholds may be chosen on it.
    """

    name: str
    folder: str
    labels: tuple[tuple[int, int], ...]
    match: tuple[str, ...] = ("*",)
    size: int = 640
    tuning: bool = True


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured for one class on one set. Rates are nan (JSON: null) where they have no meaning.

    Attributes:
        bucket: longer side in pixels from, to; None for all sizes.
        interval50: 95 % bootstrap interval of `ap50` over pictures.
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
    recall: float
    false_per_picture: float


@dataclass(frozen=True, slots=True)
class ClassOnSet:
    """Matched detections of one class on one set."""

    source: EvaluationSet
    class_id: int
    scored: Scored


def read_evaluation(path: Path) -> tuple[EvaluationSet, ...]:
    """Read the list of evaluation sets.

    Raises:
        BadUse: no such file, not TOML, or something in it that is not known.
    """
    try:
        return tuple(_set(entry) for entry in tomllib.loads(path.read_text("utf-8"))["set"])
    except OSError as error:
        raise BadUse(f"cannot read the evaluation sets {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadUse(f"{path}: {error}", advice="each [[set]] takes a name, a folder and labels") from error


def look_at(
    detector: Detector, source: EvaluationSet, roots: tuple[Path, ...], advance: Callable[[], None] | None = None
) -> list[ClassOnSet]:
    """Detect in every picture of a set and match what was found with its labels, class by class."""
    found: list[tuple[Detections, Boxes, NDArray[np.float32]]] = []
    for picture, boxes in _pictures(source, find_in_roots(source.folder, roots)):
        height, width = picture.shape[:2]
        truth = (boxes.xyxy * [width, height, width, height]).astype(np.float32)
        found.append((detector.detect(picture), boxes, truth))
        if advance:
            advance()
    classes = sorted({ours for _, ours in source.labels})
    return [ClassOnSet(source, class_id, _scored(found, class_id)) for class_id in classes]


def choose_thresholds(results: list[ClassOnSet]) -> NDArray[np.float32]:
    """(classes,) the threshold of each class that serves the tuning sets together best (F1)."""
    thresholds = np.full(len(STREET_CLASSES), DEFAULT_THRESHOLD, np.float32)
    for class_id in range(len(STREET_CLASSES)):
        sets = [
            each.scored
            for each in results
            if each.class_id == class_id and each.source.tuning and len(each.scored.truth_picture) >= LEAST_TRUTHS
        ]
        if sets:
            thresholds[class_id] = best_threshold(sets)
    return thresholds


def scores(results: list[ClassOnSet], thresholds: NDArray[np.float32], *, buckets: bool = True) -> list[Score]:
    """A score per set and class, and one per size bucket in which there are truths."""
    rows: list[Score] = []
    for each in results:
        rows.append(_score(each, each.scored, None, float(thresholds[each.class_id])))
        for bucket in BUCKETS if buckets else ():
            part = each.scored.sized(*bucket)
            if len(part.truth_picture):
                rows.append(_score(each, part, bucket, float(thresholds[each.class_id])))
    return rows


def count_pictures(source: EvaluationSet, roots: tuple[Path, ...]) -> int:
    return len(_paths(source, find_in_roots(source.folder, roots)))


def _score(each: ClassOnSet, scored: Scored, bucket: tuple[float, float] | None, threshold: float) -> Score:
    precision, recall, false = precision_recall(scored, threshold)
    return Score(
        set_name=each.source.name,
        class_name=STREET_CLASSES[each.class_id],
        bucket=bucket,
        pictures=scored.pictures,
        truths=len(scored.truth_picture),
        ap50=average_precision(scored),
        interval50=interval(scored),
        ap=float(np.mean([average_precision(scored, level) for level in range(len(IOUS))])),
        threshold=round(threshold, 3),
        precision=precision,
        recall=recall,
        false_per_picture=false / max(scored.pictures, 1),
    )


def _scored(found: list[tuple[Detections, Boxes, NDArray[np.float32]]], class_id: int) -> Scored:
    confidence, picture, size, hits = [], [], [], []
    truth_picture, truth_size = [], []
    before = 0
    for index, (detections, boxes, pixels) in enumerate(found):
        mine, truths = detections[detections.class_id == class_id], pixels[boxes.class_id == class_id]
        rows = match(mine.boxes, mine.confidence, truths)
        hits.append(np.where(rows >= 0, rows + before, rows))
        confidence.append(mine.confidence)
        picture.append(np.full(len(mine), index, np.int64))
        size.append(_longer_side(mine.boxes))
        truth_picture.append(np.full(len(truths), index, np.int64))
        truth_size.append(_longer_side(truths))
        before += len(truths)
    order = np.argsort(-np.concatenate(confidence), kind="stable")
    return Scored(
        np.concatenate(confidence)[order], np.concatenate(picture)[order], np.concatenate(size)[order],
        np.concatenate(hits, axis=1)[:, order], np.concatenate(truth_picture), np.concatenate(truth_size), len(found),
    )  # fmt: skip


def _longer_side(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0), np.float32)


def _pictures(source: EvaluationSet, folder: Path) -> Iterator[tuple[NDArray[np.uint8], Boxes]]:
    """RGB pictures at the set's size and their boxes under our class ids."""
    for path in _paths(source, folder):
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise BadUse(f"{path} cannot be read as a picture")
        longer = max(picture.shape[:2])
        if source.size and longer != source.size:
            scale = source.size / longer
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)
        labels = read_labels(folder / "labels" / f"{path.stem}.txt").renamed(source.labels)
        yield np.ascontiguousarray(picture[:, :, ::-1], np.uint8), labels


def _paths(source: EvaluationSet, folder: Path) -> list[Path]:
    matching = {path for glob in source.match for path in (folder / "images").glob(glob)}
    paths = sorted(path for path in matching if path.suffix.lower() in PICTURES)
    if not paths:
        raise BadUse(f"set {source.name}: no picture in {folder / 'images'} matches {' or '.join(source.match)}")
    return paths


def _set(entry: dict[str, Any]) -> EvaluationSet:
    options = {"match": ["*"], **entry}
    labels = tuple((int(theirs), CLASS_ID[ours]) for theirs, ours in options.pop("labels").items())
    return EvaluationSet(**{**options, "match": tuple(options["match"])}, labels=labels)
