"""The grid lies where the camera says the road is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipelines.inspect.ground_grid import LANE_M, LANES, grid_lines, reach_of
from tests.pipelines.logs import CAMERA, HEIGHT


def test_a_line_across_the_road_is_where_the_pinhole_puts_it() -> None:
    lines = {line.metres: line for line in grid_lines(CAMERA, HEIGHT, 40.0) if not math.isnan(line.metres)}
    assert sorted(lines) == [10.0, 20.0, 30.0, 40.0]
    # f h / d below the horizon: 1000 px * 5 m / 20 m = 250 px
    assert lines[20.0].start == pytest.approx((CAMERA.centre_x - 1000 * LANES * LANE_M / 20, 450.0))
    assert lines[20.0].end == pytest.approx((CAMERA.centre_x + 1000 * LANES * LANE_M / 20, 450.0))


def test_lines_along_the_road_start_at_the_lower_edge_and_meet_at_the_horizon() -> None:
    along = [line for line in grid_lines(CAMERA, HEIGHT, 40.0) if math.isnan(line.metres)]
    assert len(along) == 2 * LANES + 1
    for line in along:
        assert line.start[1] == pytest.approx(HEIGHT)
        (x1, y1), (x2, y2) = line.start, line.end
        on_horizon = x1 + (x2 - x1) * (CAMERA.horizon_y - y1) / (y2 - y1)
        assert on_horizon == pytest.approx(CAMERA.centre_x)


def test_nothing_nearer_than_the_picture_shows_is_drawn() -> None:
    high = replace(CAMERA, height_m=15.0)  # its picture begins 17 m ahead
    assert min(line.metres for line in grid_lines(high, HEIGHT, 40.0) if not math.isnan(line.metres)) == 20.0
    assert grid_lines(replace(CAMERA, horizon_y=HEIGHT), HEIGHT, 40.0) == []
    assert grid_lines(replace(CAMERA, height_m=60.0), HEIGHT, 40.0) == []


def test_the_reach_is_that_of_most_observations() -> None:
    assert reach_of(np.array([])) == reach_of(np.array([np.nan, 3.0])) == 20.0
    assert reach_of(np.array([*[34.0] * 19, 500.0])) == 40.0
    assert reach_of(np.full(9, 300.0)) == 60.0
