"""What several videos tell of one camera is put together by how sure each is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vision.camera.pinhole import FOCAL_LOG_STD, FittedCamera, default_camera, with_lens
from vision.camera.turns import LensEstimate
from vision.measured_camera import measured_camera
from vision.motion.heading import Heading
from vision.optics import Findings

SIZE = (1280, 720)
TURNS = LensEstimate(700.0, 0.08, 0.0, 0.05, 20, 0.05, 0.01)


def finding(turns: LensEstimate | None = None, gps: float = np.nan) -> Findings:
    camera = default_camera(*SIZE, "moving")
    if turns is not None:
        camera = with_lens(camera, turns, SIZE)
    focal_std = FOCAL_LOG_STD if turns is None else turns.focal_log_std
    fitted = FittedCamera(camera, 0.1, 5.0, focal_std)
    return Findings(fitted, Heading(660.0, 350.0, 2.0, 2.0), turns, None, gps)


def test_turns_give_the_lens_and_its_uncertainty() -> None:
    found = measured_camera([finding(), finding(turns=TURNS)], SIZE)
    assert found.camera.lens is not None
    assert found.camera.lens.roll_rad == pytest.approx(0.05)
    assert found.focal_px.value == pytest.approx(685.0, rel=0.04)
    assert found.focal_px.std / found.focal_px.value < 0.09
    assert found.focal_px.source == "turns"


def test_more_videos_do_not_make_a_guess_surer() -> None:
    one, many = measured_camera([finding()], SIZE), measured_camera([finding()] * 20, SIZE)
    assert many.focal_px.std == pytest.approx(one.focal_px.std)
    assert one.focal_px.source == "default"


def test_videos_that_contradict_each_other_make_it_less_sure() -> None:
    level, nodding = finding(), finding()
    lower = replace(nodding.fitted, camera=replace(nodding.fitted.camera, horizon_y=420.0))
    assert measured_camera([level, level], SIZE).horizon_y.std == 5.0
    assert measured_camera([level, replace(nodding, fitted=lower)], SIZE).horizon_y.std > 20


def test_gps_makes_focal_length_as_sure_as_the_height() -> None:
    with_gps, without = (measured_camera([finding(gps=factor)], SIZE) for factor in (1.2, np.nan))
    assert with_gps.focal_px.std / with_gps.focal_px.value < 0.12 < without.focal_px.std / without.focal_px.value
    assert with_gps.camera.scale_std < 0.05
    assert with_gps.focal_px.value * with_gps.height_m.value == pytest.approx(
        1.2 * without.focal_px.value * without.height_m.value, rel=1e-6
    )


def test_the_way_the_camera_looks() -> None:
    found = measured_camera([finding()], SIZE)
    assert found.yaw_rad is not None
    assert found.yaw_rad.value == pytest.approx(np.arctan(20 / found.focal_px.value))
    assert found.pitch_rad.value == pytest.approx(0.0)
    assert found.roll_rad is None
    with pytest.raises(ValueError, match="at least one"):
        measured_camera([], SIZE)
