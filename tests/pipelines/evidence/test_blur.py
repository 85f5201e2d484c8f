from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.evidence.blur import blur, grown, heads

SIDE = st.integers(0, 180)
SIZE = st.integers(8, 90)


@settings(max_examples=40)
@given(SIDE, SIDE, SIZE, SIZE, st.integers(1, 4))
def test_no_texture_survives_inside_and_nothing_changes_outside(x: int, y: int, w: int, h: int, period: int) -> None:
    rows, columns = np.mgrid[:200, :200]
    pattern = np.where((rows // period + columns // period) % 2 == 0, 255, 0).astype(np.uint8)
    picture = np.repeat(pattern[:, :, None], 3, axis=2)
    before = picture.copy()
    blur(picture, np.array([[x, y, x + w, y + h]], np.float32))
    inside = picture[y : min(200, y + h), x : min(200, x + w), 0].astype(float)
    assert np.abs(np.diff(inside, axis=1)).max(initial=0) < 40
    outside = np.ones((200, 200), bool)
    outside[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2] = False
    assert np.array_equal(picture[outside], before[outside])


def test_regions_beyond_the_picture_are_left_out() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    blur(picture, np.array([[-90, -90, -10, -10], [60, 10, 90, 20], [-10, 40, 200, 90]], np.float32))


def test_a_head_is_the_upper_third_and_half_of_small_persons() -> None:
    large, small = heads(np.array([[100, 100, 160, 400], [10, 10, 30, 60]], np.float32))
    assert large[3] == 200
    assert large[0] < 100 < 160 < large[2]
    assert large[1] < 100
    assert small[3] == 35


def test_margins_grow_with_the_longer_side() -> None:
    assert grown(np.array([[0, 0, 100, 10]], np.float32), 0.1, 1.0).tolist() == [[-11, -11, 111, 21]]
