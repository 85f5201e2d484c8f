from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.places.velocity_odds import rest_odds, vehicle_rest_odds

KNOWN = np.array([0.8, 0.4])  # metres per second: standard uncertainties


def odds(along: float, across: float, ego_mps: float, deviation: np.ndarray = KNOWN) -> float:
    return vehicle_rest_odds(np.array([along, across]), deviation, ego_mps)


def test_no_velocity_is_rest_and_a_fast_one_is_none() -> None:
    assert odds(0.0, 0.0, 8.0) > 3.0
    for along, across in ((8.0, 0.0), (-9.0, 0.0), (0.0, 6.0)):
        assert odds(along, across, 8.0) < -10.0


@given(along=st.floats(-20.0, 20.0), across=st.floats(-10.0, 10.0), ego_mps=st.floats(0.0, 30.0))
@settings(max_examples=100, deadline=None)
def test_a_street_is_the_same_in_a_mirror_and_driven_the_other_way(along: float, across: float, ego_mps: float) -> None:
    assert odds(along, across, ego_mps) == pytest.approx(odds(along, -across, ego_mps))
    assert odds(along, across, ego_mps) == pytest.approx(odds(-along, across, ego_mps))


@given(speed=st.floats(0.0, 8.0), more=st.floats(0.1, 5.0), ego_mps=st.floats(1.0, 15.0))
@settings(max_examples=100, deadline=None)
def test_the_faster_the_less_likely_at_rest(speed: float, more: float, ego_mps: float) -> None:
    assert odds(speed + more, 0.0, ego_mps) < odds(speed, 0.0, ego_mps)


def test_a_fast_street_has_few_slow_vehicles_but_a_queue_is_met_by_a_slow_camera() -> None:
    assert odds(2.5, 0.0, 12.0) > odds(2.5, 0.0, 3.0) + 0.5


def test_what_is_known_badly_tells_little() -> None:
    assert abs(odds(3.0, 0.0, 8.0, np.array([8.0, 4.0]))) < 1.5
    assert np.abs(rest_odds(np.array([1.0]), np.array([30.0]))) < 0.1
    assert np.isfinite(odds(1e4, -1e4, 8.0, np.array([1e-6, 1e-6])))


def test_of_anything_else_speed_alone_counts_in_each_direction() -> None:
    told = rest_odds(np.array([0.0, 1.5, -1.5, 6.0]), np.full(4, 0.5))
    assert told[0] > told[1] == told[2] > told[3]
