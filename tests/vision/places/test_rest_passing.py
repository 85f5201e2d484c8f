from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.log import GroundCamera
from vision.places.rest_passing import Passed, edge_error, velocity

TRUE = GroundCamera(800.0, 640.0, 360.0, 1.4, ("test",))
WIDTH = 1280
CAR_M = 1.5


def passed(
    car_mps: float, camera: GroundCamera = TRUE, car_m: float = CAR_M, way: float = 1.0, first_m: float = 30.0
) -> Passed:
    """A car `first_m` ahead and 3 m to the right, seen by `TRUE` at 8 m/s, as one reads it who thinks the optics are
    `camera`, cars `CAR_M` high and the camera's way `way` times as long.
    """
    times = np.arange(0, 2.1, 1 / 6)
    ahead = first_m + (car_mps - 8.0) * times
    x, foot = TRUE.to_image(ahead, np.full(len(times), -3.0))
    high, wide = TRUE.focal_px * car_m / ahead, TRUE.focal_px * 1.8 / ahead
    zero = np.zeros(len(times))
    return Passed(times, 8.0 * way * times, zero, zero, foot - camera.horizon_y, camera.centre_x - x, high, wide)


@given(
    horizon=st.floats(-8.0, 8.0),
    scale=st.floats(0.9, 1.1),
    car_m=st.floats(1.35, 1.7),
    way=st.floats(0.97, 1.03),
)
@settings(max_examples=50, deadline=None)
def test_wrong_optics_and_sizes_do_not_make_a_standing_car_move(
    horizon: float, scale: float, car_m: float, way: float
) -> None:
    camera = GroundCamera(800.0, 640.0, 360.0 + horizon, 1.4 * scale, ("test",))
    moved, deviation = velocity(passed(0.0, camera, car_m, way), CAR_M, camera, WIDTH)
    assert (np.abs(moved) < 2.5 * deviation).all()


def test_a_car_that_drives_is_told_from_one_that_stands() -> None:
    for speed in (-5.0, 6.0):
        moved, deviation = velocity(passed(speed), CAR_M, TRUE, WIDTH)
        assert abs(moved[0] - speed) < 1.5
        assert abs(moved[0]) > 2.0 * deviation[0]


@pytest.mark.parametrize("edge", ["top", "foot"])
def test_an_edge_that_is_grossly_wrong_in_a_look_does_not_make_a_standing_car_move(edge: str) -> None:
    seen = passed(0.0)
    off = np.zeros(len(seen.time_s))
    off[-1] = 0.3  # of its height
    below = seen.below + (off * seen.high if edge == "foot" else 0.0)
    wrong = replace(seen, below=below, high=seen.high * (1.0 + off))
    moved, _ = velocity(wrong, CAR_M, TRUE, WIDTH)
    assert np.abs(moved).max() < 0.7


def test_edges_that_scatter_do_not_make_far_standing_cars_seem_to_drive_along() -> None:
    rng, seen = np.random.default_rng(0), passed(0.0, first_m=38.0)
    moved = []
    for _ in range(200):
        foot, top = rng.normal(0.0, edge_error(seen.high, WIDTH), (2, len(seen.time_s)))
        for sign in (1.0, -1.0):  # what errors do evenly cancels
            wrong = replace(seen, below=seen.below + sign * foot, high=seen.high + sign * (foot - top))
            moved.append(velocity(wrong, CAR_M, TRUE, WIDTH)[0][0])
    assert abs(np.mean(moved)) < 0.015 * 8.0


def test_a_place_that_is_seen_longer_is_known_better() -> None:
    whole = passed(0.0)
    short = Passed(*(getattr(whole, name)[:5] for name in Passed.__slots__))
    assert (velocity(whole, CAR_M, TRUE, WIDTH)[1] < velocity(short, CAR_M, TRUE, WIDTH)[1]).all()


def test_what_stands_is_seen_to_stand_while_the_camera_turns() -> None:
    times = np.arange(0, 2.1, 1 / 6)
    heading = 0.3 * times
    x, y = np.cumsum(5.0 / 6 * np.cos(heading)), np.cumsum(5.0 / 6 * np.sin(heading))
    dx, dy = 22.0 - x, 6.0 - y
    ahead, left = dx * np.cos(heading) + dy * np.sin(heading), dy * np.cos(heading) - dx * np.sin(heading)
    column, foot = TRUE.to_image(ahead, left)
    high, wide = TRUE.focal_px * CAR_M / ahead, TRUE.focal_px * 1.8 / ahead
    turned = heading - 0.3
    way, aside = x * np.cos(0.3) + y * np.sin(0.3), y * np.cos(0.3) - x * np.sin(0.3)
    seen = Passed(times, way, aside, turned, foot - TRUE.horizon_y, TRUE.centre_x - column, high, wide)
    moved, _ = velocity(seen, CAR_M, TRUE, WIDTH)
    assert np.abs(moved).max() < 0.1
