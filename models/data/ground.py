"""Litter and piles pasted onto the road at the size that the ground plane gives them there."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.canvas import Canvas, Pasted
from models.data.cutouts import Cutouts
from models.taxonomy import CLASS_ID

HORIZON: Final = (0.40, 0.50)  # of the picture's height; what a dashcam or a held phone has
CAMERA_HEIGHT: Final = (1.1, 1.8)  # metres
ROWS: Final = (0.55, 0.97)  # of the height: where the road is likely
LITTER_METRES: Final = (0.08, 0.4)  # longer side
PILE_METRES: Final = (0.5, 1.6)
LEAST_PIXELS, MOST_PIXELS = 7, 150
PILE_SHARE: Final = 0.2
MOST_THINGS: Final = 5
TRIES: Final = 6
SMOOTH: Final = 22.0  # standard deviation of the grey values of a place that may be a road
GREYISH: Final = 70.0  # mean difference between the highest and the lowest channel


def paste_litter(
    picture: NDArray[np.uint8], boxes: NDArray[np.float32], cutouts: Cutouts, random: np.random.Generator
) -> Pasted:
    """Put up to 5 things on smooth grey ground where no box is.

    Args:
        picture: (H, W, 3) BGR.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of things that must stay visible.

    Returns:
        A changed copy, the boxes of the things in pixels, and their class ids.
    """
    canvas = Canvas(picture, boxes)
    horizon, camera = random.uniform(*HORIZON) * picture.shape[0], random.uniform(*CAMERA_HEIGHT)
    for _ in range(int(random.integers(1, MOST_THINGS + 1))):
        cutout, class_id, metres = _draw(cutouts, random)
        for _ in range(TRIES):
            bottom = random.uniform(*ROWS) * picture.shape[0]
            box = _place(cutout, bottom, metres * (bottom - horizon) / camera, picture.shape[1], random)
            if box is not None and canvas.is_free(box) and is_road(picture, box):
                _put(canvas.pixels, cutout, box, random)
                canvas.add(box, class_id)
                break
    return canvas.pasted()


def _draw(cutouts: Cutouts, random: np.random.Generator) -> tuple[NDArray[np.uint8], int, float]:
    """A cut-out, its class and its longer side in metres."""
    pile = random.random() < PILE_SHARE
    wanted = CLASS_ID["garbage_pile" if pile else "litter"]
    rows = np.flatnonzero(cutouts.class_id == wanted)
    if not len(rows):
        rows = np.arange(len(cutouts.class_id))
    row = int(random.choice(rows))
    class_id = int(cutouts.class_id[row])
    low, high = PILE_METRES if class_id == CLASS_ID["garbage_pile"] else LITTER_METRES
    cutout = cutouts.pictures[row]
    return (
        (cutout[:, ::-1] if random.random() < 0.5 else cutout),
        class_id,
        float(low * (high / low) ** random.random()),
    )


def _place(
    cutout: NDArray[np.uint8], bottom: float, pixels: float, width: int, random: np.random.Generator
) -> NDArray[np.float32] | None:
    """A box of that longer side standing on the row; flat things far ahead look flatter."""
    high, wide = cutout.shape[0] * random.uniform(0.6, 1.0), cutout.shape[1]
    scale = pixels / max(high, wide)
    high, wide = round(high * scale), round(wide * scale)
    if not LEAST_PIXELS <= max(high, wide) <= MOST_PIXELS or min(high, wide) < 4 or wide >= width - 4 or high >= bottom:
        return None
    left, foot = int(random.integers(2, width - wide - 1)), int(bottom)
    return np.array([left, foot - high, left + wide, foot], np.float32)


def is_road(picture: NDArray[np.uint8], box: NDArray[np.float32]) -> bool:
    """Whether a place in a (H, W, 3) picture, x1 y1 x2 y2 in pixels, is smooth and grey as roads are."""
    x1, y1, x2, y2 = (int(value) for value in box)
    reach = 3
    part = picture[max(0, y1 - reach) : y2 + reach, max(0, x1 - reach) : x2 + reach]
    step = max(1, min(part.shape[:2]) // 16)
    small = part[::step, ::step].astype(np.float32)
    grey = small.mean(axis=2)
    return bool(
        30 < grey.mean() < 225 and grey.std() < SMOOTH and (small.max(axis=2) - small.min(axis=2)).mean() < GREYISH
    )


def _put(
    canvas: NDArray[np.uint8], cutout: NDArray[np.uint8], box: NDArray[np.float32], random: np.random.Generator
) -> None:
    """Scaled to the box, with a soft shadow where it touches the ground."""
    x1, y1, x2, y2 = (int(value) for value in box)
    scaled = np.asarray(cv2.resize(cutout, (x2 - x1, y2 - y1), interpolation=cv2.INTER_AREA), np.uint8)
    shade(canvas, scaled[..., 3].astype(np.float32) / np.float32(255), (x1, y1), random)
    blend(canvas, scaled, (x1, y1), random)


def blend(
    canvas: NDArray[np.uint8], thing: NDArray[np.uint8], corner: tuple[int, int], random: np.random.Generator
) -> None:
    """Put a (H, W, 4) BGR picture with opacity into a (.., .., 3) one, as bright and sharp as what is there.

    Args:
        corner: column and row of its upper left pixel; it lies inside.
    """
    (x, y), (high, wide) = corner, thing.shape[:2]
    soft = np.asarray(cv2.GaussianBlur(thing, (3, 3), float(random.uniform(0.2, 0.7))), np.float32)
    under = canvas[y : y + high, x : x + wide].astype(np.float32)
    ambient = float(np.clip((under.mean() / 120) ** 0.6, 0.45, 1.25)) * random.uniform(0.85, 1.15)
    alpha = soft[..., 3:] / 255
    canvas[y : y + high, x : x + wide] = (alpha * soft[..., :3] * ambient + (1 - alpha) * under).clip(0, 255)


def shade(
    canvas: NDArray[np.uint8], alpha: NDArray[np.float32], corner: tuple[int, int], random: np.random.Generator
) -> None:
    """Darken the ground round the foot of a thing of that opacity, (H, W) 0..1."""
    high, wide = alpha.shape
    reach = max(1, high // 6)
    spread = np.zeros((high + 2 * reach, wide + 2 * reach), np.float32)
    spread[2 * reach :, reach : reach + wide] = alpha  # one reach lower than the thing
    spread[: high // 2 + reach] *= 0.3
    soft = cv2.GaussianBlur(spread, (0, 0), max(0.7, reach * 0.7)) * random.uniform(0.25, 0.6)
    x, y = corner[0] - reach, corner[1] - reach
    top, left = max(0, -y), max(0, -x)
    part = canvas[max(0, y) : y + spread.shape[0], max(0, x) : x + spread.shape[1]]
    cut = soft[top : top + part.shape[0], left : left + part.shape[1], None]
    part[:] = (part * (1 - cut)).astype(np.uint8)
