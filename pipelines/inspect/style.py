"""Colours and letters of the drawings."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np

from models.taxonomy import LIGHTS, LITTER
from pipelines.evidence.draw import STRIP, TEXT, Colour, Picture
from pipelines.inspect.replay import Sight
from vision.places.rest import STANDS

# RGB; Okabe and Ito 2008, told apart by the colour-blind too.
CLASS_COLOURS: Final[dict[str, Colour]] = {
    "person": (240, 228, 66),
    "bicycle": (0, 200, 160),
    "motorcycle": (230, 159, 0),
    "car": (86, 180, 233),
    "bus": (90, 120, 255),
    "truck": (204, 121, 167),
    "licence_plate": (200, 200, 200),
} | dict.fromkeys(LITTER, (255, 110, 40))
LAMP_COLOURS: Final[dict[str, Colour]] = {
    "red": (255, 50, 50),
    "yellow": (255, 210, 0),
    "green": (40, 220, 90),
    "red_yellow": (255, 130, 0),
    "off": (120, 120, 120),
    "flashing_red": (255, 140, 140),
    "flashing_yellow": (255, 235, 140),
    "flashing_green": (150, 245, 180),
    "unknown": (235, 235, 235),
}
GRID: Final[Colour] = (0, 255, 220)
CUT: Final[Colour] = (255, 40, 40)


def colour_of(sight: Sight) -> Colour:
    return LAMP_COLOURS[sight.state] if sight.name in LIGHTS else CLASS_COLOURS[sight.name]


def stands(sight: Sight) -> bool:
    return sight.at_rest >= STANDS


def extent(text: str, size: int) -> tuple[int, int]:
    """Width and height of a label in pixels."""
    wide = cv2.getTextSize((0, 0), text, (0, 0), font(), size, 500)[2]
    return int(wide) + 6, size + 5


def label(picture: Picture, text: str, corner: tuple[int, int], size: int, colour: Colour = TEXT) -> None:
    """Text on a dark plate whose top left corner is given, in place."""
    wide, high = extent(text, size)
    left, top = corner
    plate = picture[max(0, top) : max(0, top + high), max(0, left) : max(0, left + wide)]
    plate[:] = (0.35 * plate + 0.65 * np.array(STRIP)).astype(np.uint8)
    cv2.putText(picture, text, (left + 3, top + size), colour, font(), size, 500)


@cache
def font() -> cv2.FontFace:
    """OpenCV's built-in font with Latin and Chinese glyphs."""
    return cv2.FontFace("uni")
