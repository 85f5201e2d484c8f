"""What weather, darkness, lenses and recorders do to a picture, for training.

Sizes of effects are chosen so that a person still sees what is labelled; pictures are (H, W, 3) uint8 BGR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Random = np.random.Generator

# (blue, green, red) gains of street lighting: sodium, cold LED, mercury, none
CASTS: Final = ((0.62, 0.85, 1.1), (1.1, 1.0, 0.9), (0.9, 1.05, 0.85), (1.0, 1.0, 1.0))
SCENE_SHARE: Final = 0.55  # of changed pictures: night, haze, rain
GLASS_SHARE: Final = 0.25
CAMERA_SHARE: Final = 0.65
_GRAIN: Final = (128 + 32 * np.random.default_rng(0).normal(0, 1, (704, 704, 3))).clip(0, 255).astype(np.uint8)
DARKEST_MEAN: Final = 32.0  # of the darkened picture: a dim photo is not darkened to nothing


def changed_conditions(picture: Picture, lamps: NDArray[np.float32], random: Random) -> Picture:
    """The picture under other conditions.

    Args:
        lamps: (N, 4) x1 y1 x2 y2 in pixels of lit traffic light heads, whose lamps stay as bright as they are at night.
    """
    before = picture
    if random.random() < SCENE_SHARE:
        which = random.random()
        if which < 0.5:
            picture = night(picture, lamps, random)
        else:
            picture = haze(picture, random) if which < 0.75 else rain(picture, random)
    if random.random() < GLASS_SHARE:
        picture = windscreen(picture, random)
    if picture is before or random.random() < CAMERA_SHARE:
        effects: tuple[Callable[[Picture, Random], Picture], ...] = (motion, defocus, recompressed, rescaled)
        picture = effects[int(random.integers(len(effects)))](picture, random)
    return picture


def night(picture: Picture, lamps: NDArray[np.float32], random: Random) -> Picture:
    """Dark, in the colour of street lamps, noisy; the lamps given shine and glow as before."""
    gamma, gain = random.uniform(1.3, 2.2), random.uniform(0.45, 0.9)
    level = 255 * gain * (picture[::16, ::16].mean() / 255) ** gamma
    gain *= max(1.0, min(DARKEST_MEAN / max(level, 1.0), 1.0 / gain))
    cast = CASTS[int(random.integers(len(CASTS)))]
    curve = 255 * gain * (np.arange(256) / 255.0) ** gamma
    table = np.stack([curve * channel + random.uniform(2, 12) for channel in cast], axis=1).clip(0, 255)
    dark = cv2.LUT(picture, table.astype(np.uint8)[None])
    dark = _noisy(np.asarray(dark, np.uint8), random.uniform(2, 9), random)
    for lamp in lamps:
        _relight(dark, picture, lamp)
    return dark


def haze(picture: Picture, random: Random) -> Picture:
    """Low contrast, more so towards the horizon."""
    rows = np.abs(np.arange(32) / 32 - random.uniform(0.3, 0.5))
    share = np.clip(random.uniform(0.25, 0.65) * (1 - 0.9 * rows), 0, 0.7).astype(np.float32)
    return _towards(picture, np.repeat(share[:, None], 4, axis=1), random.uniform(140, 225) + random.uniform(-8, 8, 3))


def rain(picture: Picture, random: Random) -> Picture:
    """Grey, hazy, with streaks."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    wet = cv2.addWeighted(picture, 0.65, grey, 0.2, random.uniform(5, 25))
    streaks = np.zeros((height, width), np.uint8)
    slant = random.uniform(-0.25, 0.25)
    for x, y, length in random.uniform((0, 0, 6), (width, height, 26), (int(random.integers(60, 220)), 3)):
        cv2.line(streaks, (int(x), int(y)), (int(x + slant * length), int(y + length)), int(random.integers(25, 90)), 1)
    blurred = cv2.GaussianBlur(streaks, (3, 3), 0.7)
    return np.asarray(cv2.add(wet, cv2.cvtColor(blurred, cv2.COLOR_GRAY2BGR)), np.uint8)


def windscreen(picture: Picture, random: Random) -> Picture:
    """A reflection of the dashboard, brighter below, and specks of dirt out of focus."""
    if random.random() < 0.7:
        coarse = random.uniform(0, 1, (4, 5)).astype(np.float32) * np.linspace(0.3, 1.0, 4, dtype=np.float32)[:, None]
        veil = cv2.resize(coarse, (40, 32), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        picture = _towards(picture, veil * random.uniform(0.1, 0.4), random.uniform(180, 255, 3))
    height, width = picture.shape[0] // 4, picture.shape[1] // 4
    specks = np.zeros((height, width), np.float32)
    for _ in range(int(random.integers(2, 12))):
        centre = (int(random.uniform(0, width)), int(random.uniform(0, height)))
        axes = (int(random.integers(1, 6)), int(random.integers(1, 5)))
        cv2.ellipse(specks, centre, axes, 0, 0, 360, float(random.uniform(0.1, 0.45)), -1)
    return _towards(
        picture, np.asarray(cv2.GaussianBlur(specks, (0, 0), 1.5), np.float32), np.full(3, random.uniform(60, 170))
    )


def motion(picture: Picture, random: Random) -> Picture:
    """Blurred along one direction, mostly sideways, by 3 to 7 pixels."""
    size = int(random.choice((3, 5, 7), p=(0.45, 0.35, 0.2)))
    kernel = np.zeros((size, size), np.float32)
    angle, reach = random.normal(0, 0.5), (size - 1) / 2
    step = (reach * np.cos(angle), reach * np.sin(angle))
    start, end = [(round(reach + sign * step[0]), round(reach + sign * step[1])) for sign in (-1, 1)]
    cv2.line(kernel, start, end, 1.0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def defocus(picture: Picture, random: Random) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(random.uniform(0.5, 1.4))), np.uint8)


def recompressed(picture: Picture, random: Random) -> Picture:
    """JPEG of quality 20 to 70."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(20, 71))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def rescaled(picture: Picture, random: Random) -> Picture:
    """Scaled down and up again, as recorders and video services do."""
    height, width = picture.shape[:2]
    factor = random.uniform(0.5, 0.85)
    small = cv2.resize(picture, (int(width * factor), int(height * factor)), interpolation=cv2.INTER_AREA)
    how = cv2.INTER_LINEAR if random.random() < 0.5 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)


def _noisy(picture: Picture, strength: float, random: Random) -> Picture:
    height, width = picture.shape[:2]
    if height > _GRAIN.shape[0] or width > _GRAIN.shape[1]:
        grain = cv2.resize(_GRAIN, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        y, x = random.integers(0, _GRAIN.shape[0] - height + 1), random.integers(0, _GRAIN.shape[1] - width + 1)
        grain = _GRAIN[y : y + height, x : x + width]
    return np.asarray(cv2.addWeighted(picture, 1.0, grain, strength / 32, -4.0 * strength), np.uint8)


def _towards(picture: Picture, share: NDArray[np.floating], colour: NDArray[np.float64]) -> Picture:
    """Each pixel moved towards the colour by a share of 0 to 1, given coarsely over the whole picture."""
    size = (picture.shape[1], picture.shape[0])
    kept = np.repeat((255 * (1 - share))[..., None], 3, axis=2).astype(np.uint8)
    added = (share[..., None] * colour).clip(0, 255).astype(np.uint8)
    faded = cv2.multiply(picture, cv2.resize(kept, size, interpolation=cv2.INTER_LINEAR), scale=1 / 255)
    return np.asarray(cv2.add(faded, cv2.resize(added, size, interpolation=cv2.INTER_LINEAR)), np.uint8)


def _relight(dark: Picture, bright: Picture, box: NDArray[np.float32]) -> None:
    """Put back the brightest saturated part of the head in the box, with a glow around it."""
    height, width = dark.shape[:2]
    reach = max(2, int(0.5 * (box[2] - box[0])))
    x1, y1 = max(0, int(box[0]) - reach), max(0, int(box[1]) - reach)
    x2, y2 = min(width, int(box[2]) + reach + 1), min(height, int(box[3]) + reach + 1)
    if x2 - x1 < 3 or y2 - y1 < 3:
        return
    part = bright[y1:y2, x1:x2].astype(np.float32)
    inner = np.zeros(part.shape[:2], np.float32)
    inner[int(box[1] - y1) : int(box[3] - y1) + 1, int(box[0] - x1) : int(box[2] - x1) + 1] = 1
    high = part.max(axis=2)
    colour = (high - part.min(axis=2)) * inner
    if colour.max() < 50:  # an unlit or washed-out head has nothing that could shine
        return
    lit = np.clip(colour / colour.max() * 2.2 - 1.0, 0, 1) * (high > 100)
    glow = cv2.blur(cv2.blur(lit, (reach | 1, reach | 1)), (reach | 1, reach | 1))
    share = np.maximum(lit, 0.45 * glow / max(float(glow.max()), 1e-6))[..., None]
    lamp = (part * lit[..., None]).sum(axis=(0, 1)) / max(float(lit.sum()), 1e-6)
    shining = np.where(lit[..., None] > 0.3, np.minimum(part * 1.1, 255), np.minimum(lamp * 1.1, 255))
    mixed = dark[y1:y2, x1:x2] * (1 - share) + shining * share
    dark[y1:y2, x1:x2] = mixed.clip(0, 255).astype(np.uint8)
