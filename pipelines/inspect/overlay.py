"""Draws a moment's tracks, signal heads, horizon and ground grid over its picture."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from models.taxonomy import LIGHTS
from pipelines.evidence.draw import Colour, Picture
from pipelines.inspect.ground_grid import GridLine
from pipelines.inspect.replay import Instant, Sight
from pipelines.inspect.style import CUT, GRID, colour_of, extent, label, stands
from vision.log import GroundCamera

GRID_OPACITY: Final = 0.35
FARTHEST_PX: Final = 20_000  # OpenCV's lines are drawn with 16 bits of whole pixels

Rectangle = tuple[int, int, int, int]


def draw_ground(picture: Picture, camera: GroundCamera, lines: list[GridLine], scale: float) -> None:
    """The horizon and the grid, half transparent, in place. `scale`: drawn pixels per native pixel."""
    drawn = picture.copy()
    for line in lines:
        cv2.line(drawn, _pixel(line.start, scale), _pixel(line.end, scale), GRID, 1, cv2.LINE_AA)
    horizon = round(camera.horizon_y * scale)
    cv2.line(drawn, (0, horizon), (picture.shape[1], horizon), GRID, 2, cv2.LINE_AA)
    cv2.addWeighted(drawn, GRID_OPACITY, picture, 1 - GRID_OPACITY, 0, dst=picture)
    size = letters(picture)
    for line in lines:
        x, y = _pixel(line.end, scale)
        if not np.isnan(line.metres) and y < picture.shape[0] - size:
            words = f"{line.metres:.0f} m"
            label(picture, words, (min(x, picture.shape[1] - extent(words, size)[0]), y - size), size, GRID)


def draw_sights(picture: Picture, instant: Instant, scale: float) -> None:
    """Boxes, then labels of the largest first: those that would hide another are shortened or left out. In place."""
    sights = sorted(instant.sights, key=lambda sight: -float(sight.box[3] - sight.box[1]))
    for sight in reversed(sights):
        _draw_box(picture, sight, scale)
    taken: list[Rectangle] = []
    for sight in [each for each in sights if each.name in LIGHTS] + [
        each for each in sights if each.name not in LIGHTS
    ]:
        _write_label(picture, sight, scale, taken)


def draw_cut(picture: Picture) -> None:
    """Marks the first picture after a hard cut, in place."""
    high, wide = picture.shape[:2]
    cv2.rectangle(picture, (0, 0), (wide - 1, high - 1), CUT, 8)
    label(picture, "CUT", (12, 12), 2 * letters(picture), CUT)


def letters(picture: Picture) -> int:
    """Size of labels in pixels."""
    return int(np.clip(picture.shape[1] / 70, 10, 18))


def texts(sight: Sight) -> list[str]:
    """What may be written at a box, the fullest first."""
    if sight.name == "licence_plate":
        return []
    if sight.name in LIGHTS:
        sure = "" if sight.state == "unknown" else f" {sight.confidence:.2f}"
        return [f"{sight.track} {sight.state}{sure}", f"{sight.state}{sure}"]
    parts = [f"{sight.track} {sight.name.replace('_', ' ')}"]
    if stands(sight):
        parts.append(f"stands {sight.at_rest:.2f}")
    elif np.isfinite(sight.speed_mps):
        parts.append(f"{3.6 * sight.speed_mps:.0f} km/h")
    if np.isfinite(sight.distance_m):
        parts.append(f"{sight.distance_m:.0f} m")
    return [" · ".join(parts), str(sight.track)]


def _draw_box(picture: Picture, sight: Sight, scale: float) -> None:
    """Thin while it is only carried from one sighting to the next; a standing thing has its corners filled."""
    x1, y1, x2, y2 = np.round(sight.box * scale).astype(int).tolist()
    colour = colour_of(sight)
    width = (2 if picture.shape[1] > 800 else 1) if sight.fresh else 1
    if sight.fresh:
        cv2.rectangle(picture, (x1 - 1, y1 - 1), (x2 + 1, y2 + 1), (0, 0, 0), width + 2, cv2.LINE_AA)
    cv2.rectangle(picture, (x1 - 1, y1 - 1), (x2 + 1, y2 + 1), colour, width, cv2.LINE_AA)
    if stands(sight):
        _fill_corners(picture, (x1, y1, x2, y2), colour)


def _fill_corners(picture: Picture, box: Rectangle, colour: Colour) -> None:
    x1, y1, x2, y2 = box
    side = int(np.clip((y2 - y1) / 6, 3, 8))
    for x, y in ((x1, y1), (x2, y1), (x1, y2), (x2, y2)):
        cv2.rectangle(picture, (x - side // 2, y - side // 2), (x + side // 2, y + side // 2), colour, -1)


def _write_label(picture: Picture, sight: Sight, scale: float, taken: list[Rectangle]) -> None:
    size = letters(picture)
    x1, y1, x2, y2 = np.round(sight.box * scale).astype(int).tolist()
    for text in texts(sight):
        wide, high = extent(text, size)
        left = int(np.clip(x1, 0, max(0, picture.shape[1] - wide)))
        for top in (y1 - high - 1, y2 + 2):
            place = (left, top, left + wide, top + high)
            inside = top >= 0 and place[3] <= picture.shape[0]
            if inside and x2 >= 0 and x1 < picture.shape[1] and not any(_overlap(place, other) for other in taken):
                taken.append(place)
                label(picture, text, (left, top), size, colour_of(sight))
                return


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pixel(point: tuple[float, float], scale: float) -> tuple[int, int]:
    x, y = np.clip(np.array(point) * scale, -FARTHEST_PX, FARTHEST_PX)
    return round(float(x)), round(float(y))
