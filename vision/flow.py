"""How the picture moves: corners followed from one sampled frame to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.overlap import Boxes
from vision.scene import Gray, is_cut

GRID: Final = (8, 5)  # columns, rows: corners are taken evenly from these cells
PER_CELL: Final = 6
LEVELS: Final = 3
WINDOW: Final = (15, 15)
# Steps and pixels: points that are found at all settle in a few steps, more are spent on those that are not.
UNTIL: Final = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 12, 0.03)
BACK_PX: Final = 0.5
FAST_THRESHOLD: Final = 12
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
        points, strength = _detected(self._fast, gray, 0)
        faint, faint_strength = _detected(self._road, gray, middle)
        points, strength = np.concatenate([points, faint]), np.concatenate([strength, faint_strength])
        if len(moving):
            boxes = moving / self._scale
            x, y = points[:, :1], points[:, 1:]
            inside = (x > boxes[:, 0] - 3) & (x < boxes[:, 2] + 3) & (y > boxes[:, 1] - 3) & (y < boxes[:, 3] + 3)
            free = ~inside.any(axis=1)
            points, strength = points[free], strength[free]
        return _spread(points, strength, gray.shape)


def _detected(
    detector: cv2.FastFeatureDetector, gray: Gray, top: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Corners below row `top` and their strength."""
    found = detector.detect(np.ascontiguousarray(gray[top:]))
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
    """At most `PER_CELL` points of each cell of the grid, strongest first."""
    cell = (points[:, 0] * GRID[0] / shape[1]).astype(int) + GRID[0] * (points[:, 1] * GRID[1] / shape[0]).astype(int)
    order = np.lexsort((-strength, cell))
    cell = cell[order]
    first = np.searchsorted(cell, cell, side="left")
    keep = order[np.arange(len(cell)) - first < PER_CELL]
    return np.ascontiguousarray(points[keep][:, None, :])
