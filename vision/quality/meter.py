"""Measures of how well grey pictures show the street. What they mean: `vision.quality.seconds`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.look import due
from vision.motion.egomotion import StepMotion
from vision.motion.scene import Gray

QUALITY_HZ: Final = 1.0
DARK, BRIGHT = 10, 245  # grey levels at and beyond which a sensor shows nothing
REBLUR_PX: Final = 9  # Crete et al. 2007: their low-pass filter
UNEVEN: Final = 0.85  # with this, pictures shaken in one direction read as much as unfocused ones that hide as much
# Median and 90th percentile of brightness at most, and how many times brighter than the median the lamps are (99th): of
# 120 pictures by day 3 % are called night, of those that `models.data.weather` darkened 52 %.
NIGHT: Final = (0.25, 0.5, 2.0)
GRID: Final = (16, 9)  # columns, rows of the cells in which texture and change are told
TEXTURED: Final = 1.5  # mean gradient of a cell in grey levels per pixel; noise of compressed video stays below it
SMALL: Final = (160, 90)
BAND: Final = slice(3, 6)  # the middle rows of cells: in a dashcam's picture what changes most while it drives
CHANGED: Final = 2.0  # grey levels between two pictures, above noise; what is behind an obstruction does not reach it
DRIVES: Final = 4 * CHANGED  # median change of the band from which the scene surely passes by
REMEMBERED_S: Final = 8.0  # the street passes by in this time, what is on the glass stays


@dataclass(frozen=True, slots=True)
class PictureQuality:
    """One picture's measures, shares and means over the whole picture.

    Attributes:
        brightness: mean, 0..1. dark, bright: shares of pixels that show nothing for darkness or glare.
        contrast: from the 5th to the 95th percentile of brightness, 0..1.
        night: dark, with lamps. A brightly lit street at night is not told from day.
        blur: 0 sharp to 1, by how little blurring once more takes away (Crete et al., "The blur effect", SPIE 2007), of
            the worse direction, and more where the other is better: motion. Up to 1.2.
        blank: share of cells without texture.
        stuck: share of cells of the middle band in which nothing changes while the camera drives; NaN not told.
    """

    time_s: float
    brightness: float
    dark: float
    bright: float
    contrast: float
    night: bool
    blur: float
    blank: float
    stuck: float


class QualityMeter:
    """Measures some of the grey pictures it is shown, and remembers what changed in them of late."""

    def __init__(self) -> None:
        self._time = -np.inf
        self._small: Gray | None = None
        self._change: NDArray[np.float32] | None = None
        self._pictures = 0

    def see(self, gray: Gray, time_s: float, motion: StepMotion | None) -> PictureQuality | None:
        """The measures of a picture, None where none is due: one a second, and the first after a cut.

        Args:
            motion: how the camera got here.
        """
        if motion is not None and motion.cut:
            self._small = self._change = None
            self._time = -np.inf
        if not due(time_s, self._time, QUALITY_HZ):
            return None
        self._time = time_s
        levels = _cumulated(gray[::4])
        blur, texture = _blur_and_texture(gray)
        low, middle, most, high, lamps = np.searchsorted(levels, [0.05, 0.5, 0.9, 0.95, 0.99]) / 255
        return PictureQuality(
            time_s,
            float(255 - levels[:255].sum()) / 255,
            float(levels[DARK]),
            float(1 - levels[BRIGHT - 1]),
            float(high - low),
            bool(middle <= NIGHT[0] and most <= NIGHT[1] and lamps >= NIGHT[2] * middle),
            blur,
            float((texture < TEXTURED).mean()),
            self._stuck(gray, motion),
        )

    def _stuck(self, gray: Gray, motion: StepMotion | None) -> float:
        before, small = self._small, np.asarray(cv2.resize(gray, SMALL, interpolation=cv2.INTER_AREA), np.uint8)
        self._small = small
        if before is None or motion is None or motion.still or not motion.told:
            return np.nan
        change = _of_cells(cv2.absdiff(small, before))
        if self._change is None:
            self._change, self._pictures = np.zeros_like(change), 0
        self._pictures += 1
        self._change += (change - self._change) / min(self._pictures, REMEMBERED_S * QUALITY_HZ)
        band = self._change[BAND]
        if self._pictures < REMEMBERED_S * QUALITY_HZ or float(np.median(band)) < DRIVES:
            return np.nan
        return float((band < CHANGED).mean())


def _cumulated(gray: Gray) -> NDArray[np.float64]:
    """(256,) share of the pixels that are at most that bright."""
    counts = cv2.calcHist([np.ascontiguousarray(gray)], [0], None, [256], [0, 256])
    return np.asarray(np.cumsum(counts) / gray.size, np.float64)


def _blur_and_texture(gray: Gray) -> tuple[float, NDArray[np.float32]]:
    """`PictureQuality.blur`, and each cell's mean gradient, from every fourth line and column."""
    along, across = np.ascontiguousarray(gray[::4]), np.ascontiguousarray(gray[:, ::4])
    row_steps, row_blur = _lost(along, (REBLUR_PX, 1), (slice(None), slice(1, None)), (slice(None), slice(None, -1)))
    steps, blur = _lost(across, (1, REBLUR_PX), (slice(1, None), slice(None)), (slice(None, -1), slice(None)))
    worse = max(row_blur, blur)
    return worse + UNEVEN * (worse - min(row_blur, blur)), _of_cells(row_steps) + _of_cells(steps)


def _of_cells(values: NDArray[Any]) -> NDArray[np.float32]:
    """Means over the cells."""
    return np.asarray(cv2.resize(values.astype(np.float32), GRID, interpolation=cv2.INTER_AREA), np.float32)


def _lost(
    gray: Gray, size: tuple[int, int], ahead: tuple[slice, slice], behind: tuple[slice, slice]
) -> tuple[Gray, float]:
    """Differences of neighbours, and the share of them that blurring once more leaves (0 sharp, 1 blurred already)."""
    blurred = cv2.blur(gray, size)
    steps = cv2.absdiff(gray[ahead], gray[behind])
    lost = cv2.subtract(steps, cv2.absdiff(blurred[ahead], blurred[behind]))
    return np.asarray(steps, np.uint8), 1 - float(cv2.sumElems(lost)[0]) / max(float(cv2.sumElems(steps)[0]), 1.0)
