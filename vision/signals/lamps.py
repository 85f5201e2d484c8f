"""Which lamp of a signal head is lit, by its colour and place: where these are plain they overrule the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import CLASS_ID, LIGHTS, STREET_CLASSES

# Hues of OpenCV's 8 bit HSV (0..179). Signal red is 0-8 and 170-179 in pictures, yellow 12-32, green 45-100.
RED_BELOW, RED_ABOVE = 10, 165
YELLOW: Final = (11, 34)
GREEN: Final = (42, 104)
COLOURED: Final = 90  # saturation of what has a colour
LIT: Final = 110  # brightness of a lit lamp
SMALLEST_PX: Final = 3.0
# Where it is this certain of red or green it was right for 486 of 495 single heads; it speaks for 6 in 10 of them, and
# for 1 in 16 of the small heads of dashcams.
CERTAIN: Final = 0.75
IS_LIGHT: Final[NDArray[np.bool_]] = np.array([name in LIGHTS for name in STREET_CLASSES])


@dataclass(frozen=True, slots=True)
class LampReading:
    """`class_id`: of the state that the colours show, -1 when they show none; `certainty`: 0..1."""

    class_id: int
    certainty: float


def corrected(picture: NDArray[np.uint8], found: Detections) -> Detections:
    """The detections of a (H, W, 3) RGB picture. A head whose colours show its state comes as that state alone, as sure
    as the surest of those that the network took for possible.
    """
    lights = np.flatnonzero(IS_LIGHT[found.class_id])
    if not len(lights):
        return found
    class_id, kept, boxes = found.class_id.copy(), np.ones(len(found), bool), found.boxes[lights]
    # By the first with the same box: of a handful numpy's `unique` takes ten times as long.
    of_head = (boxes[:, None] == boxes).all(axis=2).argmax(axis=1)
    for head in sorted(set(of_head.tolist())):
        left, top = np.floor(boxes[head, :2]).astype(int).clip(0)
        right, bottom = np.ceil(boxes[head, 2:]).astype(int)
        reading = read_lamp(picture[top:bottom, left:right])
        # Many housings are painted yellow, so yellow is left to the network.
        if reading.certainty >= CERTAIN and reading.class_id != CLASS_ID["light_yellow"]:
            states = lights[of_head == head]
            surest = states[np.argmax(found.confidence[states])]
            kept[states], kept[surest], class_id[surest] = False, True, reading.class_id
    return Detections(found.boxes, found.confidence, class_id)[kept]


def read_lamp(head: NDArray[np.uint8]) -> LampReading:
    """Read a signal head cut out of a look's picture, (H, W, 3) RGB.

    Coloured bright pixels vote for their hue; in an upright head red must be above and green below the middle.
    """
    hue, saturation, value = cv2.split(cv2.cvtColor(head, cv2.COLOR_RGB2HSV))
    ninety_ninth = int(0.99 * (value.size - 1))
    brightest = float(np.partition(value, ninety_ninth, axis=None)[ninety_ninth])
    bright = (value >= max(LIT, 0.6 * brightest)) & (saturation >= COLOURED)
    row = (np.nonzero(bright)[0] + 0.5) / head.shape[0]
    upright = head.shape[0] > 1.6 * head.shape[1]
    hue = hue[bright]
    weight = (saturation[bright] / 255.0) * (value[bright] / 255.0)
    votes = {
        "light_red": weight * ((hue <= RED_BELOW) | (hue >= RED_ABOVE)) * _near(row, 0.2, upright),
        "light_yellow": weight * ((hue >= YELLOW[0]) & (hue <= YELLOW[1])) * _near(row, 0.5, upright),
        "light_green": weight * ((hue >= GREEN[0]) & (hue <= GREEN[1])) * _near(row, 0.8, upright),
    }
    amount = {name: float(part.sum()) for name, part in votes.items()}
    total = sum(amount.values())
    if total < max(SMALLEST_PX, 0.006 * head.shape[0] * head.shape[1]):
        return LampReading(-1, 0.0)
    best = max(amount, key=lambda name: amount[name])
    return LampReading(CLASS_ID[best], amount[best] / total)


def _near(row: NDArray[np.float64], place: float, upright: bool) -> NDArray[np.float64]:
    """Weight of rows by how near they are to a lamp's place in an upright head."""
    return np.exp(-(((row - place) / 0.22) ** 2) / 2) if upright else np.ones_like(row)
