"""Has the street network forgotten what its COCO base knew? Measured on real clips that nobody labelled.

    python -m bench.forgetting --base yolo26n-coco-recovered.safetensors --clips FOLDER

What the base finds with confidence 0.5 or more of the six road classes counts as there. Recall is the share of it that
the street network finds, too: same class, IoU 0.5. A lower confidence finds more, so both are held to equal false
alarms. Nobody labelled these frames, so each network judges the other by one rule: a box is a false alarm if the other
sees nothing there (IoU 0.5, any of the six classes) even at confidence 0.1. The base's false alarms at 0.5 are counted,
and the street network gets the confidence at which it raises as many. A network that forgot a thing is not helped by
calling it the base's false alarm: it stays in the base's boxes, and recall is the share of these.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.base_network import export_base, road_users
from models.data.boxes import overlap
from models.detections import Detections
from models.evaluation.evaluate import Seen, scored
from models.evaluation.networks import load, named
from models.evaluation.sets import EvaluationSet
from models.manifest import WEIGHTS_FOLDER
from models.openvino_backend import OpenVinoDetector
from models.taxonomy import ROAD_USERS, STREET_CLASSES, class_ids

SURE: Final = 0.5  # confidence from which the base's boxes count as there
JUDGE: Final = 0.1
CURVE: Final = (0.5, 0.35, 0.25, 0.15)  # confidences of the street network that are shown for comparison
FLOOR: Final = 0.01
SAME: Final = 0.5  # IoU
LONGER_SIDE: Final = 640
ROAD: Final = class_ids(ROAD_USERS)


@dataclass(frozen=True, slots=True)
class Looks:
    """One frame: the six road classes as the base and the street network see them."""

    base: Detections
    ours: Detections


@dataclass(frozen=True, slots=True)
class Operating:
    """What the street network does from a confidence up: share of the base's boxes found, false alarms per frame."""

    confidence: float
    recall: float
    false_per_frame: float


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Attributes:
    equal: where the street network raises as many false alarms as the base, and the recall there.
    by_class: (class name, boxes of the base, recall there) of each class that occurs.
    """

    frames: int
    equal: Operating
    by_class: tuple[tuple[str, int, float], ...]
    curve: tuple[Operating, ...]


def frames_of(clip: Path, every_s: float) -> Iterator[NDArray[np.uint8]]:
    """RGB frames, one each `every_s` seconds of presentation time, longer side 640."""
    due = 0.0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            if frame.time is None or frame.time < due:
                continue
            due = frame.time + every_s
            picture = frame.to_ndarray(format="rgb24")
            scale = LONGER_SIDE / max(picture.shape[:2])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield np.asarray(small, np.uint8)


def measure(looks: list[Looks]) -> Forgetting:
    """Recall of the base's sure boxes at equal false alarms; nan where the base is sure of nothing."""
    sure = [each.base[each.base.confidence >= SURE] for each in looks]
    allowed = sum(
        int(false_alarms(boxes, _at_least(each.ours, JUDGE)).sum()) for boxes, each in zip(sure, looks, strict=True)
    )
    false = np.concatenate(
        [each.ours.confidence[false_alarms(each.ours, _at_least(each.base, JUDGE))] for each in looks]
    )
    confidence = confidence_for(false, allowed)
    rows = by_class(looks, sure, confidence)
    points = (_operating(looks, sure, false, each) for each in (confidence, *CURVE))
    equal, *curve = points
    return Forgetting(len(looks), equal, tuple(row for row in rows if row[1]), tuple(curve))


def by_class(looks: list[Looks], sure: list[Detections], confidence: float) -> list[tuple[str, int, float]]:
    """(class name, boxes of the base, share found) of each road class; nan where there is no box."""
    shown = [_at_least(each.ours, confidence) for each in looks]
    source = EvaluationSet("clips", "", labels=tuple((each, each) for each in sorted(ROAD)))
    pairs = Seen(source, tuple(Path() for _ in looks), tuple(shown), tuple(sure), np.arange(len(looks)))
    rows = []
    for class_id in sorted(ROAD):
        matched = scored(pairs, frozenset({class_id}), np.array([SAME]))
        boxes, hits = len(matched.truth_picture), int((matched.truth[0] >= 0).sum())
        rows.append((STREET_CLASSES[class_id], boxes, hits / boxes if boxes else float("nan")))
    return rows


def false_alarms(found: Detections, judge: Detections) -> NDArray[np.bool_]:
    """(N,) True where the judge sees nothing of any road class."""
    if not len(found) or not len(judge):
        return np.ones(len(found), np.bool_)
    return np.asarray(overlap(found.boxes, judge.boxes).max(axis=1) < SAME, np.bool_)


def confidence_for(false: NDArray[np.float32], allowed: int) -> float:
    """The lowest confidence from which no more than `allowed` false alarms lie (but for the gap to the next one)."""
    falling = np.sort(false)[::-1]
    return float(np.nextafter(falling[allowed], np.float32(2))) if allowed < len(falling) else 0.0


def _operating(looks: list[Looks], sure: list[Detections], false: NDArray[np.float32], confidence: float) -> Operating:
    rows = [row for row in by_class(looks, sure, confidence) if row[1]]
    boxes = sum(count for _, count, _ in rows)
    recall = sum(count * share for _, count, share in rows) / boxes if boxes else float("nan")
    return Operating(confidence, recall, int((false >= confidence).sum()) / len(looks))


def _at_least(found: Detections, confidence: float) -> Detections:
    return found[found.confidence >= confidence]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="checkpoint of YOLO26n with COCO's 80 classes")
    parser.add_argument("--clips", type=Path, required=True, help="folder of videos")
    parser.add_argument("--network", help="release (name or folder) or checkpoint; the default release if not given")
    parser.add_argument("--weights", type=Path, default=WEIGHTS_FOLDER, help="folder of the manifest")
    parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="time between two frames")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    ours = load(named(options.network, options.weights), precision="f32")
    with tempfile.TemporaryDirectory() as scratch:
        release = export_base(options.base, Path(scratch))
        base = OpenVinoDetector(
            release.graph(), name=release.name, thresholds=release.thresholds, precision="f32", floor=FLOOR
        )
        looks = [
            Looks(road_users(base.detect(picture)), ours.detect(picture).of(ROAD))
            for clip in sorted(options.clips.glob("*.mp4"))
            for picture in frames_of(clip, options.every)
        ]
    _show(ours.model_id, measure(looks))


def _show(model_id: str, result: Forgetting) -> None:
    print(f"{model_id}: {result.frames} frames; recall of the base's boxes, false alarms a frame")
    for name, each in (("equal false alarms", result.equal), *(("", each) for each in result.curve)):
        print(f"{name:20}at {each.confidence:.2f}{each.recall:8.3f}{each.false_per_frame:8.3f}")
    for name, boxes, recall in result.by_class:
        print(f"{name:12}{boxes:6d}{recall:8.3f}")


if __name__ == "__main__":
    main()
