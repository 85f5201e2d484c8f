from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from vision.camera.given_optics import GivenOptics
from vision.camera.known_heights import Sights
from vision.camera.passed_lengths import FocalByLengths
from vision.camera.pinhole import FittedCamera, default_camera, fit_camera, scaled, with_focal
from vision.lens import Lens
from vision.log import GroundCamera, Mounting

SIZE = (1280, 720)
CAR = CLASS_ID["car"]


def traffic(horizon: float, height: float, count: int = 400, noise: float = 0.1) -> Sights:
    """Boxes of cars on a flat road as a camera of this horizon and height sees them, one at each look."""
    rng = np.random.default_rng(3)
    rows = rng.uniform(max(horizon, 0) + 40, SIZE[1] - 10, count)
    high = 1.52 * (rows - horizon) / height * (1 + rng.normal(0, noise, count))
    x = rng.uniform(100, 900, count)
    boxes = np.stack([x, rows - high, x + 1.2 * high, rows], axis=1).astype(np.float32)
    inside = (boxes[:, 1] > 5) & (boxes[:, 2] < SIZE[0] - 5)
    return Sights(boxes[inside], np.full(int(inside.sum()), CAR, np.int16), np.flatnonzero(inside) * 10)


@settings(max_examples=25, deadline=None)
@given(st.floats(-100, 250), st.floats(3.0, 12.0))
def test_a_fixed_cameras_horizon_and_height_are_read_off_the_traffic(horizon: float, height: float) -> None:
    fitted = fit_camera(traffic(horizon, height), SIZE, "fixed").camera
    assert fitted.sources == ("traffic",)
    assert fitted.height_m == pytest.approx(height, rel=0.12)
    assert fitted.horizon_y == pytest.approx(horizon, abs=40)


def test_lorries_among_the_cars_do_not_spoil_the_fit() -> None:
    sights = traffic(150.0, 5.0)
    sights.boxes[::8, 1] -= (sights.boxes[::8, 3] - sights.boxes[::8, 1]) * 0.9
    sights.boxes.clip(5, None, out=sights.boxes)
    assert fit_camera(sights, SIZE, "fixed").camera.height_m == pytest.approx(5.0, rel=0.15)


def test_without_traffic_the_default_is_kept_and_says_so() -> None:
    empty = Sights(np.zeros((0, 4), np.float32), np.zeros(0, np.int16), np.zeros(0, np.intp))
    found, default = fit_camera(empty, SIZE, "moving").camera, default_camera(*SIZE, "moving")
    assert (found.focal_px, found.horizon_y, found.height_m) == (default.focal_px, default.horizon_y, default.height_m)
    assert found.scale_std > 0.25  # a guess of focal length and of height
    assert fit_camera(empty, SIZE, "fixed").camera.sources == ("default",)
    assert fit_camera(empty, SIZE, "moving", horizon_y=300.0).camera.sources == ("flow",)


def test_a_dashcam_that_stands_is_told_from_a_camera_on_a_pole() -> None:
    fitted = fit_camera(traffic(420.0, 1.3, count=60, noise=0.03), SIZE, "fixed").camera
    assert fitted.height_m == pytest.approx(1.3, rel=0.15)
    assert fitted.horizon_y == pytest.approx(420.0, abs=30)


def test_the_horizon_of_a_drive_comes_from_its_flow_and_the_height_from_its_traffic() -> None:
    fitted = fit_camera(traffic(350.0, 1.5), SIZE, "moving", horizon_y=350.0)
    assert fitted.camera.horizon_y == pytest.approx(350.0, abs=3)
    assert fitted.camera.height_m == pytest.approx(1.5, rel=0.08)
    assert fitted.height_log_std < 0.07


def test_a_horizon_that_the_traffic_contradicts_gives_way() -> None:
    fitted = fit_camera(traffic(350.0, 1.3), SIZE, "moving", horizon_y=390.0).camera
    assert fitted.height_m == pytest.approx(1.3, rel=0.1)
    assert fitted.horizon_y == pytest.approx(350.0, abs=20)


@pytest.mark.parametrize(("horizon", "height"), [(250.0, 3.0), (100.0, 8.0)])
def test_a_few_cars_tell_how_high_a_fixed_camera_hangs(horizon: float, height: float) -> None:
    fitted = fit_camera(traffic(horizon, height, count=30, noise=0.05), SIZE, "fixed")
    assert fitted.camera.sources == ("default", "traffic")
    assert fitted.camera.height_m == pytest.approx(height, rel=0.15)


def test_boxes_at_the_pictures_edge_are_not_measured() -> None:
    sights = traffic(150.0, 5.0)
    sights.boxes[:, 0] = 0.0
    assert fit_camera(sights, SIZE, "fixed").camera.sources == ("default",)


@given(st.floats(0.3, 3.0), st.floats(0.05, 0.3))
def test_scaling_makes_every_way_longer_by_the_factor(factor: float, height_log_std: float) -> None:
    camera = default_camera(*SIZE, "moving")
    x, y = np.array([700.0]), np.array([500.0])
    forward, _ = camera.to_ground(x, y)
    longer, _ = scaled(FittedCamera(camera, height_log_std, 5.0), factor).to_ground(x, y)
    assert longer[0] == pytest.approx(forward[0] * factor, rel=1e-6)


def test_a_height_that_is_well_known_keeps_when_gps_tells_the_scale() -> None:
    camera = default_camera(*SIZE, "moving")
    sure, guessed = (scaled(FittedCamera(camera, std, 5.0), 1.3) for std in (0.05, 0.2))
    assert sure.height_m == pytest.approx(camera.height_m, rel=0.03)
    assert guessed.height_m == pytest.approx(camera.height_m * 1.3**0.5, rel=1e-6)


MOUNTINGS = st.sampled_from(["moving", "fixed"])
FLOW = st.none() | st.floats(300, 420)


@settings(max_examples=25, deadline=None)
@given(MOUNTINGS, FLOW, st.floats(-50, 600), st.floats(0.6, 9.0), st.floats(200, 4000))
def test_with_everything_given_it_is_the_camera_whatever_the_traffic_and_the_flow_say(
    mounting: Mounting, flow_y: float | None, horizon: float, height: float, focal: float
) -> None:
    known = GivenOptics("site file", focal, 600.0, horizon, height, Lens("pinhole", (-0.1,), 350.0), 0.02, 0.003)
    fitted = fit_camera(traffic(350.0, 1.5, count=60), SIZE, mounting, known, flow_y)
    assert fitted.camera == GroundCamera(focal, 600.0, horizon, height, ("site file",), known.lens, 0.02, 0.003)
    assert fitted.scale_given


@settings(max_examples=25, deadline=None)
@given(MOUNTINGS, FLOW, st.floats(0.9, 3.0), st.floats(300, 2000))
def test_given_focal_length_and_height_are_held_and_the_cars_show_the_horizon(
    mounting: Mounting, flow_y: float | None, height: float, focal: float
) -> None:
    known = GivenOptics("site file", focal_px=focal, height_m=height)
    camera = fit_camera(traffic(360.0, height), SIZE, mounting, known, flow_y).camera
    assert (camera.focal_px, camera.height_m, camera.scale_std) == (focal, height, 0.05)
    guess = default_camera(*SIZE, mounting).horizon_y if flow_y is None else flow_y
    assert abs(camera.horizon_y - 360.0) < max(8.0, 0.65 * abs(guess - 360.0))
    assert camera.pitch_std > 0.0087


@settings(max_examples=25, deadline=None)
@given(MOUNTINGS, st.floats(300, 420), st.floats(1.2, 2.7))
def test_a_given_horizon_is_held_and_the_cars_show_the_height(
    mounting: Mounting, horizon: float, height: float
) -> None:
    known = GivenOptics("site file", horizon_y=horizon)
    camera = fit_camera(traffic(horizon, height), SIZE, mounting, known).camera
    assert camera.horizon_y == horizon
    assert camera.height_m == pytest.approx(height, rel=0.1)
    assert camera.scale_std > 0.2  # nobody told the focal length


def test_a_given_height_is_no_windscreens_and_held_all_the_same() -> None:
    known = GivenOptics("site file", height_m=3.6)
    assert fit_camera(traffic(350.0, 1.4), SIZE, "moving", known).camera.height_m == 3.6


@pytest.mark.parametrize("share", [0.95, 1.05])
def test_a_place_with_smaller_or_larger_cars_hardly_moves_the_horizon_that_the_flow_shows(share: float) -> None:
    sights = traffic(350.0, 1.5, noise=0.03)
    sights.boxes[:, 1] = sights.boxes[:, 3] - share * (sights.boxes[:, 3] - sights.boxes[:, 1])
    known = GivenOptics("site file", focal_px=600.0, height_m=1.5)
    camera = fit_camera(sights, SIZE, "moving", known, 350.0).camera
    assert camera.horizon_y == pytest.approx(350.0, abs=4)


def test_uncertainties_of_what_is_given_outlast_what_parked_cars_show() -> None:
    known = GivenOptics("site file", horizon_y=350.0, pitch_std=0.02)
    fitted = fit_camera(traffic(350.0, 1.5), SIZE, "moving", known)
    longer = with_focal(fitted, FocalByLengths(1.2, 0.08, 3)).camera
    assert (longer.horizon_y, longer.pitch_std) == (350.0, 0.02)
    assert longer.scale_std < fitted.camera.scale_std


@given(st.floats(0.3, 3.0), st.booleans())
def test_gps_scales_what_was_not_given_and_only_that(factor: float, height_given: bool) -> None:
    known = GivenOptics("site file", height_m=1.5) if height_given else GivenOptics("site file", focal_px=3000.0)
    fitted = fit_camera(traffic(350.0, 1.5), SIZE, "moving", known, 350.0)
    camera, longer = fitted.camera, scaled(fitted, factor)
    expected = (factor, 1.0) if height_given else (1.0, factor)
    told = (longer.focal_px / camera.focal_px, longer.height_m / camera.height_m)
    assert told == pytest.approx(expected, rel=1e-9)


def test_an_upright_picture_has_its_field_of_view_along_its_long_side() -> None:
    assert default_camera(720, 1280, "moving").focal_px == default_camera(1280, 720, "moving").focal_px
