"""How far the detector's boxes are off, how long an error lasts, and how often things are missed: the measurements
behind the constants of `drive_noise`.

`python -m pipelines.simulate.drive_noise_fit --data ROOT` shows the network labelled photographs (`traffic/val` of
ROOT, which it never trained on) and rendered streets through which the camera drives, and prints what it sees of them.
Photographs tell how wrong boxes are on real things, people's own inaccuracy in labelling them included; rendered drives
have exact boxes and tell how an error goes on from picture to picture. Drives and clips for evaluation take no part.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.detections import Detections
from models.detector import Detector
from models.evaluation.sets import EvaluationSet, labelled_pictures
from models.store import load_detector
from models.taxonomy import CLASS_ID, ROAD_USERS, class_ids
from pipelines.simulate.labels import in_window, seen
from pipelines.simulate.lens import develop, random_look
from pipelines.simulate.random_street import build_street, random_pose
from pipelines.simulate.stage import Stage, resize
from vision.log import Floats
from vision.overlap import iou

SIZES_PX: Final = (8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 96.0, 1e9)
STEP_S: Final = 1.0 / 6.0
STEPS: Final = 18
VEHICLES: Final = tuple(CLASS_ID[name] for name in ("motorcycle", "car", "bus", "truck"))
USERS: Final = class_ids(ROAD_USERS)
SETS: Final = (
    EvaluationSet("tidar", "traffic/val", tuple((i, i) for i in (0, 2, 3, 4, 5)), ("tidar_*",)),
    EvaluationSet("coco", "traffic/val", tuple((i, i) for i in range(6)), ("coco_*",)),
    EvaluationSet("modes", "traffic/val", ((3, 3), (4, 4)), ("modes_*",)),
)


@dataclass(frozen=True, slots=True)
class Sight:
    """One true thing in one picture, as the network sees the picture.

    Attributes:
        subject: the same in all pictures of a drive. high_px: of its visible part.
        error: (4,) found minus true edges, as shares of the true width and height; NaN where it was missed.
    """

    subject: str
    class_id: int
    step: int
    high_px: float
    error: Floats
    confidence: float


@dataclass(frozen=True, slots=True)
class Looked:
    """What was there in a picture, and the confidences of what was not."""

    sights: tuple[Sight, ...]
    false: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture of a street through which the camera drives: what is there, and by which names over its steps."""

    street: int
    step: int
    picture: NDArray[np.uint8]
    truth: Detections
    names: tuple[str, ...]


def matched(overlap: NDArray[np.float32]) -> dict[int, int]:
    """Rows and columns of (N, M) intersections over union of what is there with what was found that belong together,
    one to one, whatever the class.
    """
    rows, columns = linear_sum_assignment(-overlap)
    good = overlap[rows, columns] >= 0.5
    return dict(zip(rows[good].tolist(), columns[good].tolist(), strict=True))


def compared(found: Detections, truth: Detections, subjects: Sequence[str], step: int) -> Looked:
    """What was found of things and what of nothing; the tracker, too, joins vehicles of any class."""
    found = found.of(USERS)
    overlap = iou(truth.boxes, found.boxes)
    pairs, sights = matched(overlap), []
    for row, subject in enumerate(subjects):
        box, column = truth.boxes[row].astype(float), pairs.get(row)
        side = np.tile(box[2:] - box[:2], 2)
        error = np.full(4, np.nan) if column is None else (found.boxes[column] - box) / side
        confidence = 0.0 if column is None else float(found.confidence[column])
        sights.append(Sight(subject, int(truth.class_id[row]), step, float(side[1]), error, confidence))
    alone = (overlap < 0.3).all(axis=0)
    return Looked(tuple(sights), tuple(found.confidence[alone].tolist()))


def photographs(detector: Detector, source: EvaluationSet, root: Path) -> Iterator[Looked]:
    for picture in labelled_pictures(source, (root,)):
        names = [f"{picture.path.stem}/{row}" for row in range(len(picture.truths))]
        yield compared(detector.detect(picture.picture), picture.truths, names, 0)


def rendered_drives(streets: int, seed: int) -> Iterator[Rendered]:
    """Streets in which everything stands and the camera drives on."""
    rng = np.random.default_rng(seed)
    stage = Stage(1280, 720)
    for street_number in range(streets):
        street = build_street(stage, rng)
        pose, speed = random_pose(street, rng), float(rng.uniform(3.0, 14.0))
        look = random_look(rng, 0.5)
        for step in range(STEPS):
            pose = replace(pose, x=pose.x - speed * STEP_S * np.sin(pose.heading), y=pose.y + speed * STEP_S)
            stage.look(pose)
            things = in_window(seen(stage, street.actors, stage.identities(), pose), (0, 0, 1280, 720), 0.5, share=0.3)
            things = [thing for thing in things if CLASS_ID[thing.label] in USERS]
            truth = Detections(
                np.array([thing.box for thing in things], np.float32).reshape(-1, 4),
                np.ones(len(things), np.float32),
                np.array([CLASS_ID[thing.label] for thing in things], np.int16),
            )
            picture = develop(resize(stage.picture(), 640, 360), look, rng)
            names = tuple(f"{street_number}/{thing.actor}/{thing.label}" for thing in things)
            yield Rendered(street_number, step, picture, truth, names)


def _spread(values: Floats) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) else float("nan")


def by_size(looked: Sequence[Looked], classes: tuple[int, ...], threshold: float) -> list[str]:
    """Lines: size, things, share found, medians and robust deviations of the edges' errors (left, top, right, foot)."""
    sights = [sight for each in looked for sight in each.sights if sight.class_id in classes]
    lines = []
    for low, high in pairwise(SIZES_PX):
        of_size = [sight for sight in sights if low <= sight.high_px < high]
        found = [sight for sight in of_size if sight.confidence >= threshold]
        error = np.array([sight.error for sight in found]).reshape(-1, 4)
        if not found:
            continue
        median, spread = np.median(error, axis=0), [_spread(column) for column in error.T]
        tails = np.mean(np.abs(error - median) > 3.0 * np.array(spread), axis=0)
        lines.append(
            f"{low:5.0f} px {len(of_size):5d} found {len(found) / len(of_size):.2f}"
            f" weak {np.mean([0.1 <= s.confidence < threshold for s in of_size]):.2f}"
            f" median {np.round(median, 3)} spread {np.round(spread, 3)} tails {np.round(tails, 2)}"
            f" confidence {np.round(np.quantile([s.confidence for s in found], [0.1, 0.5, 0.9]), 2)}"
        )
    return lines


def lasting(looked: Iterable[Looked], classes: tuple[int, ...], threshold: float) -> list[str]:
    """Lines: correlation of an edge's error, and of being found, with itself some steps later."""
    paths: dict[str, dict[int, Sight]] = defaultdict(dict)
    for each in looked:
        for sight in each.sights:
            if sight.class_id in classes and sight.high_px >= 14.0:
                paths[sight.subject][sight.step] = sight
    lines = []
    for lag in (1, 2, 3, 5, 8, 12):
        pairs = [(path[s], path[s + lag]) for path in paths.values() for s in path if s + lag in path]
        errors = [(a.error, b.error) for a, b in pairs if min(a.confidence, b.confidence) >= threshold]
        if len(errors) < 30:
            continue
        first, second = (np.clip(np.array(part), -0.3, 0.3) for part in zip(*errors, strict=True))
        edges = [float(np.corrcoef(first[:, k], second[:, k])[0, 1]) for k in range(4)]
        hit = np.array([(a.confidence >= threshold, b.confidence >= threshold) for a, b in pairs], float)
        together = float(np.corrcoef(hit.T)[0, 1])
        lines.append(f"after {lag * STEP_S:.2f} s: edges {np.round(edges, 2)}, found {together:.2f} ({len(errors)})")
    return lines


def _summary(title: str, looked: Sequence[Looked], detector: Detector) -> str:
    threshold = float(detector.thresholds[CLASS_ID["car"]])
    false = np.array([confidence for each in looked for confidence in each.false])
    counts = [float((false >= least).sum()) / max(len(looked), 1) for least in (0.1, threshold, 0.6)]
    lines = [
        f"{title}: {len(looked)} pictures, false per picture from 0.1, {threshold:.2f}, 0.6: {np.round(counts, 2)}"
    ]
    for name, classes in (("vehicles", VEHICLES), ("persons", (CLASS_ID["person"],))):
        lines += ["", name, *by_size(looked, classes, threshold), *lasting(looked, classes, threshold)]
    return "\n  ".join(lines) + "\n"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--streets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    detector = load_detector(None)
    for source in SETS:
        sys.stdout.write(_summary(source.name, list(photographs(detector, source, chosen.data)), detector))
    drives = rendered_drives(chosen.streets, chosen.seed)
    rendered = [compared(detector.detect(each.picture), each.truth, each.names, each.step) for each in drives]
    sys.stdout.write(_summary("rendered", rendered, detector))


if __name__ == "__main__":
    _main()
