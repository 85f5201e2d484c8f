"""What a dashcam does to a clean picture: bloom, haze, exposure, blur, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.model import Picture


@dataclass(frozen=True, slots=True)
class Look:
    """`haze` 0..1 at the horizon; `gain` per channel; `blur`: standard deviation in pixels; `noise`: grey levels;
    `quality`: JPEG quality, 0 for none; `horizon`: row as a share of the height; `contrast` around mid grey.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    haze: float = 0.1
    horizon: float = 0.5
    blur: float = 0.6
    noise: float = 2.0
    quality: int = 0
    bloom: float = 0.5


def random_look(rng: np.random.Generator, horizon: float) -> Look:
    warm = rng.normal(0, 0.06)
    level = rng.uniform(0.85, 1.2)
    return Look(
        gain=(level * (1 + warm), level, level * (1 - warm)),
        contrast=rng.uniform(0.75, 1.2),
        haze=rng.uniform(0, 0.45) ** 1.5,
        horizon=horizon,
        blur=rng.uniform(0.3, 1.1),
        noise=rng.uniform(0.5, 7),
        quality=int(rng.integers(45, 96)),
        bloom=rng.uniform(0.2, 0.9),
    )


def _lamp_glow(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light that spills from bright, coloured pixels."""
    peak, low = picture.max(2), picture.min(2)
    lit = picture * ((peak > 240) & (peak - low > 90))[..., None]
    small = cv2.resize(lit, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(small, (0, 0), 2.0)
    return np.asarray(
        cv2.resize(wide, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
    )


def develop(picture: Picture, look: Look, rng: np.random.Generator) -> Picture:
    height = len(picture)
    image: NDArray[np.float32] = picture.astype(np.float32)
    if look.bloom > 0:
        image += look.bloom * _lamp_glow(image)
    if look.haze > 0:
        rows = np.arange(height, dtype=np.float32) / height
        veil = (look.haze * np.exp(-np.abs(rows - look.horizon) / 0.12))[:, None, None].astype(np.float32)
        image = image * (1 - veil) + 205 * veil
    image = ((image - 128) * np.float32(look.contrast) + 128) * np.asarray(look.gain, np.float32)
    if look.blur > 0.2:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), look.blur), np.float32)
    if look.noise > 0:
        image = image + np.float32(look.noise) * rng.standard_normal(image.shape[:2], np.float32)[..., None]
        image += np.float32(0.5 * look.noise) * rng.standard_normal(image.shape, np.float32)
    result = np.clip(image, 0, 255).astype(np.uint8)
    if look.quality:
        coded = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, look.quality])[1]
        result = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return result


class Film:
    """The same for video, cheap enough for every frame: mild blur, and noise drawn from a few prepared sheets."""

    def __init__(
        self, width: int, height: int, rng: np.random.Generator, noise: float = 2.5, blur: float = 0.6
    ) -> None:
        self._blur, self._rng = blur, rng
        sheets = rng.normal(0, noise, (6, height, width, 3))
        self._sheets = [np.round(sheet).astype(np.int8) for sheet in sheets]

    def expose(self, picture: Picture) -> Picture:
        soft = cv2.GaussianBlur(picture, (3, 3), self._blur)
        sheet = self._sheets[int(self._rng.integers(len(self._sheets)))]
        return np.asarray(cv2.add(soft, sheet, dtype=cv2.CV_8U), np.uint8)
