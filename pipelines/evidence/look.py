"""Looks for plates and heads, recall first, closer than the log's looks are.

A plate of 20 px is lost in a reduced picture, and often in the native one, too: vehicles are cut out and enlarged. On
frames of a KITTI drive that showed three plates (0.3 to 0.8 confident so) the native picture alone gave one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.detector import Detector
from models.taxonomy import CLASS_ID, VEHICLES, class_ids
from pipelines.evidence.blur import Boxes, heads
from vision.overlap import iou

PERSON: Final = frozenset({CLASS_ID["person"]})
PLATE: Final = frozenset({CLASS_ID["licence_plate"]})
LOWEST_PERSON, LOWEST_PLATE, LOWEST_VEHICLE = 0.1, 0.08, 0.25
# A plate that is less sure is one only on what may be a vehicle, a wider one only on what surely is: words on the
# picture and on walls look alike, and the time a recorder writes is evidence.
SURE_PLATE = 0.5
WIDEST_PLATE = 1 / 10  # of the picture's width: its vehicle, three to four times as wide, could not be overlooked
LEAST_ROOM = 1.5  # of a vehicle, half of which may be hidden, by the width of its plate
SAME_PERSON_IOU = 0.75  # of a person seen in several tiles and scales; of two who sit behind each other it is 0.6
LARGEST_LOOK_PX = 960
OVERLAP_PX = 96  # a plate of this width is whole in at least one tile
ENLARGED_UP_TO_PX = 720 * 576  # pictures of at most this many pixels are looked at twice as large, too, for persons
CUT_OUT_PX = 384  # side of the picture that a vehicle is shown in
CUT_OUT_MARGIN = 0.1
LARGEST_ZOOM = 4.0
SMALLEST_VEHICLE_PX = 36.0  # the plate of a smaller one is 10 px wide and cannot be read
MOST_VEHICLES = 12
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Look:
    """What the network saw in one frame: (N, 4) boxes in native pixels."""

    time_s: float
    heads: Boxes
    plates: Boxes


@dataclass(frozen=True, slots=True)
class Looker:
    """Remembers its looks over the incidents of one log: those of a parked street share most of their frames.

    Attributes:
        detector: None where the log's tracks must suffice.
        looks: in the order they were made, of any time.
    """

    detector: Detector | None
    looks: dict[float, Look] = field(default_factory=dict)

    def look(self, time_s: float, picture: NDArray[np.uint8]) -> None:
        """Looks at a whole frame in native resolution, unless it was looked at before."""
        if self.detector is None or time_s in self.looks:
            return
        found = _recall_first(self.detector, picture)
        self.looks[time_s] = Look(time_s, heads(_persons(found)), _plates(found, picture.shape[1]))

    def due(self, start_s: float, end_s: float) -> list[int]:
        """Cells of the looks' grid (`cell`) in a span of time that no look lies in yet."""
        if self.detector is None:
            return []
        done = {cell(time_s) for time_s in self.looks}
        return [number for number in range(cell(start_s), cell(end_s) + 1) if number not in done]

    def between(self, start_s: float, end_s: float) -> list[Look]:
        """In order of time."""
        return [self.looks[time_s] for time_s in sorted(self.looks) if start_s <= time_s <= end_s]


def cell(time_s: float) -> int:
    return int(np.floor(time_s / LOOK_EVERY_S))


def _recall_first(detector: Detector, picture: NDArray[np.uint8]) -> Detections:
    """Persons and plates that may be there, and all that may be vehicles, native pixels."""
    native = _in_tiles(detector, picture)
    parts = [native, *_cut_out(detector, picture, native)]
    if picture.shape[0] * picture.shape[1] <= ENLARGED_UP_TO_PX:
        larger = np.asarray(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        parts.append(_in_tiles(detector, larger).placed(0.5, 0.5))
    seen = Detections.concatenate(parts)
    lowest = np.zeros(len(seen), np.float32)
    lowest[np.isin(seen.class_id, list(PLATE))] = LOWEST_PLATE
    lowest[np.isin(seen.class_id, list(PERSON))] = LOWEST_PERSON
    return seen[seen.confidence >= lowest]


def _persons(found: Detections) -> Boxes:
    """Each once, as the surest of the looks' tiles and scales saw it."""
    persons = found.of(PERSON)
    boxes = persons.boxes[np.argsort(-persons.confidence, kind="stable")]
    again = np.triu(iou(boxes, boxes) >= SAME_PERSON_IOU, 1).any(axis=0)
    return boxes[~again]


def _plates(found: Detections, width: int) -> Boxes:
    """Those that are sure, and of the others those whose middle lies on what may be a vehicle.

    `width`: of the picture, pixels.
    """
    plates, vehicles = found.of(PLATE), found.of(class_ids(VEHICLES))
    boxes = plates.boxes
    middle = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    inside = ((vehicles.boxes[None, :, :2] <= middle) & (middle <= vehicles.boxes[None, :, 2:])).all(axis=2)
    across, room = boxes[:, 2] - boxes[:, 0], vehicles.boxes[:, 2] - vehicles.boxes[:, 0]
    wide = across > WIDEST_PLATE * width
    carries = (vehicles.confidence >= LOWEST_VEHICLE) & (room >= LEAST_ROOM * across[:, None])
    on_vehicle = (inside & (carries | ~wide[:, None])).any(axis=1)
    return boxes[on_vehicle | (~wide & (plates.confidence >= SURE_PLATE))]


def _cut_out(detector: Detector, picture: NDArray[np.uint8], native: Detections) -> list[Detections]:
    """Plates on the nearest vehicles, each enlarged into a picture of one size (another would be compiled anew)."""
    vehicles = native.of(class_ids(VEHICLES))
    boxes = vehicles.boxes[vehicles.confidence >= LOWEST_VEHICLE]
    width = boxes[:, 2] - boxes[:, 0]
    nearest = [row for row in np.argsort(-width)[:MOST_VEHICLES] if width[row] >= SMALLEST_VEHICLE_PX]
    return [_plates_on(detector, picture, boxes[row]) for row in nearest]


def _plates_on(detector: Detector, picture: NDArray[np.uint8], vehicle: Boxes) -> Detections:
    margin = CUT_OUT_MARGIN * (vehicle[2] - vehicle[0])
    low, high = vehicle[:2] - margin, vehicle[2:] + margin
    left, top = np.maximum(low, 0).astype(int).tolist()
    right, bottom = np.minimum(high, picture.shape[1::-1]).astype(int).tolist()
    cut = picture[top:bottom, left:right]
    zoom = min(CUT_OUT_PX / cut.shape[1], CUT_OUT_PX / cut.shape[0], LARGEST_ZOOM)
    size = (int(cut.shape[1] * zoom), int(cut.shape[0] * zoom))
    shown = np.full((CUT_OUT_PX, CUT_OUT_PX, 3), 114, np.uint8)
    shown[: size[1], : size[0]] = cv2.resize(cut, size, interpolation=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA)
    found = detector.detect(shown).of(PLATE)
    return found.placed(cut.shape[1] / size[0], cut.shape[0] / size[1], left, top)


def _in_tiles(detector: Detector, picture: NDArray[np.uint8]) -> Detections:
    height, width = picture.shape[:2]
    parts = [
        detector.detect(np.ascontiguousarray(picture[top:bottom, left:right])).placed(1, 1, left, top)
        for top, bottom in spans(height)
        for left, right in spans(width)
    ]
    return Detections.concatenate(parts)


def spans(length: int) -> list[tuple[int, int]]:
    """Equal overlapping spans, none longer than `LARGEST_LOOK_PX`, that cover 0..length."""
    count = 1 if length <= LARGEST_LOOK_PX else int(np.ceil((length - OVERLAP_PX) / (LARGEST_LOOK_PX - OVERLAP_PX)))
    span = int(np.ceil((length + OVERLAP_PX * (count - 1)) / count))
    return [(start, start + span) for start in np.linspace(0, length - span, count).astype(int).tolist()]
