"""Windows around boxes: where they lie, what they show, and the way back to the picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.lamp_state.window import MARGIN, SIDE, SMALLEST, cut_windows, windows_of

edge = st.floats(-20, 120)
length = st.floats(1, 80)


@given(edge, edge, length, length)
def test_a_window_is_around_its_box_with_a_margin(left: float, top: float, wide: float, tall: float) -> None:
    box = np.array([left, top, left + wide, top + tall], np.float32)
    x, y, side = windows_of(box[None])[0]
    assert side >= SMALLEST
    assert abs(side - max(MARGIN * max(wide, tall), SMALLEST)) <= 0.51
    assert np.allclose([x + side / 2, y + side / 2], (box[:2] + box[2:]) / 2, atol=1.01)


@given(edge, edge, length, length)
def test_any_window_can_be_cut_even_outside_of_the_picture(left: float, top: float, wide: float, tall: float) -> None:
    picture = np.full((60, 100, 3), 77, np.uint8)
    box = np.array([[left, top, left + wide, top + tall]], np.float32)
    cut = cut_windows(picture, windows_of(box))
    assert cut.shape == (1, SIDE, SIDE, 3)
    assert (cut == 77).all()


def test_a_window_shows_what_the_picture_shows_there() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[30:55, 40:50] = (255, 0, 0)
    cut = cut_windows(picture, windows_of(np.array([[40, 30, 50, 55]], np.float32)))[0]
    assert (cut[SIDE // 2, SIDE // 2] == (255, 0, 0)).all()
    assert (cut[0, 0] == 0).all()
    assert np.isclose((cut[..., 0] == 255).mean(), 10 * 25 / 40**2, atol=0.02)


def test_no_boxes_no_windows() -> None:
    nothing = windows_of(np.zeros((0, 4), np.float32))
    assert cut_windows(np.zeros((10, 10, 3), np.uint8), nothing).shape == (0, SIDE, SIDE, 3)
