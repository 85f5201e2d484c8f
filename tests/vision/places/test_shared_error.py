from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.places.passing import Passing
from vision.places.shared_error import shared_error

EGO_MPS = 8.0


def passed(share: float, std: float = 0.15) -> list[Passing]:
    """Three stretches of a thing that moves on with this share of the camera's speed."""
    velocity, deviation = np.array([share * EGO_MPS, 0.1]), np.array([std * EGO_MPS, 0.4])
    return [Passing(float(second), velocity, deviation, EGO_MPS) for second in range(3)]


def test_nothing_that_is_passed_tells_nothing() -> None:
    assert shared_error([]) == pytest.approx(0.0)
    slow = Passing(0.0, np.array([0.5, 0.0]), np.array([0.2, 0.2]), 1.0)
    assert shared_error([[slow]] * 5) == pytest.approx(0.0)


@given(st.floats(-0.25, 0.25))
@settings(max_examples=30, deadline=None)
def test_a_street_of_parked_cars_tells_the_error(share: float) -> None:
    rng = np.random.default_rng(0)
    street = [passed(share + 0.1 * float(rng.standard_normal())) for _ in range(20)]
    assert shared_error(street) == pytest.approx(share, abs=0.08)


def test_one_thing_alone_is_rather_believed_to_move() -> None:
    assert abs(shared_error([passed(0.3)])) < 0.15


@pytest.mark.parametrize("share", [-1.3, 0.9])
def test_traffic_that_drives_is_no_error(share: float) -> None:
    assert abs(shared_error([passed(share)] * 10)) < 0.05


def test_parked_cars_between_traffic_tell_it() -> None:
    things = [passed(0.2)] * 6 + [passed(-1.2)] * 6 + [passed(1.0)] * 3
    assert shared_error(things) == pytest.approx(0.2, abs=0.08)


def test_the_error_goes_with_the_camera_s_speed() -> None:
    passing = Passing(0.0, np.array([2.0, 0.3]), np.array([1.0, 0.4]), 10.0)
    assert passing.without(0.2) == pytest.approx([0.0, 0.3])


@pytest.mark.parametrize(("share", "count"), [(0.4, 2), (0.4, 3), (0.35, 3)])
def test_a_queue_that_drives_is_no_error(share: float, count: int) -> None:
    assert abs(shared_error([passed(share)] * count)) < 0.15


def test_a_queue_beside_parked_cars_is_none_either() -> None:
    assert abs(shared_error([passed(0.3)] * 4 + [passed(0.0)] * 2)) < 0.1
