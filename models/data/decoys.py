"""What lies on roads and is no waste, drawn and laid onto pictures: covers, grates, patches, paint and cones.

They are what a street network takes for waste in patrols' footage, and no training set has them labelled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.canvas import Canvas
from models.data.ground import CAMERA_HEIGHT, HORIZON, ROWS, TRIES, blend, is_road, shade

Sprite = NDArray[np.uint8]  # (H, W, 4) BGR and opacity; of flat things the view from above, far end first

FOCAL: Final = (0.5, 1.1)  # of the picture's width
PIXELS_PER_METRE: Final = 80  # in which flat things are drawn
LEAST_PIXELS, MOST_PIXELS = 8, 260  # longer side in the picture
FLATTEST: Final = 3  # rows
MOST_THINGS: Final = 4
FLAT_SHARE: Final = 0.85


@dataclass(frozen=True, slots=True)
class _Ground:
    """A flat road before a level pinhole; pixels and metres."""

    horizon: float
    height_m: float
    focal_px: float
    middle: float

    def image(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """(N, 2) pixels of road points (right, ahead)."""
        right, ahead = points.T
        below = self.focal_px * self.height_m / ahead
        return np.stack([self.middle + self.focal_px * right / ahead, self.horizon + below], axis=1).astype(np.float32)


def with_decoys(
    picture: NDArray[np.uint8], boxes: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.uint8]:
    """A copy of the picture with up to 4 of them on smooth grey ground where no box is.

    Args:
        picture: (H, W, 3) BGR.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of things that must stay visible.
    """
    canvas = Canvas(picture, boxes)
    high, wide = picture.shape[:2]
    ground = _Ground(
        random.uniform(*HORIZON) * high,
        random.uniform(*CAMERA_HEIGHT),
        random.uniform(*FOCAL) * wide,
        random.uniform(0.3, 0.7) * wide,
    )
    for _ in range(int(random.integers(1, MOST_THINGS + 1))):
        flat = random.random() < FLAT_SHARE
        sprite = FLAT[int(random.integers(len(FLAT)))](random) if flat else _cone(random)
        put = _laid if flat else _stood
        for _ in range(TRIES):
            foot = random.uniform(*ROWS) * high, random.uniform(0.02, 0.98) * wide
            if put(canvas, sprite, ground, foot, random):
                break
    return canvas.pixels


def _laid(
    canvas: Canvas, sprite: Sprite, ground: _Ground, foot: tuple[float, float], random: np.random.Generator
) -> bool:
    """Lay a flat thing, turned at random, with its middle at a pixel (row, column) if there is room."""
    ahead = ground.focal_px * ground.height_m / max(foot[0] - ground.horizon, 1.0)
    half = np.array(sprite.shape[1::-1]) / PIXELS_PER_METRE / 2
    corners = np.array([[-1, 1], [1, 1], [1, -1], [-1, -1]]) * half
    angle = random.normal(0, 0.2) + random.choice([0.0, np.pi / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = corners @ turn.T + [(foot[1] - ground.middle) * ahead / ground.focal_px, ahead]
    if points[:, 1].min() < 1.0:
        return False
    seen = ground.image(points)
    low, high = np.floor(seen.min(axis=0)), np.ceil(seen.max(axis=0))
    box = np.concatenate([low, high]).astype(np.float32)
    wide, tall = (int(side) for side in high - low)
    if not LEAST_PIXELS <= max(wide, tall) <= MOST_PIXELS or min(wide, tall) < FLATTEST or not _fits(canvas, box):
        return False
    whole = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * sprite.shape[1::-1]
    # Drawn four times as large and averaged: what is far is not jagged.
    to_box = cv2.getPerspectiveTransform(whole.astype(np.float32), 4 * (seen - low).astype(np.float32))
    large = cv2.warpPerspective(sprite, to_box, (4 * wide, 4 * tall), flags=cv2.INTER_LINEAR)
    small = np.asarray(cv2.resize(large, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
    blend(canvas.pixels, small, (int(low[0]), int(low[1])), random)
    canvas.occupy(box)
    return True


def _stood(
    canvas: Canvas, sprite: Sprite, ground: _Ground, foot: tuple[float, float], random: np.random.Generator
) -> bool:
    """Put something upright with its foot at a pixel (row, column) if there is room."""
    tall = round(random.uniform(0.3, 0.9) * (foot[0] - ground.horizon) / ground.height_m)
    wide = round(tall * sprite.shape[1] / sprite.shape[0])
    left, top = int(foot[1] - wide / 2), int(foot[0]) - tall
    shadow = tall // 6 + 1
    box = np.array([left - shadow, top - shadow, left + wide + shadow, top + tall + shadow], np.float32)
    if not LEAST_PIXELS <= tall <= MOST_PIXELS or wide < FLATTEST or not _fits(canvas, box):
        return False
    scaled = np.asarray(cv2.resize(sprite, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
    shade(canvas.pixels, scaled[..., 3].astype(np.float32) / np.float32(255), (left, top), random)
    blend(canvas.pixels, scaled, (left, top), random)
    canvas.occupy(box)
    return True


def _fits(canvas: Canvas, box: NDArray[np.float32]) -> bool:
    high, wide = canvas.pixels.shape[:2]
    inside = box[0] >= 0 and box[1] >= 0 and box[2] <= wide and box[3] <= high
    return bool(inside) and canvas.is_free(box) and is_road(canvas.pixels, box)


def _blank(wide_m: float, long_m: float) -> Sprite:
    return np.zeros((max(4, round(long_m * PIXELS_PER_METRE)), max(4, round(wide_m * PIXELS_PER_METRE)), 4), np.uint8)


def _grey(random: np.random.Generator, low: float, high: float) -> tuple[int, int, int, int]:
    """A tone between two that is slightly blue, brown or neither."""
    tone, tint = random.uniform(low, high), random.uniform(-8, 8)
    blue, green, red = (int(np.clip(value, 0, 255)) for value in (tone + tint, tone, tone - tint))
    return blue, green, red, 255


def _worn(sprite: Sprite, random: np.random.Generator, least: float) -> Sprite:
    """With grain, and parts of it rubbed off or covered by dirt down to this share of its opacity."""
    shape = sprite.shape[:2]
    coarse = random.random((max(2, shape[0] // 12), max(2, shape[1] // 12))).astype(np.float32)
    patches = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    grain = random.normal(0, random.uniform(3, 14), (*shape, 1))
    colour = (sprite[..., :3] + grain).clip(0, 255)
    opacity = sprite[..., 3:] * (least + (1 - least) * patches[..., None])
    return np.concatenate([colour, opacity], axis=2).astype(np.uint8)


def _cover(random: np.random.Generator) -> Sprite:
    """A round iron lid in its ring, sometimes in a square of concrete."""
    across = random.uniform(0.45, 0.9)
    sprite = _blank(across, across)
    side = len(sprite)
    middle, radius = (side // 2, side // 2), side // 2 - 1
    if random.random() < 0.3:
        sprite[:] = _grey(random, 110, 190)
        radius = int(0.75 * radius)
    cv2.circle(sprite, middle, radius, _grey(random, 40, 150), -1, cv2.LINE_AA)
    cv2.circle(sprite, middle, int(0.85 * radius), _grey(random, 30, 190), int(random.integers(1, 6)), cv2.LINE_AA)
    _relief(sprite, middle, int(0.8 * radius), random)
    return _worn(sprite, random, 0.7)


def _relief(sprite: Sprite, middle: tuple[int, int], radius: int, random: np.random.Generator) -> None:
    """Rings, spokes or bars."""
    colour, thick, style = _grey(random, 30, 200), int(random.integers(1, 4)), random.integers(3)
    if style == 0:
        for each in np.linspace(0.25, 0.85, int(random.integers(2, 5))):
            cv2.circle(sprite, middle, int(each * radius), colour, thick, cv2.LINE_AA)
    elif style == 1:
        for angle in np.linspace(0, 2 * np.pi, int(random.integers(6, 18)), endpoint=False):
            end = (int(middle[0] + radius * np.cos(angle)), int(middle[1] + radius * np.sin(angle)))
            cv2.line(sprite, middle, end, colour, thick, cv2.LINE_AA)
    else:
        gap = max(4, radius // int(random.integers(3, 7)))
        for offset in range(-radius + gap, radius, gap):
            half = int(np.sqrt(radius**2 - offset**2))
            ends = (middle[0] - half, middle[1] + offset), (middle[0] + half, middle[1] + offset)
            cv2.line(sprite, *ends, colour, thick, cv2.LINE_AA)


def _grate(random: np.random.Generator) -> Sprite:
    """A drain with slots."""
    sprite = _blank(random.uniform(0.3, 0.6), random.uniform(0.3, 0.6))
    sprite[:] = _grey(random, 50, 140)
    high, wide = sprite.shape[:2]
    rim, slot = max(2, high // 12), max(2, high // int(random.integers(8, 16)))
    for top in range(rim, high - rim, 2 * slot):
        sprite[top : top + slot, rim : wide - rim] = _grey(random, 5, 40)
    return _worn(sprite, random, 0.8)


def _patch(random: np.random.Generator) -> Sprite:
    """Mended tarmac, a puddle or an oil stain: darker or brighter, with an uneven edge."""
    sprite = _blank(random.uniform(0.3, 1.6), random.uniform(0.3, 1.6))
    high, wide = sprite.shape[:2]
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    reach = random.uniform(0.6, 1.0, 14)
    points = np.stack([wide / 2 * (1 + reach * np.cos(angles)), high / 2 * (1 + reach * np.sin(angles))], axis=1)
    cv2.fillPoly(sprite, [points.astype(np.int32)], _grey(random, *((15, 80) if random.random() < 0.7 else (150, 210))))
    soft = cv2.GaussianBlur(sprite[..., 3], (0, 0), random.uniform(0.5, 6.0))
    sprite[..., 3] = (soft * random.uniform(0.4, 0.95)).astype(np.uint8)
    sprite[..., :3] = sprite[..., :3].max(axis=(0, 1))
    return _worn(sprite, random, 0.6)


def _dash(random: np.random.Generator) -> Sprite:
    """A piece of a line."""
    sprite = _blank(random.uniform(0.1, 0.3), random.uniform(0.3, 3.0))
    sprite[:] = _paint(random)
    return _worn(sprite, random, random.uniform(0.1, 0.8))


def _sign(random: np.random.Generator) -> Sprite:
    """An arrow, a bicycle, a letter or number."""
    sprite = _blank(random.uniform(0.5, 1.2), random.uniform(0.8, 2.5))
    high, wide = sprite.shape[:2]
    colour, thick, style = _paint(random), max(3, wide // 9), random.integers(3)
    if style == 0:
        cv2.line(sprite, (wide // 2, high - 1), (wide // 2, high // 3), colour, thick, cv2.LINE_AA)
        tip = np.array([[wide // 2, 0], [wide // 8, high // 3], [wide - wide // 8, high // 3]], np.int32)
        cv2.fillPoly(sprite, [tip], colour, cv2.LINE_AA)
    elif style == 1:
        radius, thin = wide // 5, max(2, thick // 2)
        for x in (radius + 2, wide - radius - 3):
            cv2.circle(sprite, (x, 2 * high // 3), radius, colour, thin, cv2.LINE_AA)
        frame = [[radius + 2, 2 * high // 3], [wide // 2, high // 3], [wide - radius - 3, 2 * high // 3]]
        cv2.polylines(sprite, [np.array(frame, np.int32)], True, colour, thin, cv2.LINE_AA)
    else:
        letter = random.choice(list("ABELNOPSTX123450"))
        small = np.zeros((60, 44, 4), np.uint8)
        cv2.putText(small, letter, (2, 54), cv2.FONT_HERSHEY_SIMPLEX, 2.0, colour, 7, cv2.LINE_AA)
        sprite = np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_LINEAR), np.uint8)
    return _worn(sprite, random, random.uniform(0.2, 0.9))


def _paint(random: np.random.Generator) -> tuple[int, int, int, int]:
    """White, or now and then yellow."""
    if random.random() < 0.8:
        return _grey(random, 170, 250)
    return int(random.uniform(20, 90)), int(random.uniform(150, 210)), int(random.uniform(190, 245)), 255


def _cone(random: np.random.Generator) -> Sprite:
    """A striped cone or post on its base, from the side."""
    sprite = np.zeros((96, int(random.integers(20, 70)), 4), np.uint8)
    wide = sprite.shape[1]
    orange = int(random.uniform(10, 60)), int(random.uniform(60, 130)), int(random.uniform(190, 250)), 255
    top, foot = wide * random.uniform(0.05, 0.3), wide * random.uniform(0.3, 0.42)
    body = [[wide / 2 - top / 2, 0], [wide / 2 + top / 2, 0], [wide / 2 + foot, 90], [wide / 2 - foot, 90]]
    cv2.fillPoly(sprite, [np.array(body, np.int32)], orange, cv2.LINE_AA)
    white, first, high = _grey(random, 180, 250), int(random.uniform(15, 40)), int(random.uniform(8, 20))
    for start in (first, first + 2 * high):
        band = sprite[start : start + high]
        band[band[..., 3] > 0] = white
    sprite[88:] = orange if random.random() < 0.5 else _grey(random, 20, 60)
    return _worn(sprite, random, 0.9)


FLAT: Final[tuple[Callable[[np.random.Generator], Sprite], ...]] = (_cover, _cover, _grate, _patch, _dash, _sign)
