"""Looking for plates and heads: closer than the log did, and each frame once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import CLASS_ID
from pipelines.evidence.look import CUT_OUT_PX, LARGEST_LOOK_PX, Look, Looker, spans


class CarThenPlate:
    """Sees a car in the whole picture, and on a picture of one car its white plate."""

    model_id = "car-then-plate@0"
    thresholds = np.full(len(CLASS_ID), 0.3, np.float32)

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        self.shapes.append(picture.shape[:2])
        if picture.shape[:2] != (CUT_OUT_PX, CUT_OUT_PX):
            return _one((200, 100, 280, 160), "car", 0.9)
        rows, columns = np.nonzero(picture.min(axis=2) > 200)
        return _one((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), "licence_plate", 0.4)


class Sees:
    """The same things in every picture."""

    model_id = "sees@0"
    thresholds = np.full(len(CLASS_ID), 0.3, np.float32)

    def __init__(self, *things: Detections) -> None:
        self._seen = Detections.concatenate(things)

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        return self._seen if picture.shape[:2] != (CUT_OUT_PX, CUT_OUT_PX) else Detections.empty()

    def look(self) -> Look:
        looker = Looker(self)
        looker.look(1.0, np.zeros((640, 900, 3), np.uint8))
        return looker.between(0.0, 2.0)[0]


def _one(box: tuple[float, float, float, float], name: str, confidence: float) -> Detections:
    return Detections(
        np.array([box], np.float32), np.array([confidence], np.float32), np.array([CLASS_ID[name]], np.int16)
    )


def picture_of_a_car() -> NDArray[np.uint8]:
    picture = np.zeros((640, 900, 3), np.uint8)
    picture[140:146, 230:248] = 255
    return picture


def test_a_plate_is_looked_for_on_enlarged_vehicles_and_placed_in_the_frame() -> None:
    looker = Looker(CarThenPlate())
    looker.look(1.0, picture_of_a_car())
    (look,) = looker.between(0.0, 2.0)
    assert look.plates[0] == pytest.approx([230, 140, 248, 146], abs=1.5)


def test_no_frame_is_looked_at_twice() -> None:
    detector = CarThenPlate()
    looker = Looker(detector)
    looker.look(1.0, picture_of_a_car())
    calls = len(detector.shapes)
    looker.look(1.0, picture_of_a_car())
    assert len(detector.shapes) == calls


def test_only_quarters_of_a_second_without_a_look_are_due() -> None:
    looker = Looker(CarThenPlate())
    assert looker.due(0.0, 0.9) == [0, 1, 2, 3]
    looker.look(0.3, picture_of_a_car())
    assert looker.due(0.0, 0.9) == [0, 2, 3]
    assert Looker(None).due(0.0, 0.9) == []


@pytest.mark.parametrize(
    ("plate", "confidence", "vehicle", "found"),
    [
        ((230, 140, 260, 150), 0.1, 0.1, 1),  # a faint plate on what is hardly a car
        ((400, 400, 430, 410), 0.3, 0.9, 0),  # lettering beside it
        ((400, 400, 430, 410), 0.6, 0.9, 1),  # what is surely a plate, though its vehicle was missed
        ((120, 100, 330, 140), 0.6, 0.9, 0),  # lettering wider than the car it lies on
        ((300, 600, 520, 630), 0.6, 0.9, 0),  # the time a recorder writes: such a plate had a car across the picture
    ],
)
def test_lettering_is_a_plate_only_on_a_vehicle(
    plate: tuple[float, float, float, float], confidence: float, vehicle: float, found: int
) -> None:
    sees = Sees(_one((200, 100, 280, 160), "car", vehicle), _one(plate, "licence_plate", confidence))
    assert len(sees.look().plates) == found


def test_a_person_seen_twice_is_one_and_two_close_together_are_two() -> None:
    rider, again, passenger = (100, 100, 160, 240), (102, 98, 161, 238), (70, 100, 150, 240)
    once = Sees(_one(rider, "person", 0.8), _one(again, "person", 0.3)).look().heads
    assert len(once) == 1
    assert once[0, 0] == pytest.approx(Sees(_one(rider, "person", 0.8)).look().heads[0, 0])
    assert len(Sees(_one(rider, "person", 0.8), _one(passenger, "person", 0.12)).look().heads) == 2


@given(st.integers(1, 9000))
def test_tiles_cover_the_picture_and_are_never_too_large(length: int) -> None:
    tiles = spans(length)
    assert tiles[0][0] == 0
    assert tiles[-1][1] == length
    assert all(end - start <= LARGEST_LOOK_PX for start, end in tiles)
    assert all(after[0] < before[1] for before, after in pairwise(tiles))
