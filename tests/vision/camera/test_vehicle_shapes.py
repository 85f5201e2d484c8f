"""A standing camera's optics from the cars that pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pipelines.logs import Mover, make_log, mover
from vision.camera.given_optics import GivenOptics
from vision.camera.vehicle_shapes import calibrated
from vision.log import GroundCamera, ObservationLog

GUESS = GroundCamera(1500.0, 960.0, 270.0, 5.0, ("default",))


def seen_by(true: GroundCamera, cars: int = 6, name: str = "car") -> ObservationLog:
    """Cars that drive away at a slant, `true` far enough to be in view, the log knowing only a guess."""
    far = true.focal_px / 1000.0
    things: list[Mover] = [
        mover(i, name, [(0.0, (15 + 3 * i) * far, -12 + 4 * i), (8.0, (60 - 3 * i) * far, 12 - 4 * i)], jitter_px=1.0)
        for i in range(cars)
    ]
    log = make_log(things, duration_s=8.0, rate_hz=5.0, camera=true)
    return replace(log, meta=replace(log.meta, ground_camera=GUESS))


@pytest.mark.parametrize(("focal", "horizon", "height"), [(1000, 200, 5), (4000, 100, 6), (1500, 0, 8)])
def test_a_long_lens_is_told_from_a_near_camera(focal: float, horizon: float, height: float) -> None:
    found = calibrated(seen_by(GroundCamera(focal, 960.0, horizon, height, ("true",))))
    assert found.sources == ("vehicle shapes",)
    assert found.focal_px == pytest.approx(focal, rel=0.25)
    assert found.height_m == pytest.approx(height, rel=0.2)
    row = np.array([700.0])
    scale, true = (row - found.horizon_y) / found.height_m, (row - horizon) / height
    assert scale == pytest.approx(true, rel=0.1)


@pytest.mark.parametrize(("focal", "horizon", "height"), [(1000, 200, 5), (4000, 100, 6), (1500, 0, 8)])
def test_what_is_given_is_held_and_makes_the_rest_surer(focal: float, horizon: float, height: float) -> None:
    log = seen_by(GroundCamera(focal, 960.0, horizon, height, ("true",)))
    level = calibrated(log, GivenOptics("site file", focal_px=focal, height_m=height))
    assert (level.focal_px, level.height_m, level.sources) == (focal, height, ("site file", "vehicle shapes"))
    assert level.horizon_y == pytest.approx(horizon, abs=25)
    high = calibrated(log, GivenOptics("site file", focal_px=focal, horizon_y=horizon))
    assert (high.focal_px, high.horizon_y) == (focal, horizon)
    assert high.height_m == pytest.approx(height, rel=0.1)


def test_what_is_given_is_held_where_no_cars_pass_too() -> None:
    log = seen_by(GroundCamera(3000, 960.0, 100, 6, ("true",)), cars=2)
    partly = GivenOptics("site file", focal_px=3000.0, height_m=6.0)
    assert calibrated(log, partly) == partly.over(GUESS)
    whole = replace(partly, horizon_y=110.0)
    assert calibrated(seen_by(GroundCamera(3000, 960.0, 100, 6, ("true",))), whole) == whole.over(GUESS)


def test_too_few_cars_change_nothing() -> None:
    assert calibrated(seen_by(GroundCamera(3000, 960.0, 100, 6, ("true",)), cars=2)) == GUESS


def test_what_is_no_car_changes_nothing() -> None:
    assert calibrated(seen_by(GroundCamera(3000, 960.0, 100, 6, ("true",)), name="bus")) == GUESS
