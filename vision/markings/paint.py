"""Painted bars on the road, found in one picture and given back in its pixels.

The road is looked at from above as a likely camera would see it. That view is only where the samples are taken: in it a
stripe has one width near and far, so that one window tells paint from asphalt. What is found goes back through the same
camera to the picture, and is put on the ground by the camera that is known once the whole video was seen
(`vision.markings.joined`).

Paint is brighter than the road on both its sides (the top-hat of lane finding: Bertozzi & Broggi, GOLD, IEEE Trans.
Image Processing 7(1), 1998). Here it is brighter than the mean of its surroundings, which finds bars of any direction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.log import Floats, GroundCamera
from vision.overlap import Boxes

Gray = NDArray[np.uint8]
Quads = NDArray[np.float32]  # (N, 4, 2) corners of bars, in order round them, native pixels

# The view, in heights of the camera: at 14 of them a row of a 640 px wide picture is half a metre deep, and no bar ends
# there that could be told from the next.
REACH: Final = 14.0
ASIDE: Final = 7.0
FARTHEST_M, ASIDE_M = 45.0, 18.0  # a camera on a roof sees farther than bars can be told
CELL: Final = 0.035
CELL_M: Final = (0.045, 0.07)  # the slimmest stop lines, 0.2 m, are three to four cells
LEAST_ROAD: Final = 0.1  # of the picture's height
PICTURE_WIDTH: Final = 960  # more does not show narrower bars at 15 m

AROUND_M: Final = 2.4  # two bars and two gaps of a crosswalk: half of it is paint
# Worn paint reflects 1.3 times what asphalt does, which is 1.12 times the grey level after gamma 2.2.
CONTRAST: Final = 0.08  # against the mean, to which the paint itself belongs
LEAST_GREY: Final = 7.0  # of 255, above what coding and noise make
SHORTEST_M: Final = 0.9
SLIMMEST: Final = 1.6  # length to width; a crosswalk's bars are 3 m and more long, but far ones look blunt
WIDEST_M: Final = 1.0
BESIDE_M: Final = 0.2
SAMPLES: Final = 15
EVERYWHERE: Final = 0.75  # of its length it is brighter than both its sides
SAME_SURFACE: Final = 0.35  # of its rise over the darker side, over the brighter one
FULL: Final = 0.62  # of its rectangle; letters, arrows and spots fill less


@dataclass(frozen=True, slots=True)
class PaintLook:
    """Painted bars in one frame. `frame`: row of the frames that were looked at. `hidden`: (M, 4) native boxes of what
    stood on the road.
    """

    frame: int
    bars: Quads
    hidden: Boxes


@dataclass(frozen=True, slots=True)
class RoadView:
    """The road below the horizon from above.

    Attributes:
        window: of the native picture that is looked at, (x1, y1, x2, y2). size: its size as looked at, (w, h).
        cells: columns and rows from above, row 0 farthest. cell_m: side of a cell in metres, as far as that is known.
        to_picture: (3, 3) homography from cells to pixels as looked at.
    """

    window: tuple[int, int, int, int]
    size: tuple[int, int]
    cells: tuple[int, int]
    cell_m: float
    to_picture: Floats

    @property
    def scale(self) -> Floats:
        """(2,) native pixels per pixel looked at."""
        x1, y1, x2, y2 = self.window
        return np.array([(x2 - x1) / self.size[0], (y2 - y1) / self.size[1]])

    def native(self, cells: Floats) -> Floats:
        """(..., 2) native pixels of points given in cells."""
        points = np.concatenate([cells, np.ones((*cells.shape[:-1], 1))], axis=-1) @ self.to_picture.T
        return np.asarray(points[..., :2] / points[..., 2:] * self.scale + self.window[:2])


def road_view(camera: GroundCamera, width: int, height: int) -> RoadView | None:
    """None where the camera sees too little road. `width`, `height`: of the native picture."""
    camera = replace(camera, lens=None)  # a straight view will do to look from: what is found goes back as it came
    far = min(REACH * camera.height_m, FARTHEST_M)
    near = camera.focal_px * camera.height_m / max(height - camera.horizon_y, 1.0)
    top = int(max(0.0, camera.horizon_y + camera.focal_px * camera.height_m / far)) & ~1
    if height - top < LEAST_ROAD * height:
        return None
    cell = float(np.clip(CELL * camera.height_m, *CELL_M))
    side = min(ASIDE * camera.height_m, ASIDE_M)
    cells = (round(2 * side / cell), round((far - near) / cell))
    corners = np.array([(0, 0), (cells[0], 0), (cells[0], cells[1]), (0, cells[1])], np.float32)
    forward, left = far - corners[:, 1] * cell, side - corners[:, 0] * cell
    window = (0, top, width, height)
    shrink = min(1.0, PICTURE_WIDTH / width)
    size = (2 * round(width * shrink / 2), max(2, 2 * round((height - top) * shrink / 2)))
    pixels = np.stack(camera.to_image(forward.astype(float), left.astype(float)), 1) - window[:2]
    pixels *= np.array(size) / (width, height - top)
    to_picture = np.asarray(cv2.getPerspectiveTransform(corners, pixels.astype(np.float32)), np.float64)
    return RoadView(window, size, cells, cell, to_picture)


def painted_bars(gray: Gray, view: RoadView, hidden: Boxes) -> Quads:
    """Bright bars of one look.

    Args:
        gray: `view.size`, the picture's `view.window`. hidden: native boxes of what stands on the road.
    """
    seen = _from_above(np.full(gray.shape, 255, np.uint8), gray, view, hidden)
    paint = _brighter(*seen, round(AROUND_M / view.cell_m) | 1)
    bars = _bars(paint, view.cell_m)
    corners = np.array(bars, np.float32).reshape(-1, 4, 2)
    corners = corners[_like_on_both_sides(*seen, corners, BESIDE_M / view.cell_m)]
    return view.native(corners.astype(float)).astype(np.float32)


def _from_above(free: Gray, gray: Gray, view: RoadView, hidden: Boxes) -> tuple[Gray, Gray]:
    """The road from above, and 255 where it can be seen."""
    boxes = (hidden.reshape(-1, 2, 2) - view.window[:2]) / view.scale
    for (x1, y1), (x2, y2) in np.round(boxes).astype(int).clip(0).tolist():
        free[y1:y2, x1:x2] = 0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    road = cv2.warpPerspective(gray, view.to_picture, view.cells, flags=flags)
    seen = cv2.warpPerspective(free, view.to_picture, view.cells, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(road, np.uint8), np.asarray(seen, np.uint8)


def _brighter(road: Gray, seen: Gray, window: int) -> Gray:
    """255 where the road is brighter than the visible road around it."""
    near = (window, window)
    share = cv2.boxFilter(seen, cv2.CV_32F, near, borderType=cv2.BORDER_CONSTANT)
    sums = cv2.boxFilter(cv2.bitwise_and(road, seen), cv2.CV_32F, near, borderType=cv2.BORDER_CONSTANT)
    mean = np.asarray(sums, np.float32) * (np.float32(255.0) / np.maximum(np.asarray(share, np.float32), 1.0))
    paint = ((road > mean + np.maximum(CONTRAST * mean, LEAST_GREY)) & (seen > 0)).astype(np.uint8) * np.uint8(255)
    return np.asarray(cv2.morphologyEx(paint, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)


def _like_on_both_sides(road: Gray, seen: Gray, corners: NDArray[np.float32], beside: float) -> NDArray[np.bool_]:
    """(N,) which bars lie on one surface: an edge of a kerb, a bonnet or a shadow has another on its other side.

    Args:
        corners: (N, 4, 2) in cells, in order round each bar. beside: where to look, cells from the long sides.
    """
    sides = np.roll(corners, -1, axis=1) - corners
    first = np.where(np.hypot(*sides[:, 0].T) >= np.hypot(*sides[:, 1].T), 0, 1)  # a long side starts at this corner
    a, b, c, d = np.moveaxis(corners[np.arange(len(corners))[:, None], (first[:, None] + np.arange(4)) % 4], 1, 0)
    out = (a - d) / np.maximum(np.hypot(*(a - d).T), 1e-6)[:, None] * beside
    middle = _along(road, seen, (a + d) / 2, (b + c) / 2)
    one, other = _along(road, seen, a + out, b + out), _along(road, seen, d - out, c - out)
    brighter, darker = np.fmax(one, other), np.fmin(one, other)
    known = np.isfinite(middle) & np.isfinite(brighter)
    count = known.sum(axis=0)
    rises = middle - brighter >= np.maximum(CONTRAST * brighter, LEAST_GREY)
    # A spot of sun has soft ends and ragged sides; paint is as bright from end to end.
    sums = [np.where(known, level, 0.0).sum(axis=0) for level in (middle, brighter, darker)]
    alike = sums[0] - sums[1] >= SAME_SURFACE * (sums[0] - sums[2])
    return np.asarray((2 * count >= SAMPLES) & (rises.sum(axis=0) >= EVERYWHERE * count) & alike)


def _along(road: Gray, seen: Gray, start: NDArray[np.float32], end: NDArray[np.float32]) -> Floats:
    """(`SAMPLES`, N) grey levels along lines between (N, 2) cells; NaN where the road is not seen."""
    share = np.linspace(0.05, 0.95, SAMPLES)[:, None, None]
    columns, rows = np.moveaxis(np.floor(start * (1 - share) + end * share).astype(int), 2, 0)
    inside = (rows >= 0) & (rows < road.shape[0]) & (columns >= 0) & (columns < road.shape[1])
    rows, columns = rows.clip(0, road.shape[0] - 1), columns.clip(0, road.shape[1] - 1)
    return np.where(inside & (seen[rows, columns] > 0), road[rows, columns].astype(float), np.nan)


def _bars(paint: Gray, cell_m: float) -> list[NDArray[np.float32]]:
    """Corners (4, 2) in cells. What is no bar as a whole, as a stop line with the lane lines that end at it, is taken
    apart into what runs across and what runs along.
    """
    bars, others = _rectangles(paint, cell_m)
    rest = np.zeros_like(paint)
    cv2.drawContours(rest, others, -1, 255, cv2.FILLED)
    rest &= paint
    length = max(3, round(SHORTEST_M / cell_m))
    for kernel in (np.ones((1, length), np.uint8), np.ones((length, 1), np.uint8)):
        bars += _rectangles(np.asarray(cv2.morphologyEx(rest, cv2.MORPH_OPEN, kernel), np.uint8), cell_m)[0]
    return bars


def _rectangles(paint: Gray, cell_m: float) -> tuple[list[NDArray[np.float32]], list[NDArray[np.int32]]]:
    """Spots that are bars, and the outlines of those that are large enough but are none."""
    bars, others = [], []
    for outline in cv2.findContours(paint, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        centre, sides, turn = cv2.minAreaRect(outline)
        wide, high = sides[0] + 1.0, sides[1] + 1.0  # outlines run through the middles of cells
        slim, long = min(wide, high), max(wide, high)
        if long * cell_m < SHORTEST_M:
            continue
        area = cv2.contourArea(outline) + 0.5 * cv2.arcLength(outline, True) + 1.0
        if slim * cell_m <= WIDEST_M and long >= SLIMMEST * slim and area >= FULL * slim * long:
            bars.append(np.asarray(cv2.boxPoints((centre, (wide, high), turn)), np.float32) + 0.5)
        else:
            others.append(np.asarray(outline, np.int32))
    return bars, others
