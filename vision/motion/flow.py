"""How the picture moves: corners followed from one sampled frame to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.motion.scene import Gray, is_cut
from vision.overlap import Boxes

GRID: Final = (8, 5)  # columns, rows: corners are taken evenly from these cells
PER_CELL: Final = 6
LEVELS: Final = 3
WINDOW: Final = (11, 11)
# Steps and pixels: points that are found at all settle in a few steps, more are spent on those that are not.
UNTIL: Final = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 12, 0.03)
BACK_PX: Final = 0.5
FAST_THRESHOLD: Final = 12
BORDER: Final = 3  # rows and columns at a picture's edges in which FAST finds no corner
AROUND_PX: Final = 3.0
ROAD_THRESHOLD: Final = 4  # asphalt has faint texture, and speed can be read there only


@dataclass(frozen=True, slots=True)
class FlowStep:
    """Points followed over one step; `before`, `after`: (N, 2) native pixels, of things that should stand."""

    time_s: float
    dt_s: float
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    cut: bool


class FlowMeter:
    """Follows FAST corners with pyramidal Lucas-Kanade between the grey pictures it is given.

    Args:
        scale: native pixels per pixel of the grey pictures.
    """

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._fast = cv2.FastFeatureDetector.create(FAST_THRESHOLD)
        self._road = cv2.FastFeatureDetector.create(ROAD_THRESHOLD)
        self._gray: Gray | None = None
        self._time = 0.0

    def step(self, gray: Gray, time_s: float, moving: Boxes) -> FlowStep | None:
        """The flow since the last call; None at the first. `moving`: native boxes of things that may move."""
        step = None
        if self._gray is not None:
            step = self._follow(self._gray, gray, time_s, moving)
        self._gray, self._time = gray, time_s
        return step

    def _follow(self, before: Gray, after: Gray, time_s: float, moving: Boxes) -> FlowStep:
        points = self._corners(before, moving)
        empty = np.zeros((0, 2), np.float32)
        dt = time_s - self._time
        if len(points) < 8:
            return FlowStep(time_s, dt, empty, empty, is_cut(before, after, 0.0))
        moved, found = _followed(before, after, points)
        true = found & _comes_back(after, before, moved, points)
        survived = float(true.mean())
        cut = is_cut(before, after, survived)
        if cut:
            return FlowStep(time_s, dt, empty, empty, True)
        return FlowStep(time_s, dt, points[true, 0] * self._scale, moved[true, 0] * self._scale, False)

    def _corners(self, gray: Gray, moving: Boxes) -> NDArray[np.float32]:
        """(N, 1, 2) the strongest corners of each cell, outside `moving`."""
        middle = gray.shape[0] // 2
        free = _outside(moving / self._scale, gray.shape)
        far = _detected(self._fast, gray, free, 0, middle + BORDER)
        near = _detected(self._road, gray, free, middle - BORDER, gray.shape[0])
        points, strength = (np.concatenate(parts) for parts in zip(far, near, strict=True))
        return _spread(points, strength, gray.shape)


def _outside(boxes: Boxes, shape: tuple[int, ...]) -> Gray:
    """(H, W) 0 in and round the boxes, 255 elsewhere."""
    mask = np.full(shape, 255, np.uint8)
    low = np.floor(boxes[:, :2] - AROUND_PX).astype(int).clip(-1) + 1
    high = np.ceil(boxes[:, 2:] + AROUND_PX).astype(int).clip(0)
    for (left, top), (right, bottom) in zip(low, high, strict=True):
        mask[top:bottom, left:right] = 0
    return mask


def _detected(
    detector: cv2.FastFeatureDetector, gray: Gray, free: Gray, top: int, bottom: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Corners between two rows where the mask is not 0, none in the rows' borders, and their strength."""
    found = detector.detect(gray[top:bottom], free[top:bottom])
    points = np.asarray(cv2.KeyPoint.convert(found), np.float32).reshape(-1, 2)
    return points + np.array([0, top], np.float32), np.array([corner.response for corner in found], np.float32)


def _followed(before: Gray, after: Gray, points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    start = np.empty_like(points)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points, start, winSize=WINDOW, maxLevel=LEVELS, criteria=UNTIL
    )
    return np.asarray(moved, np.float32), np.asarray(found)[:, 0] == 1


def _comes_back(
    after: Gray, before: Gray, moved: NDArray[np.float32], points: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Which points, followed backward, end where they came from. They start there, at the finest level only, for a
    seventh of the cost of a search: what does not belong there drifts away.
    """
    back, found, _ = cv2.calcOpticalFlowPyrLK(
        after, before, moved, points.copy(), winSize=WINDOW, maxLevel=0, criteria=UNTIL,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )  # fmt: skip
    return np.asarray((np.asarray(found)[:, 0] == 1) & (np.abs(back - points).max(axis=(1, 2)) < BACK_PX))


def _spread(points: NDArray[np.float32], strength: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """At most `PER_CELL` points of each cell of the grid, strongest first. `strength`: whole numbers up to 255."""
    column, row = (points * (GRID[0] / shape[1], GRID[1] / shape[0])).astype(np.uint16).T
    cell = row * np.uint16(GRID[0]) + column
    # Of 16 bit numbers numpy sorts thousands in no time, of two keys at once it takes as long as finding the corners.
    order = np.argsort(cell * np.uint16(256) + (255 - strength).astype(np.uint16), kind="stable")
    cell = cell[order]
    first = np.searchsorted(cell, cell, side="left")
    keep = order[np.arange(len(cell)) - first < PER_CELL]
    return np.ascontiguousarray(points[keep][:, None, :])
