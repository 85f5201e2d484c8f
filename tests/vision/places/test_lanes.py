from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.places.lanes import Beside, beside, lane_odds
from vision.places.shared_error import STANDING
from vision.places.track_path import TrackPath

USUAL = np.log(STANDING / (1 - STANDING))
STOOD, DROVE, UNSURE = 4.0, -4.0, 0.0


def street(left_m: float, count: int = 8) -> list[Beside]:
    """Things one after another as far beside the way."""
    return [Beside(0, 10.0 * number, left_m) for number in range(count)]


def odds_of_the_last(places: list[Beside], own: list[float]) -> float:
    return float(lane_odds(places, np.array(own))[-1])


def test_in_a_row_of_parked_cars_one_more_is_likely_parked_and_in_a_lane_it_likely_drives() -> None:
    at = Beside(0, 40.0, 5.1)
    assert odds_of_the_last([*street(5.0), at], [STOOD] * 8 + [UNSURE]) > USUAL + 1.0
    assert odds_of_the_last([*street(5.0), at], [DROVE] * 8 + [UNSURE]) < USUAL - 1.0


def test_lanes_beside_each_other_are_two() -> None:
    places, own = [*street(3.3), *street(6.0), Beside(0, 40.0, 6.1)], [DROVE] * 8 + [STOOD] * 8 + [UNSURE]
    assert odds_of_the_last(places, own) > USUAL + 1.0
    places[-1] = replace(places[-1], left_m=3.2)
    assert odds_of_the_last(places, own) < USUAL - 1.0


@given(st.lists(st.floats(-30.0, 30.0), min_size=1, max_size=20), st.floats(-8.0, 8.0))
@settings(max_examples=50, deadline=None)
def test_others_are_never_proof(own: list[float], left_m: float) -> None:
    told = lane_odds([Beside(0, 0.0, left_m)] * len(own), np.array(own))
    assert np.isfinite(told).all()
    assert np.abs(told).max() < np.log(len(own) + 2.0) + 1.0


@given(st.floats(-30.0, 30.0))
def test_a_thing_is_no_witness_for_itself(own: float) -> None:
    assert odds_of_the_last([Beside(0, 0.0, 3.0)], [own]) == pytest.approx(USUAL)


def test_other_scenes_far_streets_and_what_nothing_is_known_of_do_not_count() -> None:
    for one in (Beside(1, 40.0, 5.0), Beside(0, 5000.0, 5.0)):
        assert odds_of_the_last([*street(5.0), one], [STOOD] * 8 + [UNSURE]) == pytest.approx(USUAL, abs=0.01)
    assert odds_of_the_last([*street(5.0), Beside(0, 40.0, 5.0)], [np.nan] * 9) == pytest.approx(USUAL)
    assert odds_of_the_last([*street(5.0), Beside(0, np.nan, np.nan)], [STOOD] * 8 + [UNSURE]) == 0.0


def path(forward: np.ndarray, ego_mps: float) -> TrackPath:
    count = len(forward)
    boxes, still = np.zeros((count, 4), np.float32), np.zeros(count)
    left, ego = -3.0 + 0.02 * forward, np.full(count, ego_mps)
    return TrackPath(np.arange(count) / 6.0, boxes, forward, left, forward, left, still, ego, boxes > 0)


def test_a_thing_is_where_it_was_nearest_while_the_camera_drove() -> None:
    forward = np.array([30.0, 25.0, 20.0, 15.0, 10.0, np.nan])
    found = beside(path(forward, 8.0), np.arange(6.0), 2)
    assert found == Beside(2, 3.0, pytest.approx(-2.7))
    for unknown in (beside(path(forward, 0.0), np.arange(6.0), 2), beside(path(forward, 8.0), np.full(6, np.nan), 2)):
        assert np.isnan([unknown.way_m, unknown.left_m]).all()
