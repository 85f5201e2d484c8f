"""How much of what the network finds in clear street pictures it finds again when they are made worse by steps, against
the measures of `vision.quality.meter` at each step: where the curves of `vision.quality.seconds` come from.

    python -m bench.picture_quality PICTURES... --every 9

The curves are of 120 pictures that the network was trained on: every ninth of `traffic/train` tidar, every eighth of
modes, every second of `lights/scenes/train` s2tld.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data import weather
from models.detections import Detections
from models.detector import Detector
from models.taxonomy import ROAD_USERS, class_ids
from pipelines.batch.released_detector import ReleasedDetector
from vision.overlap import iou
from vision.quality.meter import PictureQuality, QualityMeter

AREA: Final = 640 * 360
SAME: Final = 0.5  # IoU
USERS: Final = class_ids(ROAD_USERS)

Picture = NDArray[np.uint8]
Change = Callable[[Picture], Picture]
Step = tuple[str, float]


def changes(random: np.random.Generator) -> dict[Step, Change]:
    """Each way to make a picture (BGR) worse, by steps; sizes in its pixels."""

    def unfocused(sigma: float) -> Change:
        return lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)

    def shaken(size: float) -> Change:
        return lambda picture: _shaken(picture, int(size), float(random.normal(0, 0.4)))

    def darkened(gain: float) -> Change:
        return lambda picture: _levels(picture * gain + random.normal(0, 3, picture.shape))

    def overexposed(gain: float) -> Change:
        return lambda picture: _levels(picture * gain)

    def hazy(share: float) -> Change:
        return lambda picture: _levels(picture * (1 - share) + 190 * share)

    def at_night(_: float) -> Change:
        return lambda picture: weather.night(picture, np.zeros((0, 4), np.float32), random)

    ways: dict[str, tuple[Callable[[float], Change], tuple[float, ...]]] = {
        "defocus": (unfocused, (0.7, 1, 1.4, 2, 2.8, 4, 6)),
        "motion": (shaken, (5, 9, 13, 19, 27)),
        "dark": (darkened, (0.5, 0.3, 0.2, 0.12, 0.08, 0.05)),
        "glare": (overexposed, (1.5, 2, 3, 4, 6, 10)),
        "haze": (hazy, (0.3, 0.5, 0.7, 0.8, 0.87, 0.92, 0.95)),
        "night": (at_night, (1, 2, 3)),
    }
    steps = {(name, size): make(size) for name, (make, sizes) in ways.items() for size in sizes}
    return {("clear", 0.0): lambda picture: picture, **steps}


def _shaken(picture: Picture, size: int, angle: float) -> Picture:
    kernel = np.zeros((size, size), np.float32)
    middle = (size - 1) / 2
    reach = (middle * np.cos(angle), middle * np.sin(angle))
    start, end = [(round(middle + sign * reach[0]), round(middle + sign * reach[1])) for sign in (-1, 1)]
    cv2.line(kernel, start, end, 1.0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def _levels(values: NDArray[np.floating]) -> Picture:
    return values.clip(0, 255).astype(np.uint8)


def loaded(path: Path) -> Picture:
    """BGR, of the area of a wide look, sides multiples of 32. Raises `ValueError` if it is no picture."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path} is no picture")
    scale = float(np.sqrt(AREA / (picture.shape[0] * picture.shape[1])))
    size = [int(side * scale) // 32 * 32 for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def found_users(detector: Detector, picture: Picture) -> Detections:
    found = detector.detect(np.ascontiguousarray(picture[..., ::-1])).of(USERS)
    return found[found.confidence >= detector.thresholds[found.class_id]]


def measured(picture: Picture) -> PictureQuality:
    quality = QualityMeter().see(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8), 0.0, None)
    assert quality is not None
    return quality


def rows(
    paths: list[Path], detector: Detector, steps: dict[Step, Change]
) -> Iterator[tuple[Step, int, int, PictureQuality]]:
    """Of each picture with road users at each step: how many there are, how many are found again, the measures."""
    for path in paths:
        clear = loaded(path)
        users = found_users(detector, clear)
        for step, change in steps.items() if len(users) else ():
            worse = change(clear)
            again = found_users(detector, worse)
            kept = int((iou(users.boxes, again.boxes).max(axis=1) >= SAME).sum()) if len(again) else 0
            yield step, len(users), kept, measured(worse)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th picture")
    parser.add_argument("--network", default=None)
    options = parser.parse_args()
    by_step: dict[Step, list[tuple[int, int, PictureQuality]]] = defaultdict(list)
    detector = ReleasedDetector(options.network).load()
    for step, *row in rows(options.pictures[:: options.every], detector, changes(np.random.default_rng(7))):
        by_step[step].append(tuple(row))  # type: ignore[arg-type]
    print(f"{'change':8} {'step':>5} {'kept':>5} {'contrast':>8} {'blur':>5} {'bright':>6} {'blank':>5} {'night':>5}")
    for (name, size), seen in by_step.items():
        kept = sum(row[1] for row in seen) / sum(row[0] for row in seen)
        of = [np.median([getattr(row[2], each) for row in seen]) for each in ("contrast", "blur", "bright", "blank")]
        night = np.mean([row[2].night for row in seen])
        print(f"{name:8} {size:5g} {kept:5.2f} {of[0] * 255:8.0f} {of[1]:5.2f} {of[2]:6.2f} {of[3]:5.2f} {night:5.2f}")


if __name__ == "__main__":
    main()
