"""Vehicles beside the way of which the camera sees only the far end, exactly and with a detector's errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.places.rest_leaving import Leaving, velocity_along

FOCAL_PX, WIDTH = 700.0, 1280
BORDER = np.arctan(WIDTH / 2 / FOCAL_PX)
EGO_MPS = 8.0


def beside(
    moves_mps: float, away_m: float, ahead_m: float = 9.0, turned_rad: float = 0.0, drift_mps: float = 0.0
) -> Leaving:
    """A thing whose far corner is `ahead_m` and `away_m` from the camera at first, for 0.8 seconds.

    Args:
        turned_rad: that the camera looks outward of its way. drift_mps: of the camera, outward.
    """
    times = np.arange(0.0, 0.81, 0.1)
    way, outward = EGO_MPS * times, drift_mps * times
    corner, side = ahead_m + moves_mps * times - way, away_m - outward
    ray = BORDER + turned_rad
    border_ahead = side / np.tan(ray)
    return Leaving(times, way, outward, np.arctan2(side, corner), np.where(border_ahead < corner, side, np.nan))


speeds, ways = st.floats(-12.0, 14.0), st.floats(1.5, 7.0)


@given(speeds, ways, st.floats(-0.1, 0.1), st.floats(-0.5, 0.5))
def test_the_velocity_is_that_of_the_corner(moves: float, away: float, turned: float, drift: float) -> None:
    seen = beside(moves, away, turned_rad=turned, drift_mps=drift)
    found = velocity_along(seen, FOCAL_PX, WIDTH)
    if found is None:
        assert (seen.edge_rad > 0.05).sum() < 3 or np.isnan(seen.beside_m).all()
    elif (seen.edge_rad > 0.05).all() and not np.isnan(seen.beside_m).any():
        assert found[0] == pytest.approx(moves, abs=1e-6)


def test_a_wrong_distance_beside_the_way_is_within_what_is_said_of_it() -> None:
    seen = beside(0.0, 3.0)
    for wrong in (0.85, 1.15):
        moved, deviation = velocity_along(replace(seen, beside_m=seen.beside_m * wrong), FOCAL_PX, WIDTH) or (99.0, 0.0)
        assert 0.3 < abs(moved) < deviation < 2.5


def test_while_the_near_end_is_in_the_picture_the_road_at_the_border_lies_beyond_the_thing() -> None:
    seen = beside(0.0, 3.0)
    early = seen.beside_m + np.where(np.arange(len(seen.time_s)) < 4, 1.5, 0.0)
    assert velocity_along(replace(seen, beside_m=early), FOCAL_PX, WIDTH) == velocity_along(seen, FOCAL_PX, WIDTH)


def test_what_is_straight_ahead_or_never_cut_tells_nothing() -> None:
    seen = beside(0.0, 3.0)
    assert velocity_along(replace(seen, edge_rad=seen.edge_rad * 0.0), FOCAL_PX, WIDTH) is None
    assert velocity_along(replace(seen, beside_m=seen.beside_m * np.nan), FOCAL_PX, WIDTH) is None


def test_farther_from_the_way_it_is_known_better() -> None:
    _, close = velocity_along(beside(0.0, 1.5), FOCAL_PX, WIDTH) or (0.0, 0.0)
    _, far = velocity_along(beside(0.0, 5.0), FOCAL_PX, WIDTH) or (0.0, 9.0)
    assert far < close
