"""Writes labelled pictures of random streets for training, in YOLO's folder layout.

`python -m pipelines.simulate.training_frames OUT --count N --seed S`
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import BadUse
from models.taxonomy import CLASS_ID
from pipelines.simulate.labels import Seen, in_window, seen
from pipelines.simulate.lens import develop, random_look
from pipelines.simulate.model import Picture
from pipelines.simulate.random_street import build_street, random_pose
from pipelines.simulate.stage import Pose, Stage, resize
from pipelines.simulate.street import Street

RESERVED_SEEDS = range(900_000, 1_000_000)  # the demo's: never trained on
_VIEWS = 4
_LONG = 640


@dataclass(frozen=True, slots=True)
class _Window:
    box: tuple[int, int, int, int]
    scale: float


def _wide(stage: Stage) -> _Window:
    return _Window((0, 0, stage.width, stage.height), _LONG / stage.width)


def _clamped(stage: Stage, x: float, y: float, height: int) -> _Window:
    left = int(np.clip(x - _LONG / 2, 0, stage.width - _LONG))
    top = int(np.clip(y - height / 2, 0, stage.height - height))
    return _Window((left, top, left + _LONG, top + height), 1.0)


def _choose(stage: Stage, street: Street, pose: Pose, rng: np.random.Generator) -> _Window:
    """The whole frame scaled, or a native cut-out around something small: the looks of the product."""
    choice = rng.random()
    targets = street.heads if choice < 0.3 else street.small
    if choice > 0.62 or not targets:
        return _wide(stage)
    points = stage.project(np.array(targets, float), pose)
    inside = points[
        (points[:, 2] > 1) & (points[:, 0] > 0) & (points[:, 0] < stage.width) & (points[:, 1] < stage.height)
    ]
    if not len(inside):
        return _wide(stage)
    x, y, _ = inside[int(rng.integers(len(inside)))]
    return _clamped(stage, float(x + rng.normal(0, 120)), float(y + rng.normal(0, 50)), int(rng.choice([320, 384])))


def _bonnet(picture: Picture, hidden: NDArray[np.int32], rng: np.random.Generator) -> None:
    """The own car's bonnet at the lower edge of some frames."""
    height, width = hidden.shape
    shape = np.zeros((height, width), np.uint8)
    rise = int(height * rng.uniform(0.05, 0.14))
    cv2.ellipse(shape, (width // 2, height + rise // 3), (int(width * rng.uniform(0.45, 0.7)), rise), 0, 0, 360, 1, -1)
    tone = np.array(rng.uniform(10, 120)) * (1 + rng.normal(0, 0.05, 3))
    picture[shape > 0] = tone.clip(0, 255).astype(np.uint8)
    hidden[shape > 0] = 0


def _cut(picture: Picture, window: _Window) -> Picture:
    x1, y1, x2, y2 = window.box
    part = picture[y1:y2, x1:x2]
    if window.scale == 1.0:
        return part
    return resize(part, round((x2 - x1) * window.scale), round((y2 - y1) * window.scale))


def label_lines(things: list[Seen], width: int, height: int) -> str:
    """One line per box: class, middle x, middle y, width, height as shares of the picture."""
    lines = []
    for thing in things:
        x1, y1, x2, y2 = thing.box
        numbers = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(" ".join([str(CLASS_ID[thing.label]), *(f"{number:.6f}" for number in numbers)]))
    return "".join(f"{line}\n" for line in lines)


def _frame(stage: Stage, street: Street, rng: np.random.Generator) -> tuple[Picture, list[Seen]]:
    for _ in range(5):
        pose = random_pose(street, rng)
        stage.look(pose)
        identities = stage.identities()
        if np.bincount(identities.ravel())[1:].max(initial=0) < 0.4 * identities.size:
            break  # else something stands before the lens: try another place
    picture = stage.picture()
    if rng.random() < 0.25:
        _bonnet(picture, identities, rng)
    window = _choose(stage, street, pose, rng)
    things = in_window(seen(stage, street.actors, identities, pose), window.box, window.scale)
    part = _cut(picture, window)
    focal = stage.width / stage.height / 2 / np.tan(np.radians(pose.fov) / 2)  # in picture heights
    horizon = 0.5 + np.tan(pose.pitch) * focal
    if window.scale == 1.0:
        horizon = (horizon * stage.height - window.box[1]) / len(part)
    return develop(part, random_look(rng, float(horizon)), rng), things


def render_training_frames(folder: Path, count: int, seed: int) -> int:
    """Writes `count` pictures to `folder`/images and their labels to `folder`/labels; gives the number of boxes."""
    if seed in RESERVED_SEEDS:
        raise BadUse(f"seed {seed} is reserved for the demo", advice="training frames must not show the demo's street")
    images, labels = folder / "images", folder / "labels"
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    stage = Stage(1280, 720)
    boxes = 0
    street = None
    for index in range(count):
        if street is None or index % _VIEWS == 0:
            street = build_street(stage, rng)
        picture, things = _frame(stage, street, rng)
        name = f"rendered_{seed}_{index:05d}"
        cv2.imwrite(str(images / f"{name}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        (labels / f"{name}.txt").write_text(label_lines(things, picture.shape[1], picture.shape[0]))
        boxes += len(things)
    return boxes


def _main() -> None:
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    render_training_frames(chosen.out, chosen.count, chosen.seed)


if __name__ == "__main__":
    _main()
