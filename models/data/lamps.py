"""The lamps of a cut-out vertical traffic light head: is one visibly lit, and what another state would look like."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID

RED, YELLOW, GREEN = (CLASS_ID[f"light_{colour}"] for colour in ("red", "yellow", "green"))
LIT_COLOUR: Final = 60  # difference between the highest and lowest channel of a lamp that a person calls lit
LIT_LIGHT: Final = 120  # its highest channel
UNLIT_COLOUR: Final = 45
SKY_LIGHT: Final = 130  # lowest channel of a sky
SKY_RANGE: Final = (35, 35, 35)
MOST_SKY: Final = 0.55
CENTRES: Final = {RED: 0.2, YELLOW: 0.5, GREEN: 0.8}  # of the head's height
REACH: Final = 0.16
_FROM: Final = {RED: 0.5, YELLOW: 0.2, GREEN: 0.5}  # the neighbour whose unlit lamp replaces the lit one
_CHANNEL: Final = {RED: 2, YELLOW: 2, GREEN: 1}


def is_lit(head: NDArray[np.uint8], class_id: int) -> bool:
    """Whether the lamp of that colour shines in the picture, rather than only in its label."""
    small = np.asarray(cv2.resize(head, (12, 36), interpolation=cv2.INTER_AREA), np.uint8)
    lamp = small[_rows(CENTRES[class_id], 36)]
    high, low = lamp.max(axis=2).astype(np.int32), lamp.min(axis=2).astype(np.int32)
    coloured = (high - low >= LIT_COLOUR) & (high >= LIT_LIGHT) & (lamp[..., _CHANNEL[class_id]] >= high - 25)
    return bool(coloured.mean() >= 0.04)


def unlit(head: NDArray[np.uint8], class_id: int) -> NDArray[np.uint8] | None:
    """The head with its lamp replaced by the unlit one beside it; None where that does not look dark."""
    picture = head.astype(np.float32)
    dark = _mixed(picture, _moved(picture, _FROM[class_id], CENTRES[class_id]), CENTRES[class_id])
    grey = dark.mean(axis=2, keepdims=True)
    faded = (grey + 0.25 * (dark - grey)).clip(0, 255).astype(np.uint8)  # the lamp's light on its housing goes too
    small = cv2.resize(faded, (12, 36), interpolation=cv2.INTER_AREA)[:, 2:-2].astype(np.int32)
    return faded if (small.max(axis=2) - small.min(axis=2)).max() < UNLIT_COLOUR else None


def opacity(head: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) 0 where the bright sky of the head's own photo is seen at the edge of the crop, 1 elsewhere."""
    height, width = head.shape[:2]
    sky = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    picture = np.ascontiguousarray(head)
    for x, y in (
        (0, 0),
        (width - 1, 0),
        (0, height - 1),
        (width - 1, height - 1),
        (0, height // 2),
        (width - 1, height // 2),
    ):
        if picture[y, x].min() > SKY_LIGHT and not sky[y + 1, x + 1]:
            cv2.floodFill(picture, sky, (x, y), 0, SKY_RANGE, SKY_RANGE, flags)
    outside = sky[1:-1, 1:-1] > 0
    if outside.mean() > MOST_SKY:  # a pale head in haze is not told from the sky
        return np.ones((height, width), np.float32)
    return 1 - outside.astype(np.float32)


def red_as_yellow(head: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A red head that shows amber: its upper two lamps change places, and the lit one its colour."""
    picture = head.astype(np.float32)
    changed = _moved(picture, CENTRES[YELLOW], CENTRES[RED])
    above = slice(0, round(0.4 * len(picture)))
    grey = changed[above].mean(axis=2, keepdims=True)
    changed[above] = grey + 0.2 * (changed[above] - grey)  # its red glow would look like red with yellow
    lamp = _moved(picture, CENTRES[RED], CENTRES[YELLOW])
    redness = np.maximum(lamp[..., 2] - lamp[..., 1], 0)
    lamp[..., 1] += 0.62 * redness
    lamp[..., 0] -= 0.6 * np.clip(lamp[..., 0] - 40, 0, redness)
    return np.asarray(_mixed(changed, lamp, CENTRES[YELLOW]).clip(0, 255).astype(np.uint8))


def _rows(centre: float, height: int) -> slice:
    return slice(max(0, round((centre - REACH) * height)), min(height, round((centre + REACH) * height)))


def _moved(picture: NDArray[np.float32], source: float, target: float) -> NDArray[np.float32]:
    """A copy in which the lamp around `source` is also seen around `target`."""
    height = picture.shape[0]
    into, result = _rows(target, height), picture.copy()
    shift = round((source - target) * height)
    rows = np.clip(np.arange(into.start, into.stop) + shift, 0, height - 1)
    result[into] = picture[rows]
    return result


def _mixed(below: NDArray[np.float32], above: NDArray[np.float32], centre: float) -> NDArray[np.float32]:
    """`above` around that centre, `below` elsewhere, without a seam."""
    height = below.shape[0]
    weight = np.zeros((height, 1), np.float32)
    weight[_rows(centre, height)] = 1
    soft = cv2.blur(weight, (1, max(3, height // 14 | 1))).reshape(-1, 1, 1)
    return np.asarray(soft * above + (1 - soft) * below, np.float32)
