"""A standing camera's optics from the cars that pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pipelines.logs import Mover, make_log, mover
from vision.calibrate import calibrated
from vision.log import GroundCamera, ObservationLog

GUESS = GroundCamera(1500.0, 960.0, 270.0, 5.0, "default")


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
    found = calibrated(seen_by(GroundCamera(focal, 960.0, horizon, height, "true")))
    assert found.source == "vehicle shapes"
    assert found.focal_px == pytest.approx(focal, rel=0.25)
    assert found.height_m == pytest.approx(height, rel=0.2)
    row = np.array([700.0])
    scale, true = (row - found.horizon_y) / found.height_m, (row - horizon) / height
    assert scale == pytest.approx(true, rel=0.1)


def test_too_few_cars_change_nothing() -> None:
    assert calibrated(seen_by(GroundCamera(3000, 960.0, 100, 6, "true"), cars=2)) == GUESS


def test_what_is_no_car_changes_nothing() -> None:
    assert calibrated(seen_by(GroundCamera(3000, 960.0, 100, 6, "true"), name="bus")) == GUESS
