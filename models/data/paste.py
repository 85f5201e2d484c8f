"""Traffic light heads pasted into street pictures: small heads are what the labelled sets lack most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.canvas import Canvas, Pasted
from models.data.lamps import RED, YELLOW, is_lit, opacity, red_as_yellow, unlit
from models.errors import BadUse
from models.taxonomy import CLASS_ID

HEIGHT: Final = (8.0, 60.0)  # pixels of the network's input
SMALL: Final = 1.2  # exponent on the share of the logarithmic range: above 1 draws more small heads
LOWEST: Final = 0.52  # of the picture's height: heads hang above the road
MOST_HEADS: Final = 5
MADE_YELLOW: Final = 0.5  # of the yellow heads are red ones recoloured: crops of visibly lit yellow ones are few
OFF_SHARE: Final = 0.15  # dark heads are in no labelled set, so they are made from lit ones
PAIR_SHARE: Final = 0.25  # a second head in the same state beside the first, as over several lanes
POLE_SHARE: Final = 0.6
SHAPES: Final = (1.5, 4.0)  # height over width of a whole vertical head; others are arrows alone or cut badly


@dataclass(frozen=True, slots=True)
class Heads:
    """Cut-out heads in BGR and the class of each."""

    pictures: tuple[NDArray[np.uint8], ...]
    class_id: NDArray[np.int64]


def read_heads(folder: Path) -> Heads:
    """Whole heads with a lamp that a person sees to be lit, from `folder`/{red,yellow,green}.

    Raises:
        BadUse: a colour has no such picture.
    """
    pictures: list[NDArray[np.uint8]] = []
    classes: list[int] = []
    for colour in ("red", "yellow", "green"):
        class_id = CLASS_ID[f"light_{colour}"]
        found = [cv2.imread(str(path)) for path in sorted((folder / colour).iterdir())]
        heads = [np.asarray(head, np.uint8) for head in found if head is not None]
        whole = [head for head in heads if SHAPES[0] <= head.shape[0] / head.shape[1] <= SHAPES[1]]
        kept = [head for head in whole if is_lit(head, class_id)]
        if not kept:
            raise BadUse(f"no heads in {folder / colour}")
        pictures += kept
        classes += [class_id] * len(kept)
    return Heads(tuple(pictures), np.array(classes, np.int64))


def paste_heads(
    picture: NDArray[np.uint8], boxes: NDArray[np.float32], heads: Heads, random: np.random.Generator
) -> Pasted:
    """Put 1 to 5 heads where no box is, some of them on poles.

    Args:
        picture: (H, W, 3) BGR.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of things that must stay visible.

    Returns:
        A changed copy, the boxes of the heads in pixels, and their class ids.
    """
    canvas = Canvas(picture, boxes)
    height, width = picture.shape[:2]
    scene = HEIGHT[0] * (HEIGHT[1] / HEIGHT[0]) ** (random.random() ** SMALL)  # heads of one scene are about as far
    for _ in range(int(random.integers(1, MOST_HEADS + 1))):
        head, class_id = _draw(heads, random)
        box = _place(head, scene, width, height, random)
        if box is None:
            continue
        second = box + np.array([1, 0, 1, 0], np.float32) * round(float((box[2] - box[0]) * random.uniform(1.2, 4)))
        pair = random.random() < PAIR_SHARE and second[2] < width - 1
        softness = float(random.uniform(0, 1))
        for place in (box, second) if pair else (box,):
            if not canvas.is_free(place):
                continue
            if random.random() < POLE_SHARE:
                _pole(canvas, place, random)
            _blend(canvas.pixels, head, place, softness, random)
            canvas.add(place, class_id)
    return canvas.pasted()


def _draw(heads: Heads, random: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
    class_id = int(random.choice(np.unique(heads.class_id)))
    if class_id == YELLOW and random.random() < MADE_YELLOW:
        return red_as_yellow(_pick(heads, RED, random)), YELLOW
    head = _pick(heads, class_id, random)
    if random.random() < OFF_SHARE:
        dark = unlit(head, class_id)
        if dark is not None:
            return dark, CLASS_ID["light_off"]
    return head, class_id


def _pick(heads: Heads, class_id: int, random: np.random.Generator) -> NDArray[np.uint8]:
    return heads.pictures[int(random.choice(np.flatnonzero(heads.class_id == class_id)))]


def _place(
    head: NDArray[np.uint8], scene: float, width: int, height: int, random: np.random.Generator
) -> NDArray[np.float32] | None:
    tall = float(np.clip(scene * random.uniform(0.65, 1.2), *HEIGHT))
    wide = tall * head.shape[1] / head.shape[0]
    if wide >= width - 2 or tall >= height * LOWEST - 2 or wide < 2:
        return None
    x, y = random.uniform(1, width - wide - 1), random.uniform(1, height * LOWEST - tall)
    return np.array([int(x), int(y), int(x) + round(wide), int(y) + round(tall)], np.float32)


def _pole(canvas: Canvas, box: NDArray[np.float32], random: np.random.Generator) -> None:
    """A post below the head or an arm above it, where it crosses no other thing."""
    x1, y1, x2, y2 = (int(value) for value in box)
    thick = max(1, round((x2 - x1) * random.uniform(0.12, 0.3)))
    if random.random() < 0.65:
        x = (x1 + x2 - thick) // 2
        bar = (x, y2, x + thick, int(min(canvas.pixels.shape[0] * random.uniform(0.6, 0.75), y2 + 9 * (y2 - y1))))
    else:
        reach, y = int((x2 - x1) * random.uniform(3, 15)), y1 + round((y2 - y1) * random.uniform(0, 0.5))
        bar = (x2, y, x2 + reach, y + thick) if random.random() < 0.5 else (max(0, x1 - reach), y, x1, y + thick)
    if bar[3] <= bar[1] or not canvas.is_free(np.array(bar, np.float32)):
        return
    shade = random.uniform(30, 150)
    part = canvas.pixels[bar[1] : bar[3], bar[0] : bar[2]]
    part[:] = (0.15 * part + 0.85 * shade).astype(np.uint8)


def _blend(
    canvas: NDArray[np.uint8],
    head: NDArray[np.uint8],
    box: NDArray[np.float32],
    softness: float,
    random: np.random.Generator,
) -> None:
    """Scale the head into the box, match the camera's sharpness (0 sharp to 1 soft) and light, soften its edge."""
    x1, y1, x2, y2 = (int(value) for value in box)
    size = (x2 - x1, y2 - y1)
    factor = 1 - 0.45 * softness  # a camera's pixels hold less detail than their number says
    inner = (max(2, int(size[0] * factor)), max(5, int(size[1] * factor)))
    together = np.dstack([head, 255 * opacity(head)]).astype(np.uint8)
    coarse = cv2.resize(together, inner, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), (3, 3), 0.2 + 0.6 * softness)
    small = blurred.astype(np.float32)
    edge = np.pad(np.ones((max(size[1] - 2, 1), max(size[0] - 2, 1)), np.float32), 1, constant_values=0.5)
    alpha = small[..., 3:] / 255 * edge[: size[1], : size[0], None] * random.uniform(0.85, 1.0)
    shown = small[..., :3] * random.uniform(0.75, 1.1)
    under = canvas[y1:y2, x1:x2].astype(np.float32)
    canvas[y1:y2, x1:x2] = (alpha * shown + (1 - alpha) * under).clip(0, 255).astype(np.uint8)
    if random.random() < 0.4:
        _recompress(canvas, (x1, y1, x2, y2), int(random.integers(35, 80)))


def _recompress(canvas: NDArray[np.uint8], box: tuple[int, int, int, int], quality: int) -> None:
    x1, y1, x2, y2 = box
    _, data = cv2.imencode(".jpg", canvas[y1:y2, x1:x2], [cv2.IMWRITE_JPEG_QUALITY, quality])
    canvas[y1:y2, x1:x2] = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
