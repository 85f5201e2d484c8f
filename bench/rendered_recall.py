"""How well a network recognises the demo's street: recall per class against exact truth, on the frame scaled to
640 px and at native resolution. `python -m bench.rendered_recall`
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from models.detections import Detections
from models.detector import Detector
from models.store import load_detector
from models.taxonomy import CLASS_ID, STREET_CLASSES
from pipelines.simulate import demo_plan
from pipelines.simulate.lens import Film
from pipelines.simulate.model import Picture
from pipelines.simulate.objects import SeenFrame, SeenObject, seen_at
from pipelines.simulate.patrol import DEMO_SEED
from pipelines.simulate.stage import resize
from vision.overlap import iou

SCALES = {"wide": 0.5, "native": 1.0}
HIDDEN_SHARE = 0.4
LEAST_PX = 12
OVERLAP = 0.4


@dataclass(slots=True)
class Counts:
    """By class: how often it could be seen, how often it was, and boxes that nothing explains."""

    seen: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)


def look_at(detector: Detector, picture: Picture, scale: float) -> Detections:
    """What the product reports, in pixels of the frame."""
    height, width = picture.shape[:2]
    small = picture if scale == 1.0 else resize(picture, round(width * scale), round(height * scale))
    found = detector.detect(small).placed(1 / scale, 1 / scale)
    return found[found.confidence >= detector.thresholds[found.class_id]]


def large_enough(thing: SeenObject, scale: float) -> bool:
    x1, y1, x2, y2 = thing.box
    return scale * max(x2 - x1, y2 - y1) >= LEAST_PX and thing.share >= HIDDEN_SHARE


def add(counts: Counts, frame: SeenFrame, found: Detections, scale: float) -> None:
    explained = np.zeros(len(found), bool)
    for thing in frame.objects:
        overlap = iou(np.array([thing.box], np.float32), found.boxes)[0]
        explained |= overlap > OVERLAP
        if large_enough(thing, scale):
            counts.seen[thing.label] += 1
            counts.hit[thing.label] += bool(np.any((overlap > OVERLAP) & (found.class_id == CLASS_ID[thing.label])))
    counts.unexplained.update(found[~explained].class_names())


def main() -> None:
    detector = load_detector()
    film = Film(1280, 720, np.random.default_rng(1))
    counts = {look: Counts() for look in SCALES}
    for scenario in (demo_plan.patrol_scenario(), demo_plan.junction_scenario()):
        for frame in seen_at(scenario, DEMO_SEED, np.arange(1.0, scenario.duration_s, 2.0).tolist()):
            picture = film.expose(frame.picture)
            for look, scale in SCALES.items():
                add(counts[look], frame, look_at(detector, picture, scale), scale)
    print(f"{detector.model_id}\n{'':18}{'wide':>24}{'native':>24}")
    for name in STREET_CLASSES:
        columns = (f"{c.hit[name]}/{c.seen[name]} ({c.unexplained[name]} false)" for c in counts.values())
        print(f"{name:18}" + "".join(f"{column:>24}" for column in columns))


if __name__ == "__main__":
    main()
