from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from vision.camera.known_heights import Sights, Stance, stance

SIZE = (1280, 720)
PRIOR = Stance(1.3, 0.2, 350.0, 6.4)
CAR, PERSON, TRUCK = CLASS_ID["car"], CLASS_ID["person"], CLASS_ID["truck"]


def cars(height_m: float, count: int, *, horizon: float = 350.0, each: int = 1, noise: float = 0.08) -> Sights:
    """`count` cars 6-25 m away, each seen at `each` looks while it stays where it is."""
    rng = np.random.default_rng(7)
    foot = horizon + 600.0 * height_m / rng.uniform(6.0, 25.0, count)
    high = 1.52 * (foot - horizon) / height_m * (1 + rng.normal(0, noise, count))
    x = rng.uniform(50, 1000, count)
    boxes = np.stack([x, foot - high, x + 1.2 * high, foot], axis=1).astype(np.float32).repeat(each, axis=0)
    look = (20 * np.arange(count)[:, None] + np.arange(each)).ravel()
    return Sights(boxes, np.full(len(boxes), CAR, np.int16), look)


@settings(max_examples=25, deadline=None)
@given(st.floats(1.0, 2.8))
def test_many_cars_tell_the_height_of_any_vehicles_camera(height_m: float) -> None:
    assert stance(cars(height_m, 200), SIZE, PRIOR).height_m == pytest.approx(height_m, rel=0.1)


def test_a_single_car_changes_less_than_many_and_the_uncertainty_falls_with_their_number() -> None:
    one, ten, many = (stance(cars(1.8, count, noise=0.0), SIZE, PRIOR) for count in (1, 10, 200))
    assert 1.3 < one.height_m < 1.75 < many.height_m < 1.85
    assert PRIOR.height_log_std > one.height_log_std > ten.height_log_std > many.height_log_std > 0.04


def test_a_car_that_is_looked_at_for_long_is_still_one_car() -> None:
    once, long = (stance(cars(1.8, 3, each=each), SIZE, PRIOR) for each in (1, 8))
    assert long.height_m == pytest.approx(once.height_m, rel=1e-3)
    assert long.height_log_std == pytest.approx(once.height_log_std, rel=1e-3)


def test_where_the_horizon_is_unknown_cars_in_one_row_tell_no_height() -> None:
    sights = cars(1.8, 40)
    high = np.float32(80.0)
    sights.boxes[:, 3], sights.boxes[:, 1] = 445.0, 445.0 - high
    unsure = stance(sights, SIZE, Stance(1.3, 0.2, 350.0, 200.0))
    assert unsure.height_m == pytest.approx(1.3, rel=0.03)
    assert unsure.height_log_std > 0.18


def test_people_are_measured_as_people_and_lorries_not_at_all() -> None:
    sights = cars(1.6, 100)
    sights.boxes[:, 1] = sights.boxes[:, 3] - (sights.boxes[:, 3] - sights.boxes[:, 1]) * 1.68 / 1.52
    people = Sights(sights.boxes, np.full(100, PERSON, np.int16), sights.look)
    lorries = Sights(sights.boxes, np.full(100, TRUCK, np.int16), sights.look)
    assert stance(people, SIZE, PRIOR).height_m == pytest.approx(1.6, rel=0.08)
    assert stance(lorries, SIZE, PRIOR) == PRIOR


def test_a_thing_is_followed_over_a_look_that_missed_it_and_told_from_its_neighbour() -> None:
    left, right = [0.0, 100.0, 100.0, 200.0], [300.0, 100.0, 400.0, 200.0]
    boxes = np.array([left, right, right, left, right], np.float32)
    sights = Sights(boxes, np.full(5, CAR, np.int16), np.array([0, 0, 1, 2, 2]))
    assert sights.thing.tolist() == [0, 1, 1, 0, 1]


def test_a_road_that_rises_far_ahead_hardly_moves_what_the_near_cars_tell() -> None:
    near, far = cars(1.4, 12), cars(1.4, 8)
    far.boxes[:, [1, 3]] = np.stack([360 - np.full(8, 5.0), np.full(8, 360 + 25.0)], axis=1)
    both = Sights(np.concatenate([near.boxes, far.boxes]), np.full(20, CAR, np.int16), 20 * np.arange(20))
    assert stance(both, SIZE, PRIOR).height_m == pytest.approx(stance(near, SIZE, PRIOR).height_m, rel=0.06)


def test_a_car_that_others_hide_for_long_counts_once_while_the_camera_waits_and_anew_while_it_drives() -> None:
    look = np.array([0, 1, 40, 41, 42])
    boxes, cars = np.tile(np.array([[100, 100, 200, 180]], np.float32), (5, 1)), np.full(5, CAR, np.int16)
    assert Sights(boxes, cars, look).thing.tolist() == [0, 0, 2, 2, 2]
    assert Sights(boxes, cars, look, since=np.zeros(5, np.intp)).thing.tolist() == [0, 0, 0, 0, 0]
    assert Sights(boxes, cars, look, since=np.array([0, 1, 20, 20, 20])).thing.tolist() == [0, 0, 2, 2, 2]
