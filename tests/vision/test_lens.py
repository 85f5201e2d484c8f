"""Points go through a lens and come back, and what it shows is what OpenCV's model of it shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.lens import Lens
from vision.log import GroundCamera

BARREL = Lens("pinhole", (-0.28, 0.07), 360.0)
FISHEYE = Lens("fisheye", (0.03, -0.01, 0.002, 0.0), 360.0)
CAMERA = GroundCamera(600.0, 640.0, 380.0, 1.4, ("test",))


def spots(camera: GroundCamera, count: int = 200) -> np.ndarray:
    """(N, 2) road points (forward, left) within 100 degrees of view."""
    rng = np.random.default_rng(1)
    forward = rng.uniform(3, 40, count)
    return np.stack([forward, forward * rng.uniform(-1.1, 1.1, count)], axis=1)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([BARREL, FISHEYE]), st.floats(-0.1, 0.1), st.floats(260.0, 480.0))
def test_the_road_comes_back_through_the_lens(lens: Lens, roll: float, horizon: float) -> None:
    camera = replace(CAMERA, horizon_y=horizon, lens=replace(lens, roll_rad=roll))
    forward, left = spots(camera).T
    shown = camera.to_image(forward, left)
    assert np.isfinite(shown).mean() > 0.9
    back = camera.to_ground(*shown)
    seen = np.isfinite(shown[0])
    assert np.allclose(back[0][seen], forward[seen], rtol=1e-3)
    assert np.allclose(back[1][seen], left[seen], rtol=1e-3, atol=1e-2)


def test_a_fisheye_shows_what_opencv_says() -> None:
    camera = replace(CAMERA, horizon_y=360.0, lens=FISHEYE)
    forward, left = spots(camera).T
    rays = np.column_stack([-left, np.full(len(left), camera.height_m), forward])[:, None]
    matrix = np.array([[600.0, 0, 640.0], [0, 600.0, 360.0], [0, 0, 1]])
    shown, _ = cv2.fisheye.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, np.array(FISHEYE.distortion))
    assert np.allclose(np.stack(camera.to_image(forward, left), axis=1), shown[:, 0], atol=1e-6)


def test_without_distortion_a_level_lens_is_the_plain_pinhole() -> None:
    plain, bare = replace(CAMERA, horizon_y=360.0), replace(CAMERA, horizon_y=360.0, lens=Lens("pinhole", (), 360.0))
    forward, left = spots(plain).T
    assert np.allclose(plain.to_image(forward, left), bare.to_image(forward, left))


def test_roll_lowers_the_horizon_to_the_right() -> None:
    camera = replace(CAMERA, lens=Lens("pinhole", (), 360.0, roll_rad=0.05))
    far = np.full(2, 1e5)
    x, y = camera.to_image(far, far * [0.5, -0.5])
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(np.tan(0.05), rel=0.01)
    assert y.mean() == pytest.approx(camera.horizon_y, abs=2)


@pytest.mark.parametrize("lens", [BARREL, FISHEYE, replace(FISHEYE, roll_rad=0.06)])
def test_the_horizon_is_where_it_was_said_to_be(lens: Lens) -> None:
    camera = replace(CAMERA, lens=lens)
    x, y = camera.to_image(np.array([1e6]), np.array([0.0]))
    level = camera.level(np.array([[camera.centre_x, camera.horizon_y]]))
    assert level[0, 1] == pytest.approx(camera.horizon_y, abs=0.01)
    assert np.isnan(camera.to_ground(x, y - 5)[0]).all()


def test_what_lies_outside_the_lens_is_nowhere() -> None:
    camera = replace(CAMERA, lens=Lens("pinhole", (-0.6, 0.05), 360.0))
    x, y = camera.to_image(np.array([1.0]), np.array([3.0]))
    assert np.isnan([x, y]).all()
    assert np.isnan(replace(CAMERA, lens=FISHEYE).to_ground(np.array([5000.0]), np.array([700.0]))).all()


def test_nothing_in_nothing_out() -> None:
    nothing = np.zeros(0)
    assert replace(CAMERA, lens=FISHEYE).to_ground(nothing, nothing)[0].shape == (0,)
    assert replace(CAMERA, lens=BARREL).to_image(nothing, nothing)[0].shape == (0,)


def test_a_lens_takes_no_more_coefficients_than_its_model_has() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        Lens("fisheye", (0.1, 0.1, 0.1, 0.1, 0.1), 0.0)


@given(st.floats(2.0, 60.0))
def test_far_places_are_less_certain_the_less_flat_the_road(forward: float) -> None:
    flat, hilly = replace(CAMERA, pitch_std=0.001), replace(CAMERA, pitch_std=0.02)
    at, pixels = np.array([forward]), np.array([1.0])
    assert hilly.distance_std(at, pixels)[0] > flat.distance_std(at, pixels)[0] > 0.05 * forward
