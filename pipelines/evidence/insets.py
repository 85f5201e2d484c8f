"""What is small on an evidence picture, enlarged beside it: a far vehicle, a bottle, the lamp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from pipelines.evidence.draw import LAMP, STRIP, SUBJECT, Box, Colour, Marks, Picture, cut_around

LEAST_ENLARGED: Final = 1.5  # a thing that would be shown hardly larger than it is needs no inset
AROUND: Final = 1.7  # how much is shown at least: of the thing's longer side
LARGEST_ZOOM: Final = 8.0  # beyond it pixels are seen, not things
SCREEN: Final = 16 / 9  # pictures wider than this leave room below them on a screen, others beside them
WIDER: Final = 1.1  # than that by so much, to be worth it
SIDE_SHARE, BELOW_SHARE = 0.3, 0.2  # of the picture's width: the width of a panel beside it, the height of one below
FRAME_PX: Final = 3


@dataclass(frozen=True, slots=True)
class _Inset:
    box: Box
    colour: Colour


def with_insets(clean: Picture, drawn: Picture, marks: Marks) -> Picture:
    """`drawn` with a panel of what `marks` point to, cut from `clean` and framed in the colour of its mark.

    Pixels keep their place; where nothing is small nothing is added.
    """
    height, width = clean.shape[:2]
    found = _marked(marks)
    below = width > WIDER * SCREEN * height
    if below:
        tile = width // max(1, len(found)), round(BELOW_SHARE * width)
    else:
        tile = round(SIDE_SHARE * width), height // max(1, len(found))
    if all(_zoom(clean, inset, tile) < LEAST_ENLARGED for inset in found):
        return drawn
    tiles = np.concatenate([_tile(clean, inset, tile) for inset in found], axis=1 if below else 0)
    missing = (0, width - tiles.shape[1]) if below else (height - tiles.shape[0], 0)
    panel = cv2.copyMakeBorder(tiles, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=STRIP)
    return np.concatenate([drawn, panel], axis=0 if below else 1)


def _marked(marks: Marks) -> list[_Inset]:
    both = ((marks.subject, SUBJECT), (marks.lamp, LAMP))
    return [_Inset(box, colour) for box, colour in both if box is not None]


def _zoom(picture: Picture, inset: _Inset, tile: tuple[int, int]) -> float:
    """Pixels of a tile (width, height) per pixel of the picture: as the thing asks for, and filled by the picture."""
    x1, y1, x2, y2 = inset.box
    asked = min(min(tile) / max(AROUND * max(x2 - x1, y2 - y1), 1.0), LARGEST_ZOOM)
    return float(max(asked, tile[0] / picture.shape[1], tile[1] / picture.shape[0]))


def _tile(picture: Picture, inset: _Inset, tile: tuple[int, int]) -> Picture:
    zoom = _zoom(picture, inset, tile)
    inner = tile[0] - 2 * FRAME_PX, tile[1] - 2 * FRAME_PX
    cut = cut_around(picture, inset.box, (inner[0] / zoom, inner[1] / zoom))
    shown = cv2.resize(cut, inner, interpolation=cv2.INTER_CUBIC)
    framed = np.full((tile[1], tile[0], 3), inset.colour, np.uint8)
    framed[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX] = shown
    return framed
