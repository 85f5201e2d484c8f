"""Traffic light heads pasted into street pictures: small heads are what the labelled sets lack most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap
from models.errors import BadUse
from models.taxonomy import CLASS_ID

HEIGHT: Final = (8.0, 60.0)  # pixels of the network's input; drawn evenly in the logarithm
LOWEST: Final = 0.7  # of the picture's height: heads hang above the road
MOST_HEADS: Final = 5
OFF_SHARE: Final = 0.12  # dark heads are in no labelled set, so they are made from lit ones


@dataclass(frozen=True, slots=True)
class Heads:
    """Cut-out heads in BGR and the class of each."""

    pictures: tuple[NDArray[np.uint8], ...]
    class_id: NDArray[np.int64]


def read_heads(folder: Path) -> Heads:
    """Heads from `folder`/{red,yellow,green}, balanced by how they are drawn, not by how many there are.

    Raises:
        BadUse: a colour has no picture.
    """
    pictures: list[NDArray[np.uint8]] = []
    classes: list[int] = []
    for colour in ("red", "yellow", "green"):
        found = [cv2.imread(str(path)) for path in sorted((folder / colour).iterdir())]
        heads = [np.asarray(head, np.uint8) for head in found if head is not None]
        if not heads:
            raise BadUse(f"no heads in {folder / colour}")
        pictures += heads
        classes += [CLASS_ID[f"light_{colour}"]] * len(heads)
    return Heads(tuple(pictures), np.array(classes, np.int64))


def paste_heads(
    picture: NDArray[np.uint8], boxes: NDArray[np.float32], heads: Heads, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
    """Put 1 to 5 heads where no box is.

    Args:
        picture: (H, W, 3) BGR.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of things that must stay visible.

    Returns:
        A changed copy, the boxes of the heads in pixels, and their class ids.
    """
    canvas, taken = picture.copy(), boxes.reshape(-1, 4).astype(np.float32)
    placed: list[NDArray[np.float32]] = []
    classes: list[int] = []
    for _ in range(int(random.integers(1, MOST_HEADS + 1))):
        head, class_id = _draw(heads, random)
        box = _place(head, canvas.shape[1], canvas.shape[0], random)
        if box is None or (len(taken) and overlap(box[None], taken).max() > 0):
            continue
        _blend(canvas, head, box, random)
        taken = np.concatenate([taken, box[None]])
        placed.append(box)
        classes.append(class_id)
    return canvas, np.array(placed, np.float32).reshape(-1, 4), np.array(classes, np.int64)


def darkened(head: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A head with its lamps out: no colour, nothing brighter than its own housing."""
    grey = cv2.cvtColor(head, cv2.COLOR_BGR2GRAY).astype(np.float32)
    middle = grey[:, grey.shape[1] // 4 : max(grey.shape[1] * 3 // 4, 1)]
    housing = float(np.percentile(middle, 35))
    dark = np.minimum(grey, housing + 0.15 * np.maximum(grey - housing, 0))
    return np.asarray(cv2.cvtColor(dark.clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def _draw(heads: Heads, random: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
    class_id = int(random.choice(np.unique(heads.class_id)))
    head = heads.pictures[int(random.choice(np.flatnonzero(heads.class_id == class_id)))]
    if random.random() < OFF_SHARE:
        return darkened(head), CLASS_ID["light_off"]
    return head, class_id


def _place(head: NDArray[np.uint8], width: int, height: int, random: np.random.Generator) -> NDArray[np.float32] | None:
    tall = float(np.exp(random.uniform(*np.log(HEIGHT))))
    wide = tall * head.shape[1] / head.shape[0]
    if wide >= width - 2 or tall >= height * LOWEST - 2 or wide < 2:
        return None
    x, y = random.uniform(1, width - wide - 1), random.uniform(1, height * LOWEST - tall)
    return np.array([int(x), int(y), int(x) + round(wide), int(y) + round(tall)], np.float32)


def _blend(
    canvas: NDArray[np.uint8], head: NDArray[np.uint8], box: NDArray[np.float32], random: np.random.Generator
) -> None:
    """Scale the head into the box, match the camera's blur and light, and soften its edge."""
    x1, y1, x2, y2 = (int(value) for value in box)
    small = cv2.resize(head, (x2 - x1, y2 - y1), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small, (3, 3), float(random.uniform(0.2, 0.8))) * random.uniform(0.8, 1.1)
    edge = np.pad(np.ones((max(y2 - y1 - 2, 1), max(x2 - x1 - 2, 1)), np.float32), 1, constant_values=0.5)
    alpha = edge[: y2 - y1, : x2 - x1, None]
    under = canvas[y1:y2, x1:x2].astype(np.float32)
    canvas[y1:y2, x1:x2] = (alpha * small + (1 - alpha) * under).clip(0, 255).astype(np.uint8)
