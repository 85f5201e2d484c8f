"""Rays through lenses of one family, from near equal-area to pinhole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.camera.rays import rays
from vision.camera.turns import LensEstimate
from vision.log import GroundCamera

BENDS = st.floats(-0.4, 1.0)
PLACES = st.floats(-500.0, 500.0)


def unit(x: float, y: float, focal: float, bend: float) -> np.ndarray:
    return rays(np.array([x, y]), focal, bend).unit


@given(PLACES, PLACES, BENDS)
def test_a_ray_is_one_long_and_leaves_in_the_direction_of_its_point(x: float, y: float, bend: float) -> None:
    ray = unit(x, y, 600.0, bend)
    assert np.linalg.norm(ray) == pytest.approx(1.0)
    assert ray[0] * y == pytest.approx(ray[1] * x, abs=1e-6)


@given(PLACES, PLACES, BENDS)
def test_pixels_per_radian_are_those_by_which_rays_turn(x: float, y: float, bend: float) -> None:
    x = max(x, 5.0)  # on the axis no direction leads away from it
    away = float(np.hypot(x, y))
    out, seen = np.array([x, y]) / away, rays(np.array([x, y]), 600.0, bend)
    for direction, pixels in ((out, seen.outward_px), (np.array([-out[1], out[0]]), seen.around_px)):
        ends = [unit(x + side * direction[0], y + side * direction[1], 600.0, bend) for side in (-0.5, 0.5)]
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(1.0 / float(pixels), rel=1e-3)


def test_a_pinhole_shows_the_tangent_and_an_equidistant_lens_the_angle() -> None:
    assert unit(600.0, 0.0, 600.0, 1.0) == pytest.approx([np.sqrt(0.5), 0.0, np.sqrt(0.5)])
    assert unit(600.0, 0.0, 600.0, 0.0) == pytest.approx([np.sin(1.0), 0.0, np.cos(1.0)])


@pytest.mark.parametrize("bend", [-0.2, 0.0, 0.25, 0.6])
def test_rays_are_those_of_the_lens_as_opencv_counts_it(bend: float) -> None:
    lens = LensEstimate(600.0, 0.05, bend, 0.05, 60, 0.0, 0.01).lens(360.0)
    camera = GroundCamera(600.0, 640.0, 360.0, 1.3, ("test",), lens)
    points = np.array([[640.0, 500.0], [900.0, 400.0], [400.0, 600.0]])
    seen = rays(points - (640.0, 360.0), 600.0, bend).unit
    assert camera.level(points) == pytest.approx(600.0 * seen[:, :2] / seen[:, 2:] + (640.0, 360.0), abs=0.5)
