from __future__ import annotations

import numpy as np
import pytest

from models.detections import Detections
from models.taxonomy import CLASS_ID
from vision.signals.lamps import corrected, read_lamp

COLOURS = {"light_red": (255, 40, 30), "light_yellow": (255, 190, 40), "light_green": (40, 230, 170)}


def head(state: str | None, housing: tuple[int, int, int] = (30, 30, 30)) -> np.ndarray:
    picture = np.full((60, 22, 3), housing, np.uint8)
    if state is not None:
        top = list(COLOURS).index(state) * 20
        picture[top + 4 : top + 16, 5:17] = COLOURS[state]
    return picture


@pytest.mark.parametrize("state", list(COLOURS))
def test_each_lamp_is_read(state: str) -> None:
    reading = read_lamp(head(state))
    assert reading.class_id == CLASS_ID[state]
    assert reading.certainty > 0.9


def test_a_dark_head_says_nothing() -> None:
    assert read_lamp(head(None)).class_id == -1


def test_a_sure_red_corrects_the_network_and_the_rest_is_left_alone() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[10:70, 10:32] = head("light_red")
    boxes = np.array([[10, 10, 32, 70], [50, 10, 90, 90]], np.float32)
    found = Detections(
        boxes, np.array([0.6, 0.9], np.float32), np.array([CLASS_ID["light_green"], CLASS_ID["car"]], np.int16)
    )
    better = corrected(picture, found)
    assert better.class_names() == ["light_red", "car"]
    assert found.class_names() == ["light_green", "car"]


def test_a_yellow_housing_does_not_make_a_red_lamp_yellow() -> None:
    picture = head("light_red", housing=(200, 160, 40))
    found = Detections(
        np.array([[0, 0, 22, 60]], np.float32), np.array([0.6], np.float32), np.array([CLASS_ID["light_red"]], np.int16)
    )
    assert corrected(picture, found).class_names() == ["light_red"]


def test_a_head_that_may_be_in_several_states_comes_once_where_its_colour_is_plain_and_as_it_was_where_not() -> None:
    names = ["light_green", "light_red", "light_off", "light_yellow"]
    for state, expected in (("light_red", ["light_red"]), (None, names)):
        found = Detections(
            np.tile(np.array([[0, 0, 22, 60]], np.float32), (4, 1)),
            np.array([0.5, 0.2, 0.15, 0.1], np.float32),
            np.array([CLASS_ID[name] for name in names], np.int16),
        )
        better = corrected(head(state), found)
        assert better.class_names() == expected
        assert better.confidence[0] == np.float32(0.5)
