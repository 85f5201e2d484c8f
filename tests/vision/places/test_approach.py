"""A speed that the road does not show is held where cars come nearer as fast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from tests.vision.effort import peak_bytes
from vision.camera.known_heights import HEIGHT_M, Sights
from vision.log import GroundCamera
from vision.motion.egomotion import EgoMotion
from vision.places.approach import LONGEST_S, approaches, bridged

SIZE = (1280, 720)
CAMERA = GroundCamera(600.0, 640.0, 360.0, 1.3, ("test",))
LOOK_S = np.arange(0, 3, 1 / 6)
FRAME_S = np.arange(0, 9, 1 / 6)


def coming(mps: float, cars: int) -> Sights:
    """Cars beside the way, the first 22 m ahead, that come nearer."""
    boxes, look = [], []
    for car in range(cars):
        away = 22.0 + 4.0 * car - mps * LOOK_S
        side = 3.0 + car if car % 2 else -3.0 - car
        column, foot = 640.0 + 600.0 * side / away, 360.0 + 600.0 * 1.3 / away
        high = 600.0 * HEIGHT_M[CLASS_ID["car"]] / away
        boxes.append(np.stack([column - high / 2, foot - high, column + high / 2, foot], axis=1))
        look.append(np.arange(len(LOOK_S)))
    order = np.argsort(np.concatenate(look), kind="stable")
    every = np.concatenate(boxes)[order].astype(np.float32)
    return Sights(every, np.full(len(every), CLASS_ID["car"], np.int16), np.concatenate(look)[order])


def seen_from(known_s: float, mps: float) -> EgoMotion:
    """A drive whose speed the road shows from `known_s` on."""
    nothing = np.zeros(len(FRAME_S))
    speed = np.where(known_s <= FRAME_S, mps, np.nan)
    return EgoMotion(mps * FRAME_S, nothing, nothing, speed, np.zeros(len(FRAME_S), bool))


@given(st.floats(2.5, 6.0), st.integers(1, 4))
def test_how_fast_cars_come_nearer_is_read_off_their_size(mps: float, cars: int) -> None:
    found = approaches(coming(mps, cars), LOOK_S, CAMERA, SIZE)
    assert len(found.mps) >= cars
    assert found.mps == pytest.approx(mps, rel=0.02)


def test_a_speed_that_cars_confirm_is_held() -> None:
    ego = bridged(seen_from(3.0, 5.0), FRAME_S, coming(5.0, 3), LOOK_S, CAMERA, SIZE)
    assert ego.speed_mps[FRAME_S < 2.8] == pytest.approx(5.0)


def test_one_car_or_cars_of_another_speed_confirm_nothing() -> None:
    for sights in (coming(5.0, 1), coming(2.5, 3)):
        ego = bridged(seen_from(3.0, 5.0), FRAME_S, sights, LOOK_S, CAMERA, SIZE)
        assert np.isnan(ego.speed_mps[FRAME_S < 2.9]).all()


def test_nothing_is_held_for_longer_than_a_speed_lasts() -> None:
    ego = bridged(seen_from(8.0, 5.0), FRAME_S, coming(5.0, 3), LOOK_S, CAMERA, SIZE)
    assert np.isnan(ego.speed_mps[FRAME_S < 8.0 - LONGEST_S - 0.01]).all()


def test_where_the_speed_is_never_known_nothing_is_made_up() -> None:
    ego = bridged(seen_from(99.0, 5.0), FRAME_S, coming(5.0, 3), LOOK_S, CAMERA, SIZE)
    assert np.isnan(ego.speed_mps).all()


def test_many_boxes_of_one_car_in_one_look_tell_no_speed() -> None:
    one = coming(5.0, 1)
    rows, look = [0, 1, 1, 1, 1], np.array([0, 1, 1, 1, 1])
    sights = Sights(one.boxes[rows], one.class_id[rows], look)
    assert len(approaches(sights, np.array([0.0, 1.6]), CAMERA, SIZE).mps) == 0


def test_a_drive_twice_as_long_takes_twice_the_memory() -> None:
    def peak(rounds: int) -> int:
        """Of a drive that passes the same two cars again and again, each time without a speed for a second."""
        once, later = coming(5.0, 2), np.arange(rounds)
        look = (once.look + len(LOOK_S) * later[:, None]).ravel()
        sights = Sights(np.tile(once.boxes, (rounds, 1)), np.tile(once.class_id, rounds), look)
        assert len(sights.thing)  # found once, and kept
        frame_s = np.arange(len(LOOK_S) * rounds) / 6
        nothing = np.zeros(len(frame_s))
        speed = np.where(frame_s % 3.0 < 1.0, np.nan, 5.0)
        ego = EgoMotion(5.0 * frame_s, nothing, nothing, speed, nothing.astype(bool))
        held: list[EgoMotion] = []
        found = peak_bytes(lambda: held.append(bridged(ego, frame_s, sights, frame_s, CAMERA, SIZE)))
        assert held[0].speed_mps == pytest.approx(5.0)
        return found

    assert peak(80) < 2.5 * peak(40)
