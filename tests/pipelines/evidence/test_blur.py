from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipelines.evidence.blur import FEATHER, LEAST_FEATHER_PX, Regions, blur, grown, heads

SIDE = st.integers(0, 180)
SIZE = st.integers(8, 90)
NONE = np.zeros((0, 4), np.float32)


def checked(period: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:200, :200]
    pattern = np.where((rows // period + columns // period) % 2 == 0, 255, 0).astype(np.uint8)
    return np.repeat(pattern[:, :, None], 3, axis=2)


def head(x1: float, y1: float, x2: float, y2: float) -> list[float]:
    return heads(np.array([[x1, y1, x2, y2]], np.float32))[0].tolist()


@settings(max_examples=40)
@given(SIDE, SIDE, SIZE, SIZE, st.integers(1, 4), st.booleans())
def test_no_texture_survives_inside_and_nothing_changes_outside(
    x: int, y: int, w: int, h: int, period: int, is_head: bool
) -> None:
    picture = checked(period)
    before = picture.copy()
    box = np.array([[x, y, x + w, y + h]], np.float32)
    blur(picture, Regions(box, NONE) if is_head else Regions(NONE, box))
    # Cells over strokes as wide as they are average to no even grey; what is left is one soft step a cell.
    cell = min(w, h) / 3 if is_head else max(w, h) / 3
    inside = picture[y : min(200, y + h), x : min(200, x + w), 0].astype(float)
    if cell >= 4 * period:
        assert np.abs(np.diff(inside, axis=1)).max(initial=0) < 40
    outside = np.ones((200, 200), bool)
    reach = int(np.ceil(max(LEAST_FEATHER_PX, FEATHER * min(w, h)))) + 1
    outside[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach] = False
    assert np.array_equal(picture[outside], before[outside])


def test_a_region_ends_softly_outside_of_its_box() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[:, :70] = 255
    blur(picture, Regions(np.array([[60, 60, 160, 160]], np.float32), NONE))
    left = picture[110, 44:64, 0].astype(int)
    assert (np.diff(left) <= 0).all()
    assert len(np.unique(left)) > 5


def test_regions_beyond_the_picture_are_left_out() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    boxes = np.array([[-90, -90, -10, -10], [60, 10, 90, 20], [-10, 40, 200, 90]], np.float32)
    blur(picture, Regions(boxes, boxes))


def test_what_is_to_be_kept_stays_as_it_is() -> None:
    picture = checked(3)
    before = picture.copy()
    blur(picture, Regions(np.array([[20, 20, 120, 120]], np.float32), NONE), np.array([[50, 50, 60, 80]], np.float32))
    assert np.array_equal(picture[50:80, 50:60], before[50:80, 50:60])
    assert not np.array_equal(picture[50:80, 62:72], before[50:80, 62:72])


def test_of_a_standing_person_the_upper_fifth_is_hidden() -> None:
    assert head(100, 100, 160, 400) == pytest.approx([100, 100, 160, 160])


@given(st.floats(30, 400), st.floats(0.2, 1.2))
def test_a_head_half_as_wide_as_the_shoulders_is_hidden_however_little_else_is_seen(
    height: float, shape: float
) -> None:
    """`shape`: width of the box by its height; a head is no higher than half of it and as high as wide."""
    width = shape * height
    x1, y1, x2, y2 = head(50, 50, 50 + width, 50 + height)
    assert (x1, y1, x2) == pytest.approx((50, 50, 50 + width))
    assert y2 >= 50 + min(0.5 * width, 0.5 * height) - 0.01


def test_all_of_a_small_person_and_of_one_who_lies_is_hidden() -> None:
    assert head(10, 10, 20, 34)[3] == 34
    assert head(10, 10, 210, 110)[3] == 110


def test_margins_grow_with_the_longer_side() -> None:
    assert grown(np.array([[0, 0, 100, 10]], np.float32), 0.1, 1.0).tolist() == [[-11, -11, 111, 21]]
