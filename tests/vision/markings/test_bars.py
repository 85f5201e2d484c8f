from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.log import GroundCamera
from vision.markings.bars import bars_on_ground

CAMERA = GroundCamera(640.0, 640.0, 340.0, 1.4, ("test",))


@given(
    forward=st.floats(6.0, 25.0),
    left=st.floats(-6.0, 6.0),
    turn=st.floats(-1.5, 1.5),
    length=st.floats(1.5, 5.0),
    slimness=st.floats(2.0, 10.0),
    first=st.integers(0, 3),
)
def test_a_rectangle_on_the_road_comes_back_from_its_pixels(
    forward: float, left: float, turn: float, length: float, slimness: float, first: int
) -> None:
    axis, width = np.array([np.cos(turn), np.sin(turn)]), length / slimness
    normal = np.array([-axis[1], axis[0]])
    centre = np.array([forward, left])
    corners = np.array(
        [centre + a * length / 2 * axis + b * width / 2 * normal for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    )
    corners = np.roll(corners, first, axis=0)
    pixels = np.stack(CAMERA.to_image(corners[:, 0], corners[:, 1]), axis=1)
    bars = bars_on_ground(pixels[None].astype(np.float32), CAMERA)
    assert bars.centre[0] == pytest.approx(centre, abs=0.02)
    assert abs(bars.axis[0] @ axis) == pytest.approx(1.0, abs=1e-3)
    assert bars.axis[0, 0] >= 0
    assert bars.length_m[0] == pytest.approx(length, rel=0.02)
    assert bars.width_m[0] == pytest.approx(width, rel=0.05)
    assert np.linalg.norm(bars.ends[0, 1] - bars.ends[0, 0]) == pytest.approx(length, rel=0.02)


def test_what_reaches_the_horizon_is_left_out() -> None:
    quad = np.array([[[600, 340], [620, 340], [620, 500], [600, 500]]], np.float32)
    assert len(bars_on_ground(quad, CAMERA)) == 0


def test_no_bars() -> None:
    assert len(bars_on_ground(np.zeros((0, 4, 2), np.float32), CAMERA)) == 0
