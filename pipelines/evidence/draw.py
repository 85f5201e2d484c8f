"""What is drawn on evidence pictures: boxes, the stop line, and a strip below with the facts in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from textwrap import wrap

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = tuple[int, int, int]

# RGB; told apart by the colour-blind too (Okabe and Ito 2008), and unlike any lamp.
SUBJECT: Colour = (0, 158, 255)
LAMP: Colour = (230, 120, 230)
STOP_LINE: Colour = (240, 228, 66)
STRIP: Colour = (24, 26, 30)
TEXT: Colour = (236, 238, 240)


@dataclass(frozen=True, slots=True)
class Marks:
    """What to draw, in native pixels; `lines` are polylines, e.g. the stop line."""

    subject: Box | None = None
    lamp: Box | None = None
    lines: tuple[tuple[Point, ...], ...] = field(default=())


def annotated(picture: Picture, marks: Marks, words: tuple[str, ...]) -> Picture:
    """A copy with marks on it and `words` in a strip below, so that they hide nothing; pixels keep their place."""
    return captioned(marked(picture, marks), words)


def marked(picture: Picture, marks: Marks) -> Picture:
    """A copy with marks on it."""
    drawn = picture.copy()
    width = max(2, round(max(picture.shape[:2]) / 640))
    for line in marks.lines:
        cv2.polylines(drawn, [np.round(line).astype(np.int32)], False, STOP_LINE, width, cv2.LINE_AA)
    _outline(drawn, marks.lamp, LAMP, width)
    _outline(drawn, marks.subject, SUBJECT, width)
    return drawn


def captioned(picture: Picture, words: tuple[str, ...]) -> Picture:
    """With `words` in a strip below."""
    return np.concatenate([picture, _strip(picture.shape[1], words)])


def lightly_outlined(picture: Picture, box: Box) -> None:
    """A thin half transparent box for moving pictures, in place."""
    drawn = picture.copy()
    _outline(drawn, box, SUBJECT, max(1, round(max(picture.shape[:2]) / 900)))
    cv2.addWeighted(drawn, 0.6, picture, 0.4, 0, dst=picture)


def close_up(picture: Picture, box: Box, least_px: int = 96, shown_px: int = 640) -> Picture:
    """The surroundings of a small thing (a lamp), enlarged to `shown_px` wide."""
    side = min(max(least_px, 3 * max(box[2] - box[0], box[3] - box[1])), *picture.shape[:2])
    cut = cut_around(picture, box, (side, side))
    size = max(cut.shape[0], shown_px)
    return np.asarray(cv2.resize(cut, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def cut_around(picture: Picture, box: Box, size_px: tuple[float, float]) -> Picture:
    """A part (width, height) around a box's middle, moved into the picture; as large as the picture at most."""
    height, width = picture.shape[:2]
    across, down = max(1, min(round(size_px[0]), width)), max(1, min(round(size_px[1]), height))
    left = int(np.clip((box[0] + box[2]) / 2 - across / 2, 0, width - across))
    top = int(np.clip((box[1] + box[3]) / 2 - down / 2, 0, height - down))
    return picture[top : top + down, left : left + across]


def jpeg(picture: Picture, quality: int = 92) -> bytes:
    """RGB to JPEG without subsampled colour: lamps are a few pixels wide."""
    settings = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), settings)
    assert done
    return encoded.tobytes()


def _outline(picture: Picture, box: Box | None, colour: Colour, width: int) -> None:
    """Drawn outside the box, on a dark edge, so that it neither hides a small thing nor gets lost."""
    if box is None:
        return
    first = (round(box[0]) - width, round(box[1]) - width)
    last = (round(box[2]) + width, round(box[3]) + width)
    cv2.rectangle(picture, first, last, (0, 0, 0), width + 2, cv2.LINE_AA)
    cv2.rectangle(picture, first, last, colour, width, cv2.LINE_AA)


def _strip(width: int, words: tuple[str, ...]) -> Picture:
    size = max(13, round(width / 64))
    step = round(1.5 * size)
    lines = [part for text in words for part in wrap(text, max(20, round(1.9 * width / size)))]
    strip = np.full((step * len(lines) + size, width, 3), STRIP, np.uint8)
    for number, text in enumerate(lines):
        origin = (size, round((number + 1) * step))
        cv2.putText(strip, text, origin, TEXT, _font(), size, 500 if number == 0 else 400)
    return strip


@cache
def _font() -> cv2.FontFace:
    """OpenCV's built-in font with Latin and Chinese glyphs."""
    return cv2.FontFace("uni")
